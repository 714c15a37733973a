import "server-only";
import type { VaultResource } from "@/lib/azure/vaults";

/** Why this server cannot write into the vault over the network, with what to do; undefined when it can. */
export function unreachable({ network }: Pick<VaultResource, "network">): string | undefined {
  if (network === "public") return undefined;
  const why =
    network === "firewall"
      ? "The vault's firewall lets only chosen networks in."
      : "The vault takes connections from its private endpoints only.";
  return `${why} This product never opens a firewall: plant from a worker inside the vault's network.`;
}
