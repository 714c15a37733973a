import "server-only";
import type { TokenCredential } from "@azure/core-auth";
import type { Config, ServiceIdentity } from "@/lib/config";

/** The credential of one of the product's own identities. */
export function identityCredential(_config: Config, _name: ServiceIdentity): TokenCredential {
  throw new Error("being written");
}
