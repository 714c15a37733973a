import { connection } from "next/server";
import { Bridge } from "./bridge";

export const metadata = { title: "Signing in" };

/** Rendered per request, because its script needs the nonce of the request. */
export default async function Page() {
  await connection();
  return <Bridge />;
}
