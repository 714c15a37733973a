import { readReadiness } from "@/lib/health/readiness";

export const dynamic = "force-dynamic";

/** Whether people should be sent to this process. Open to everyone, as `/api/health`. */
export async function GET(): Promise<Response> {
  const answer = await readReadiness();
  const status = answer.status === "unavailable" ? 503 : 200;
  return Response.json(answer, { status, headers: { "cache-control": "no-store" } });
}
