import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { type ArmObject, listKeysByArm, listSecretsByArm } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import type { ListedObject, VaultPicture } from "@/lib/decoys/picture";
import { rememberVaultNames, siblingNames } from "./shared-reads";
import type { VersionLog } from "./version-log";

/** What a vault holds as ARM lists it: two collection lists, which name no object in the vault's log. */
export async function listVault({ azure }: Pick<ServiceContext, "azure">, vaultId: VaultId): Promise<ArmObject[]> {
  const [secrets, keys] = await Promise.all([
    listSecretsByArm(azure.collector, vaultId),
    listKeysByArm(azure.collector, vaultId),
  ]);
  return [...secrets, ...keys];
}

/** What else was asked about a vault; undefined where it was not. */
interface Asked {
  /** When versions were made. */
  versions?: VersionLog | undefined;
  /** When the vault was made. */
  since?: Date | undefined;
  /** Names of what was deleted and can be recovered, as the log shows it: the lists themselves are seen only by the planter. */
  deleted?: readonly string[];
}

/** The picture of a vault whose lists were just read. Its names are kept for its neighbours to learn words from. */
export function vaultPicture(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  vaultId: VaultId,
  listed: readonly ArmObject[],
  { versions, since, deleted = [] }: Asked,
): VaultPicture {
  const names = listed.map(({ name }) => name);
  rememberVaultNames(db, vaultId, names);
  const picture = pictureOf(vaultId, listed, { families: siblingNames(db, vaultId), versions, now: now() });
  return { ...picture, softDeleted: deleted, since };
}

/**
 * The picture that the generator learns from. Partial where little is known: an object without dates has none to learn
 * from but counts as a name; earlier versions are known as far as the audit log was asked and reaches.
 */
export function pictureOf(
  vaultId: VaultId,
  listed: readonly ArmObject[],
  {
    families,
    versions,
    now,
  }: { families: readonly (readonly string[])[]; versions: VersionLog | undefined; now: Date },
): VaultPicture {
  const paired = namesOfBothKinds(listed);
  return {
    objects: listed.map((object) => {
      const made = versions && (versions.get(`${vaultId}/${object.kind}s/${object.name.toLowerCase()}`) ?? []);
      return neighbour(object, paired.has(object.name.toLowerCase()), made, now);
    }),
    softDeleted: [],
    siblings: families.flat(),
    families,
  };
}

function neighbour(object: ArmObject, managed: boolean, made: readonly Date[] | undefined, now: Date): ListedObject {
  const { name, kind, enabled, notBefore, expires, contentType, tags, key } = object;
  const created = object.created ?? object.updated ?? now;
  return {
    name,
    kind,
    enabled,
    managed,
    created,
    updated: object.updated ?? created,
    notBefore,
    expires,
    contentType,
    tags: Object.keys(tags).length > 0 ? tags : undefined,
    key,
    versions: made && versionsOf(made, created),
  };
}

/** A row in the log may be some seconds off what the list says of the same version. */
const SAME_VERSION_MS = 60_000;

/** Those in the log, and the current one where the log does not reach back to it. */
function versionsOf(made: readonly Date[], created: Date): readonly Date[] {
  const [first] = made;
  if (first !== undefined && first.getTime() <= created.getTime() + SAME_VERSION_MS) return made;
  return [created, ...made];
}

/**
 * A certificate shows as a secret and a key of its name, and ARM does not say so otherwise. Such names of both kinds are
 * taken for one: their habits are the certificate's.
 */
function namesOfBothKinds(listed: readonly ArmObject[]): ReadonlySet<string> {
  const of = (kind: ArmObject["kind"]) => listed.flatMap((one) => (one.kind === kind ? [one.name.toLowerCase()] : []));
  const keys = new Set(of("key"));
  return new Set(of("secret").filter((name) => keys.has(name)));
}
