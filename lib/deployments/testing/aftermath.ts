import { z } from "zod";

/*
 * What stands in the simulated tenant around one vault, asked from the tenant itself, and what must not be there after
 * a planting, however often its process was killed.
 */

export interface Expected {
  /** ARM id. */
  vaultId: string;
  kind: "secret" | "key";
  count: number;
  /** Object id of the identity that plants. */
  planter: string;
  /** Milliseconds that the tenant takes to show a new register row. */
  registerDelay: number;
}

const Vault = z.looseObject({ id: z.string(), accessPolicies: z.array(z.unknown()) });
const StoredObject = z.looseObject({
  vaultId: z.string(),
  kind: z.string(),
  name: z.string(),
  versions: z.array(z.looseObject({ version: z.string(), enabled: z.boolean() })),
  deletedAt: z.number().optional(),
});
const Row = z.looseObject({
  itemId: z.string(),
  fields: z.record(z.string(), z.string()),
  createdAt: z.number(),
  deleted: z.boolean().optional(),
});
const Assignment = z.looseObject({ id: z.string(), scope: z.string(), principalId: z.string() });
const LogRow = z.looseObject({ timeGenerated: z.number(), values: z.record(z.string(), z.unknown()) });

export interface Snapshot {
  vault: z.infer<typeof Vault>;
  objects: z.infer<typeof StoredObject>[];
  rows: z.infer<typeof Row>[];
  assignments: z.infer<typeof Assignment>[];
  log: z.infer<typeof LogRow>[];
}

export async function snapshotOf(simulator: string, { vaultId }: Expected): Promise<Snapshot> {
  const get = async <T>(what: string, schema: z.ZodType<T>): Promise<T> =>
    schema.parse(await (await fetch(`${simulator}/sim/${what}`)).json());
  const all = async <T>(name: string, schema: z.ZodType<T>): Promise<T[]> =>
    (await get(`collections/${name}`, z.object({ documents: z.array(schema) }))).documents;
  const id = vaultId.toLowerCase();
  const here = (other: string | undefined): boolean => other?.toLowerCase() === id;
  const name = id.slice(id.lastIndexOf("/") + 1);
  const vault = (await all("vaults", Vault)).find((one) => here(one.id));
  if (!vault) throw new Error(`The tenant has no vault ${vaultId}.`);
  return {
    vault,
    objects: (await all("objects", StoredObject)).filter((one) => here(one.vaultId)),
    rows: (await all("watchlistItems", Row)).filter((one) => here(one.fields.ResourceId)),
    assignments: (await all("roleAssignments", Assignment)).filter((one) => here(one.scope)),
    log: (await get(`log-rows?vault=${name}`, z.object({ rows: z.array(LogRow) }))).rows,
  };
}

/** Everything between the two snapshots that is not exactly the planned decoys, registered, watched and alone. */
export function differences(before: Snapshot, after: Snapshot, expected: Expected): string[] {
  const faults: string[] = [];
  const known = new Map(before.objects.map((object) => [`${object.kind}/${object.name}`, object]));
  const added = after.objects.filter((object) => !known.has(`${object.kind}/${object.name}`));
  if (added.length !== expected.count) faults.push(`${added.length} new objects instead of ${expected.count}`);
  for (const object of added) {
    if (object.kind !== expected.kind) faults.push(`a ${object.kind} instead of a ${expected.kind}`);
    if (object.versions.length !== 1) faults.push(`a new object with ${object.versions.length} versions`);
    if (object.versions.some((version) => !version.enabled)) faults.push("a disabled decoy");
    if (object.deletedAt !== undefined) faults.push("a deleted decoy");
  }
  for (const [key, object] of known) {
    const now = after.objects.find((one) => `${one.kind}/${one.name}` === key);
    if (JSON.stringify(now) !== JSON.stringify(object)) faults.push("an object that was there was changed");
  }
  faults.push(...rightsLeft(before, after), ...registerFaults(before, after, added, expected));
  faults.push(...logFaults(before, after, added, expected));
  return faults;
}

function rightsLeft(before: Snapshot, after: Snapshot): string[] {
  const faults: string[] = [];
  const ids = (snapshot: Snapshot): string => JSON.stringify(snapshot.assignments.map(({ id }) => id).sort());
  if (ids(before) !== ids(after)) faults.push("the role assignments at the vault are not as before");
  if (JSON.stringify(before.vault.accessPolicies) !== JSON.stringify(after.vault.accessPolicies)) {
    faults.push("the access policies are not as before");
  }
  return faults;
}

function registerFaults(
  before: Snapshot,
  after: Snapshot,
  added: Snapshot["objects"],
  { vaultId, kind }: Expected,
): string[] {
  const old = new Set(before.rows.map((row) => row.itemId));
  const rows = after.rows.filter((row) => !old.has(row.itemId) && row.deleted !== true);
  const wanted = added.map((object) => `${vaultId}/${kind}s/${object.name}`.toLowerCase()).sort();
  const found = rows.map((row) => row.fields.TokenKey ?? "").sort();
  const faults =
    JSON.stringify(wanted) === JSON.stringify(found) ? [] : ["the register's rows are not the new objects"];
  if (rows.some((row) => row.fields.State !== "live")) faults.push("a register row that is not live");
  return faults;
}

function logFaults(
  before: Snapshot,
  after: Snapshot,
  added: Snapshot["objects"],
  { planter, registerDelay }: Expected,
): string[] {
  const faults: string[] = [];
  const fresh = after.log.slice(before.log.length);
  for (const object of added) {
    const path = new RegExp(`/${object.kind}s/${object.name}([/?]|$)`, "i");
    const naming = fresh.filter(({ values }) => path.test(String(values.requestUri_s ?? values.RequestUri ?? "")));
    const made = naming.filter(({ values }) => statusOf(values) < 300);
    // A vault with two settings writes a request down twice.
    const creations = new Set(made.map(({ values }) => String(values.CorrelationId))).size;
    if (creations !== 1) faults.push(`${creations} creations of one decoy in the audit log`);
    // The planting request's own first half, in which a client asks where to get a token, is part of the planting.
    const planting = ["SecretSet", "KeyCreate", "Authentication"];
    if (naming.some(({ values }) => !planting.includes(String(values.OperationName)))) {
      faults.push("a request other than the planting named a decoy");
    }
    if (made.some(({ values }) => oidOf(values) !== planter)) faults.push("a decoy that the planter did not write");
    const row = after.rows.find((one) => one.fields.HoneyToken === object.name);
    const first = Math.min(...made.map((one) => one.timeGenerated));
    if (!row || row.createdAt + registerDelay > first) faults.push("a decoy that existed before it was watched");
  }
  return faults;
}

function statusOf(values: Record<string, unknown>): number {
  return Number(values.httpStatusCode_d ?? values.HttpStatusCode);
}

const Identity = z.looseObject({ claim: z.looseObject({ oid: z.string() }) });

function oidOf(values: Record<string, unknown>): string {
  if (typeof values.identity_claim_oid_g === "string") return values.identity_claim_oid_g;
  return Identity.safeParse(values.Identity).data?.claim.oid ?? "";
}
