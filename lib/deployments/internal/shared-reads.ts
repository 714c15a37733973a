import "server-only";
import type { Kysely } from "kysely";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { type Assignments, listAssignments, planterAssignments } from "@/lib/coverage/assignments";
import { readSettings } from "@/lib/settings/settings";
import type { Settings } from "@/lib/settings/settings.pure";
import type { Database } from "@/lib/store/schema";
import { Kept } from "./kept";

/*
 * What many items of a deployment ask at the same time is read once for all of them. Kept per database, so that two
 * products in one process (tests) share nothing.
 */

const ASSIGNMENTS_MS = 60_000;
const SETTINGS_MS = 1_000;
const NAMES_MS = 30_000;
/** Vaults whose names are kept, and names of each: enough to learn a team's words from. */
const VAULTS_KEPT = 2_000;
const NAMES_KEPT = 60;
const SIBLINGS_MAX = 8;

interface Shared {
  assignments: Kept<Assignments>;
  settings: Kept<Settings>;
  elsewhere: Kept<Set<string>>;
  vaultNames: Map<string, readonly string[]>;
}

const all = new WeakMap<Kysely<Database>, Shared>();

function sharedOf(db: Kysely<Database>): Shared {
  let shared = all.get(db);
  if (!shared) {
    shared = {
      assignments: new Kept(ASSIGNMENTS_MS),
      settings: new Kept(SETTINGS_MS),
      elsewhere: new Kept(NAMES_MS),
      vaultNames: new Map(),
    };
    all.set(db, shared);
  }
  return shared;
}

/** The role assignments of a person, as the collecting identity sees them; at most a minute old. */
export function assignmentsOf({ azure, db, now }: ServiceContext, oid: string): Promise<Assignments> {
  return sharedOf(db).assignments.get(oid, now().getTime(), () => listAssignments(azure.collector, oid));
}

/** What the planting identity holds for good; at most a minute old. */
export function standingOfPlanter(service: ServiceContext): Promise<Assignments> {
  const { db, now } = service;
  return sharedOf(db).assignments.get("planter", now().getTime(), () => planterAssignments(service));
}

/** The settings; at most a second old. */
export function settingsNow({ db, now }: Pick<ServiceContext, "db" | "now">): Promise<Settings> {
  return sharedOf(db).settings.get("all", now().getTime(), () => readSettings(db));
}

/** Lower-case names of decoys anywhere, which no other vault is given again. The caller adds those that it chooses. */
export function namesElsewhere({ db, now }: Pick<ServiceContext, "db" | "now">): Promise<Set<string>> {
  return sharedOf(db).elsewhere.get("all", now().getTime(), async () => {
    const rows = await db.selectFrom("decoy").select("name").execute();
    return new Set(rows.map(({ name }) => name.toLowerCase()));
  });
}

/** Keeps a vault's names for its neighbours to learn words from. */
export function rememberVaultNames(db: Kysely<Database>, vaultId: VaultId, names: readonly string[]): void {
  const { vaultNames } = sharedOf(db);
  vaultNames.delete(vaultId);
  vaultNames.set(vaultId, names.slice(0, NAMES_KEPT));
  const [oldest] = vaultNames.keys();
  if (vaultNames.size > VAULTS_KEPT && oldest !== undefined) vaultNames.delete(oldest);
}

/** Names of other vaults of the same resource group, a list for each, as far as they were listed lately. */
export function siblingNames(db: Kysely<Database>, vaultId: VaultId): (readonly string[])[] {
  const group = vaultId.slice(0, vaultId.lastIndexOf("/") + 1);
  const found: (readonly string[])[] = [];
  for (const [id, names] of sharedOf(db).vaultNames) {
    if (id === vaultId || !id.startsWith(group)) continue;
    found.push(names);
    if (found.length === SIBLINGS_MAX) break;
  }
  return found;
}
