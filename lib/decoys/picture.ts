/** One object of a vault as its collection list gives it. Dates of the current version; absent is `undefined`. */
export interface ListedObject {
  name: string;
  kind: "secret" | "key";
  enabled: boolean;
  /** Made and renewed by a certificate of the same name. */
  managed: boolean;
  created: Date;
  updated: Date;
  expires?: Date | undefined;
  notBefore?: Date | undefined;
  contentType?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  /** Keys only, where they were listed through ARM. */
  key?: KeyShape | undefined;
  /** When each version was made, oldest first, where versions were listed. Its length is their number. */
  versions?: readonly Date[] | undefined;
}

/** How a key is made: Key Vault's `kty`, with bits for RSA and a curve for EC. */
export interface KeyShape {
  type: string;
  size?: number | undefined;
  curve?: string | undefined;
}

/** What listing shows of a vault, and the names of its team's other vaults. */
export interface VaultPicture {
  objects: readonly ListedObject[];
  /** When the vault was made, where that is known. */
  since?: Date | undefined;
  /** Names that were deleted and can still be recovered. */
  softDeleted: readonly string[];
  /** Names in other vaults of the same team: words are borrowed from them, names never. */
  siblings: readonly string[];
  /** The same names, a list for each vault, where they are known apart. */
  families?: readonly (readonly string[])[] | undefined;
}

const DAY_MS = 86_400_000;

export function daysBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / DAY_MS;
}

export function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * DAY_MS);
}

/** When an object first existed, as far as listing tells. */
export function bornOf(object: ListedObject): Date {
  return object.versions?.[0] ?? object.created;
}

/** What people made themselves: a certificate's companions follow other habits. */
export function madeByHand(picture: VaultPicture): readonly ListedObject[] {
  return picture.objects.filter(({ managed }) => !managed);
}
