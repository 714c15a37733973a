/**
 * Who can reach a vault over the network: everybody; chosen networks, this server's among them (`admitted`) or not (`firewall`);
 * private endpoints only, none of which this server reaches (`private`).
 */
export const VAULT_NETWORKS = ["public", "admitted", "firewall", "private"] as const;
export type VaultNetwork = (typeof VAULT_NETWORKS)[number];

/** Whether a call of this server to the vault's own address would be refused. */
export function isClosed(network: VaultNetwork): network is "firewall" | "private" {
  return network === "firewall" || network === "private";
}
