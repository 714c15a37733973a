import { normaliseId, parseVaultId, type VaultId } from "./resource-id.pure";

export type ScopeLevel = "vault" | "group" | "subscription";

/** One vault, or all vaults of a resource group or a subscription. */
export interface Scope {
  /** Normalised id. */
  id: string;
  level: ScopeLevel;
}

const SUBSCRIPTION = /^\/subscriptions\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const GROUP =
  /^\/subscriptions\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\/resourcegroups\/[-\w._()]{1,90}$/;

/** The scope that `text` names, or undefined when it is the id of neither a vault, a resource group nor a subscription. */
export function parseScope(text: string): Scope | undefined {
  const vault = parseVaultId(text);
  if (vault) return { id: vault, level: "vault" };
  const id = normaliseId(text);
  if (GROUP.test(id)) return { id, level: "group" };
  return SUBSCRIPTION.test(id) ? { id, level: "subscription" } : undefined;
}

/** The ids of the scopes that hold a vault, the narrowest first: itself, its resource group, its subscription. */
export function scopesOf(vaultId: VaultId): [string, string, string] {
  const parts = vaultId.split("/");
  return [vaultId, parts.slice(0, 5).join("/"), parts.slice(0, 3).join("/")];
}
