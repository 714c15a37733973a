import "server-only";
import type { TokenCredential } from "@azure/core-auth";
import type { Config } from "@/lib/config";

/** A credential that acts as the person whose validated token this is. Throws AppError step_up with the claims. */
export function asUser(_config: Config, _token: string): TokenCredential {
  throw new Error("being written");
}
