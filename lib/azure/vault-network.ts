import "server-only";
import { BlockList, isIPv4 } from "node:net";
import { z } from "zod";
import { normaliseId } from "./resource-id.pure";
import type { VaultNetwork } from "./vault-network.pure";

/** Where this server's calls to vaults come from, as its configuration says; empty lists = nobody has said. */
export interface Outbound {
  /** Public IPv4 addresses that calls may leave from. */
  addresses: readonly string[];
  /** Normalised ids of the subnets that calls may leave from. */
  subnets: readonly string[];
  /** Normalised ids of subscriptions, resource groups or single endpoints: what private endpoints lie in there is reached. */
  endpointScopes: readonly string[];
}

/** Nobody has said where calls come from: only vaults that are open to everybody are reached. */
export const ANYWHERE: Outbound = { addresses: [], subnets: [], endpointScopes: [] };

function listOf<T extends z.ZodType>(one: T) {
  return z
    .array(one)
    .nullish()
    .transform((list) => list ?? []);
}

const NetworkAcls = z.object({
  defaultAction: z.string().nullish(),
  ipRules: listOf(z.object({ value: z.string() })),
  virtualNetworkRules: listOf(z.object({ id: z.string() })),
});

const Connection = z.object({
  privateEndpoint: z.object({ id: z.string().nullish() }).nullish(),
  privateLinkServiceConnectionState: z.object({ status: z.string().nullish() }).nullish(),
});

/** What of a vault's `properties` is about its network, as Resource Graph has it and as the SDK for Azure Resource Manager does. */
export const NetworkSettings = z.object({
  publicNetworkAccess: z.string().nullish(),
  networkAcls: NetworkAcls.nullish(),
  privateEndpointConnections: listOf(
    z.union([z.object({ properties: Connection }).transform(({ properties }) => properties), Connection]),
  ),
});
type NetworkSettings = z.infer<typeof NetworkSettings>;

/**
 * Who can reach a vault, from its settings. Of the addresses and subnets that calls may leave from each has to be let in, since any
 * call may leave from any: one from a subnet with the service endpoint bears no public address. A vault that is closed to public networks takes no address and no subnet, whatever its rules say.
 */
export function networkOf(settings: NetworkSettings, outbound: Outbound): VaultNetwork {
  const { publicNetworkAccess, networkAcls } = settings;
  const closed = publicNetworkAccess?.toLowerCase() === "disabled";
  if (!closed && networkAcls?.defaultAction?.toLowerCase() !== "deny") return "public";
  if (reachesEndpoint(settings, outbound)) return "admitted";
  if (closed) return "private";
  return letsIn(networkAcls, outbound) ? "admitted" : "firewall";
}

function reachesEndpoint({ privateEndpointConnections }: NetworkSettings, { endpointScopes }: Outbound): boolean {
  return privateEndpointConnections.some(({ privateEndpoint, privateLinkServiceConnectionState: state }) => {
    if (!privateEndpoint?.id || state?.status?.toLowerCase() !== "approved") return false;
    const id = normaliseId(privateEndpoint.id);
    return endpointScopes.some((scope) => id === scope || id.startsWith(`${scope}/`));
  });
}

function letsIn(acls: NetworkSettings["networkAcls"], { addresses, subnets }: Outbound): boolean {
  if (!acls || subnets.length + addresses.length === 0) return false;
  const admitted = new Set(acls.virtualNetworkRules.map(({ id }) => normaliseId(id)));
  const ranges = rangesOf(acls.ipRules.map(({ value }) => value));
  return subnets.every((subnet) => admitted.has(subnet)) && addresses.every((address) => ranges.check(address));
}

/** Key Vault takes IPv4 only. What is no address or range lets nobody in. */
function rangesOf(rules: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const rule of rules) {
    const [address = "", bits = "32"] = rule.split("/");
    if (isIPv4(address) && /^\d{1,2}$/.test(bits) && Number(bits) <= 32) ranges.addSubnet(address, Number(bits));
  }
  return ranges;
}
