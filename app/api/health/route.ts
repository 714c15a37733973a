export const dynamic = "force-dynamic";

/** The process lives. Open to everyone, since whoever watches a container has not signed in. */
export async function GET(): Promise<Response> {
  return Response.json({ status: "live" }, { headers: { "cache-control": "no-store" } });
}
