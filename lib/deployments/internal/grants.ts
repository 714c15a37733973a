import "server-only";
import { randomUUID } from "node:crypto";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import { createRoleAssignment, deleteRoleAssignment } from "@/lib/azure/role-assignments";
import { addAccessPolicy, removeAccessPolicy, type VaultResource } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { DecoyKind } from "../plan.pure";
import { guidOf } from "./ids";
import { type Grant, type Run, requireClaim } from "./ledger";

/** How long a right may stay without a sign of life of the job that needs it; then the sweeper takes it back. */
const LEASE_MS = 20 * 60_000;
/** How long one process may be busy with taking it back. */
const REVOKING_MS = 5 * 60_000;

/** What listing and writing take in an access policy, by kind. */
const NEEDED = {
  secret: { secrets: ["list", "set"], keys: [] },
  key: { secrets: [], keys: ["list", "create"] },
} as const satisfies Record<DecoyKind, { secrets: readonly string[]; keys: readonly string[] }>;

export type Added = Grant["added"];

/** What has to be added to the planter's entry, given the vault's entries now; nothing when it is all there. */
export function missingPermissions(
  vault: Pick<VaultResource, "accessPolicies">,
  planterOid: string,
  kind: DecoyKind,
): { added: Added; before: Added } {
  const own = vault.accessPolicies.filter((entry) => entry.objectId.toLowerCase() === planterOid.toLowerCase());
  const before = { secrets: own.flatMap((entry) => entry.secrets), keys: own.flatMap((entry) => entry.keys) };
  const missing = (held: string[], needed: readonly string[]): string[] =>
    held.includes("all") ? [] : needed.filter((permission) => !held.includes(permission));
  const needed = NEEDED[kind];
  return {
    added: { secrets: missing(before.secrets, needed.secrets), keys: missing(before.keys, needed.keys) },
    before,
  };
}

/** The name of the planter's role assignment at a vault: always the same, so that it is found without a database. */
export function assignmentName({ config }: ServiceContext, vaultId: VaultId): string {
  return guidOf("assignment", config.tenantId, vaultId, config.identities.planter.objectId, config.plantRoleId);
}

/**
 * Records the right that is about to be given. Rights of earlier jobs that still stand at this vault become this job's
 * to take back, since Azure holds them as one.
 *
 * @returns undefined when somebody is just taking such a right back: wait for that
 */
export async function intendGrant(
  service: ServiceContext,
  run: Run,
  wanted: Pick<Grant, "model" | "assignment_id"> & { added: Added; before: Added },
): Promise<Grant | undefined> {
  const at = service.now();
  return service.db.transaction().execute(async (transaction) => {
    await requireClaim(transaction, run);
    const standing = await transaction
      .selectFrom("deployment_grant")
      .selectAll()
      .where("scope", "=", run.vaultId)
      // One of the other model, from before the vault was switched over, is the sweeper's.
      .where("model", "=", wanted.model)
      .where("state", "<>", "revoked")
      .forUpdate()
      .execute();
    if (standing.some((grant) => grant.state === "revoking" && grant.lease_until > at)) return undefined;
    const union = (a: string[], b: string[]): string[] => [...new Set([...a, ...b])];
    let { added } = wanted;
    for (const grant of standing) {
      added = { secrets: union(added.secrets, grant.added.secrets), keys: union(added.keys, grant.added.keys) };
      await transaction
        .updateTable("deployment_grant")
        .set({ state: "revoked", updated_at: at })
        .where("id", "=", grant.id)
        .execute();
    }
    return transaction
      .insertInto("deployment_grant")
      .values({
        id: randomUUID(),
        item_id: run.item.id,
        scope: run.vaultId,
        vault_id: run.vaultId,
        model: wanted.model,
        assignment_id: wanted.assignment_id,
        added: JSON.stringify(added),
        before: JSON.stringify(wanted.before),
        state: "intended",
        lease_until: new Date(at.getTime() + LEASE_MS),
        created_at: at,
        updated_at: at,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/** Gives the recorded right in Azure. Giving it twice is giving it once. */
export async function giveGrant({ azure, config }: ServiceContext, vaultId: VaultId, grant: Grant): Promise<void> {
  const planter = config.identities.planter.objectId;
  if (grant.model === "rbac") {
    await createRoleAssignment(azure.granter, {
      scope: vaultId,
      name: grant.assignment_id ?? "",
      roleDefinitionId: config.plantRoleId,
      principalId: planter,
    });
  } else {
    await addAccessPolicy(azure.granter, vaultId, { tenantId: config.tenantId, objectId: planter, ...grant.added });
  }
}

/** Prolongs the lease of a given right, expired or not; false when the right was taken back or is about to be. */
export async function prolongGrant({ db, now }: ServiceContext, grant: Grant): Promise<boolean> {
  const at = now();
  const result = await db
    .updateTable("deployment_grant")
    .set({ lease_until: new Date(at.getTime() + LEASE_MS), updated_at: at })
    .where("id", "=", grant.id)
    .where("state", "=", "given")
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/**
 * Makes sure that what was given is still there, and for the next while; false when the sweeper took it back meanwhile,
 * because this job gave no sign of life for too long. True also where nothing had to be given.
 */
export async function holdGrant(service: ServiceContext, run: Run): Promise<boolean> {
  if (run.steps.get("grant")?.state !== "done") return true;
  return run.grant !== undefined && (await prolongGrant(service, run.grant));
}

/**
 * Takes back exactly what was given. Recorded before it is done; doing it again is harmless, so a kill in between only
 * means that it is done again.
 */
export async function takeGrantBack({ azure, config, db, now }: ServiceContext, grant: Grant): Promise<void> {
  const at = now();
  await db
    .updateTable("deployment_grant")
    .set({ state: "revoking", lease_until: new Date(at.getTime() + REVOKING_MS), updated_at: at })
    .where("id", "=", grant.id)
    .where("state", "<>", "revoked")
    .execute();
  try {
    if (grant.model === "rbac") {
      await deleteRoleAssignment(azure.granter, { scope: grant.scope, name: grant.assignment_id ?? "" });
    } else {
      const vaultId = parseVaultId(grant.scope);
      if (!vaultId) throw new Error("An entry in access policies names no vault.");
      const objectId = config.identities.planter.objectId;
      await removeAccessPolicy(azure.granter, vaultId, { tenantId: config.tenantId, objectId, ...grant.added });
    }
  } catch (error) {
    // A vault that is gone has taken the right with it.
    if (!(error instanceof AppError) || error.failure.code !== "not_found") throw error;
  }
  await db
    .updateTable("deployment_grant")
    .set({ state: "revoked", updated_at: now() })
    .where("id", "=", grant.id)
    .execute();
}
