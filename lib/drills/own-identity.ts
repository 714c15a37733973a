import "server-only";
import type { Config, ServiceIdentity } from "@/lib/config";

/**
 * Another of the product's identities that is the same as the drill's; undefined when the drill has one of its own.
 * While it has none, no drill is made.
 */
export function drillSharesWith({
  drill,
  ...others
}: Config["identities"]): Exclude<ServiceIdentity, "drill"> | undefined {
  const names = ["planter", "collector", "registrar", "granter"] as const;
  return names.find((name) => others[name].objectId.toLowerCase() === drill.objectId.toLowerCase());
}
