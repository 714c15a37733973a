import { BlockList, isIP } from "node:net";
import type { Caller, Context } from "../context";
import type { Vault } from "../model";
import { privateConnections } from "../private-endpoints";
import { callerText, operationForbidden, vaultText } from "./vault-errors";

/**
 * Refuses a call that the vault's network settings do not let in.
 *
 * Order as in Azure: what comes by a private endpoint is past both, then the switch "public network access", then the
 * firewall's rules for subnets and addresses. Trusted services have no counterpart here. Every caller comes from a public
 * address, and is in the network that the tenant was started with, if any.
 * @throws AzureError 403 with inner code `ForbiddenByConnection` or `ForbiddenByFirewall`.
 */
export function checkNetwork(context: Context, vault: Vault, caller: Caller, address: string): void {
  const { subnets = [], endpointScopes = [] } = context.settings.callerNetwork ?? {};
  if (privateConnections(vault).some(({ endpointId }) => liesIn(endpointId, endpointScopes))) return;
  if (vault.publicNetworkAccess === "Disabled")
    throw operationForbidden(
      `Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: ${callerText(context, caller)}\r\nVault: ${vaultText(vault)}`,
      "ForbiddenByConnection",
    );
  const acls = vault.networkAcls;
  if (!acls || acls.defaultAction === "Allow") return;
  // What comes from a subnet with the service endpoint bears no public address.
  const isFromSubnet = subnets.length > 0;
  if (!isFromSubnet && addressInRules(address, acls.ipRules)) return;
  if (acls.virtualNetworkRules.some(({ id }) => subnets.includes(id.toLowerCase()))) return;
  throw operationForbidden(
    `Client address is not authorized and caller is not a trusted service.\r\nClient address: ${address}\r\nCaller: ${callerText(context, caller)}\r\nVault: ${vaultText(vault)}`,
    "ForbiddenByFirewall",
  );
}

function liesIn(id: string, scopes: readonly string[]): boolean {
  const lower = id.toLowerCase();
  return scopes.some((scope) => lower === scope || lower.startsWith(`${scope}/`));
}

/** True when the address is one of the rules or lies in one of their CIDR ranges. Rules that are no address match nothing. */
export function addressInRules(address: string, rules: readonly { value: string }[]): boolean {
  const family = familyOf(address);
  if (!family) return false;
  const list = new BlockList();
  for (const { value } of rules) {
    const [network = "", prefix] = value.split("/");
    const ruleFamily = familyOf(network);
    if (!ruleFamily) continue;
    const bits = prefix === undefined ? (ruleFamily === "ipv4" ? 32 : 128) : Number(prefix);
    if (Number.isInteger(bits) && bits >= 0 && bits <= (ruleFamily === "ipv4" ? 32 : 128))
      list.addSubnet(network, bits, ruleFamily);
  }
  return list.check(address, family);
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : undefined;
}
