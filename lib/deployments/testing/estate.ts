import { z } from "zod";
import type { TestTenant } from "@/lib/coverage/testing/tenant";

/*
 * What stands in the simulated tenant around all its vaults, asked from the tenant itself, and what must not be there
 * after a deployment, however it went.
 */

const Vault = z.looseObject({ id: z.string(), accessPolicies: z.array(z.looseObject({ objectId: z.string() })) });
const StoredObject = z.looseObject({
  vaultId: z.string(),
  kind: z.string(),
  name: z.string(),
  versions: z.array(z.looseObject({ version: z.string(), enabled: z.boolean() })),
  deletedAt: z.number().optional(),
});
const Row = z.looseObject({ fields: z.record(z.string(), z.string()), deleted: z.boolean().optional() });
const Assignment = z.looseObject({ id: z.string(), scope: z.string(), principalId: z.string() });

export interface Estate {
  vaults: z.infer<typeof Vault>[];
  objects: z.infer<typeof StoredObject>[];
  rows: z.infer<typeof Row>[];
  assignments: z.infer<typeof Assignment>[];
}

export async function estateOf(tenant: Pick<TestTenant, "collection">): Promise<Estate> {
  const [vaults, objects, rows, assignments] = await Promise.all([
    tenant.collection("vaults", Vault),
    tenant.collection("objects", StoredObject),
    tenant.collection("watchlistItems", Row),
    tenant.collection("roleAssignments", Assignment),
  ]);
  return { vaults, objects, rows: rows.filter((row) => row.deleted !== true), assignments };
}

/** What a deployment left in the tenant, in the words of what must not be. */
export interface Leftovers {
  /** Vaults in which something new is; ids in lower case. */
  planted: string[];
  /** New objects beyond one a vault, or one with several versions. */
  duplicated: number;
  /** Objects that were there before and are not as they were. */
  versioned: number;
  /** Assignments or policy entries that were not there before. */
  grantsLeft: number;
  /** New objects that no row of the register names. */
  unregistered: number;
  /** New rows of the register that name no object. */
  rowsWithoutObject: number;
}

/** Compares the tenant before and after, `each` = decoys that were to be planted in a vault. */
export function leftoversOf(before: Estate, after: Estate, each = 1): Leftovers {
  const keyOf = (object: Estate["objects"][number]) => `${object.vaultId}/${object.kind}s/${object.name}`.toLowerCase();
  const known = new Map(before.objects.map((object) => [keyOf(object), object]));
  const fresh = after.objects.filter((object) => !known.has(keyOf(object)));
  const perVault = new Map<string, number>();
  for (const { vaultId } of fresh) {
    const id = vaultId.toLowerCase();
    perVault.set(id, (perVault.get(id) ?? 0) + 1);
  }
  const several = [...perVault.values()].reduce((sum, count) => sum + Math.max(0, count - each), 0);
  const oldRows = new Set(before.rows.map((row) => row.fields.TokenKey ?? ""));
  const newKeys = new Set(after.rows.map((row) => row.fields.TokenKey ?? "").filter((key) => !oldRows.has(key)));
  const freshKeys = new Set(fresh.map(keyOf));
  const same = (object: Estate["objects"][number]) =>
    JSON.stringify(known.get(keyOf(object))?.versions) === JSON.stringify(object.versions);
  return {
    planted: [...perVault.keys()],
    duplicated: several + fresh.filter((object) => object.versions.length > 1).length,
    versioned: after.objects.filter((object) => known.has(keyOf(object)) && !same(object)).length,
    grantsLeft: assignmentsLeft(before, after) + policiesLeft(before, after),
    unregistered: [...freshKeys].filter((key) => !newKeys.has(key)).length,
    rowsWithoutObject: [...newKeys].filter((key) => !freshKeys.has(key)).length,
  };
}

function assignmentsLeft(before: Estate, after: Estate): number {
  const old = new Set(before.assignments.map(({ id }) => id.toLowerCase()));
  return after.assignments.filter(({ id }) => !old.has(id.toLowerCase())).length;
}

function policiesLeft(before: Estate, after: Estate): number {
  const old = new Map(before.vaults.map((vault) => [vault.id, JSON.stringify(vault.accessPolicies)]));
  return after.vaults.filter((vault) => old.get(vault.id) !== JSON.stringify(vault.accessPolicies)).length;
}
