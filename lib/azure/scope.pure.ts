import { GROUP_NAME, normaliseId, parseVaultId, SUBSCRIPTION_ID, type VaultId } from "./resource-id.pure";

export type ScopeLevel = "vault" | "group" | "subscription";

/** One vault, or all vaults of a resource group or a subscription. */
export interface Scope {
  /** Normalised id. */
  id: string;
  level: ScopeLevel;
}

const SUBSCRIPTION = new RegExp(`^${SUBSCRIPTION_ID}$`);
const GROUP = new RegExp(`^${SUBSCRIPTION_ID}/resourcegroups/${GROUP_NAME}$`, "u");

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
