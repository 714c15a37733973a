import { type Estate, type Item, isListed, type Vault } from "./life";

/** What listing shows of one object at one moment. Times are days. */
export interface Listed {
  name: string;
  kind: "secret" | "key";
  managed: boolean;
  enabled: boolean;
  contentType: string | undefined;
  tags: ReadonlyMap<string, string>;
  keyType: string;
  /** Of the current version, as Key Vault lists it. */
  created: number;
  updated: number;
  expires: number | undefined;
  notBefore: number | undefined;
  /** When each version was made, oldest first; a list of versions shows them. */
  versions: readonly number[];
  item: Item;
}

/** One object as listing shows it on `day`, undefined when it is not there. */
function listed(item: Item, day: number): Listed | undefined {
  if (!isListed(item, day)) return undefined;
  const versions = item.versions.filter(({ at }) => at <= day);
  const current = versions.at(-1);
  if (current === undefined) return undefined;
  const { keyType } = item;
  return {
    name: item.name,
    kind: item.kind,
    managed: item.managed,
    enabled: item.disabledFrom > day,
    contentType: item.contentType,
    tags: new Map(Object.entries(item.tags ?? {})),
    keyType: keyType === undefined ? "" : `${keyType.type} ${keyType.size ?? keyType.curve}`,
    created: current.at,
    updated: Math.max(current.at, ...[...item.touched, item.disabledFrom].filter((at) => at <= day)),
    expires: current.expires,
    notBefore: item.notBefore ? current.at : undefined,
    versions: versions.map(({ at }) => at),
    item,
  };
}

/** A whole vault, in an order that says nothing. */
export function listVault(vault: Vault, day: number): Listed[] {
  return vault.items
    .flatMap((item) => listed(item, day) ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.kind < b.kind ? -1 : 1));
}

/** Other vaults of the same team. */
export function siblingsOf(estate: Estate, vault: Vault): Vault[] {
  return estate.vaults.filter((other) => other !== vault && other.team === vault.team);
}
