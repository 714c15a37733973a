import "server-only";
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import { isAmbiguous } from "@/lib/azure/parse-error";
import { permissionsAt } from "@/lib/azure/permissions";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { getVault } from "@/lib/azure/vaults";
import type { ServiceContext, UserContext } from "@/lib/context";
import { type AuditEntry, writeAudit } from "@/lib/store/audit";
import type { Database } from "@/lib/store/schema";
import { permissionsNow } from "./internal/asked-again";
import { rememberCaller } from "./internal/callers";
import { assignmentName, giveGrant, LEASE_MS, missingPermissions, takeGrantBack } from "./internal/grants";
import type { Grant } from "./internal/ledger";
import { NO_ROLE, wayFor } from "./internal/time-bound";
import { mayGiveReads, NO_RIGHT_TO_GIVE, READ_ROLES } from "./read-grants.pure";

/*
 * The right of a drill to read for moments: recorded before it is given, with a lease, and taken back by the same sweeper
 * as every other. It is given at the vault, not at the one object, which would name the honeytoken to whoever may read
 * role assignments.
 */

/** The drill that needs the right, and for whom it is given. */
export interface Reading {
  drillId: string;
  vaultId: VaultId;
  kind: "secret" | "key";
  /** Object id of the identity that reads, lower case. */
  principalOid: string;
  by: AuditEntry["by"];
}

/** Why the person may not have a right to read given in this vault, asked with their own token; null when they may. */
export async function whyNotGiveReads(ctx: UserContext, vaultId: VaultId): Promise<string | null> {
  const [permissions, vault] = await Promise.all([permissionsAt(ctx.asUser, vaultId), getVault(ctx.asUser, vaultId)]);
  return mayGiveReads(permissions, vault.permissionModel) ? null : NO_RIGHT_TO_GIVE;
}

/** Keeps the person's access for the moment at which the drill starts and asks again; never stored. */
export function rememberAsker(ctx: UserContext, drillId: string): void {
  rememberCaller(drillId, ctx.asUser, ctx.now());
}

/** The same question when the drill starts, which may be after a restart. Throws AppError when Azure does not answer. */
export async function stillMayGiveReads(
  service: ServiceContext,
  asker: { drillId: string; vaultId: VaultId; oid: string },
): Promise<boolean> {
  const { drillId: id, vaultId, oid } = asker;
  const [permissions, vault] = await Promise.all([
    permissionsNow(service, { id, vaultId, oid }),
    getVault(service.azure.granter, vaultId),
  ]);
  return mayGiveReads(permissions, vault.permissionModel);
}

/** The right of a drill as recorded; undefined before it was intended. */
export async function readRightOf(db: Kysely<Database>, drillId: string): Promise<Grant | undefined> {
  return db.selectFrom("deployment_grant").selectAll().where("drill_id", "=", drillId).executeTakeFirst();
}

/**
 * Gives the right to list and read objects of one kind in one vault. Doing it again is doing it once.
 *
 * @returns busy = a right of an earlier drill is not taken back yet, or the request of a killed process may still arrive;
 *   held = the identity's entry in the access policies has it already, and nothing was given; taken = a person or the
 *   sweeper has taken it back
 * @throws AppError when Azure refuses; the right is on record then, and has to be taken back
 */
export async function giveReadRight(
  service: ServiceContext,
  reading: Reading,
): Promise<"given" | "held" | "busy" | "taken"> {
  const { db, now } = service;
  const recorded = await readRightOf(db, reading.drillId);
  const grant = recorded ?? (await intend(service, reading));
  if (grant === "held" || grant === "busy") return grant;
  if (grant.state === "given") return "given";
  if (grant.state !== "intended") return "taken";
  // Of a process that was killed meanwhile: its request must not arrive when this one is taken back.
  if (recorded && mayArrive(service, recorded)) return "busy";
  try {
    await giveGrant(service, grant, READ_ROLES[reading.kind].id);
  } catch (error) {
    if (isAmbiguous(error)) await noteUnanswered(service, grant);
    throw error;
  }
  const outcome = await db.transaction().execute(async (transaction): Promise<"given" | "taken"> => {
    const { numUpdatedRows: given } = await transaction
      .updateTable("deployment_grant")
      .set({ state: "given", updated_at: now() })
      .where("id", "=", grant.id)
      .where("state", "=", "intended")
      .executeTakeFirst();
    if (given === 0n) return "taken";
    const after = { model: grant.model, assignment: grant.assignment_id, added: grant.added, drill: reading.drillId };
    const { by, vaultId } = reading;
    const entry = { by, action: "grant.give", vaultId, before: grant.before, after, result: "ok" };
    await writeAudit(transaction, entry, now());
    return "given";
  });
  // Taken back by a person or the sweeper while it was being given: then it may stand without a record.
  if (outcome === "taken") await takeGrantBack(service, grant);
  return outcome;
}

/** Whether the request for a right of which no answer is on record may still be under way. */
function mayArrive({ now, config }: ServiceContext, { state, updated_at: at }: Grant): boolean {
  return state === "intended" && now().getTime() < at.getTime() + config.timing.ambiguousWriteSettle;
}

async function noteUnanswered({ db, now }: ServiceContext, { id }: Grant): Promise<void> {
  await db.updateTable("deployment_grant").set({ updated_at: now() }).where("id", "=", id).execute();
}

async function intend(service: ServiceContext, reading: Reading): Promise<Grant | "held" | "busy"> {
  const { db, now } = service;
  const { vaultId, kind, principalOid, drillId } = reading;
  const standing = await db
    .selectFrom("deployment_grant")
    .select("id")
    .where("scope", "=", vaultId)
    .where("principal_oid", "=", principalOid)
    .where("state", "<>", "revoked")
    .executeTakeFirst();
  if (standing) return "busy";
  const vault = await getVault(service.azure.granter, vaultId);
  const rbac = vault.permissionModel === "rbac";
  const nothing = { secrets: [], keys: [] };
  const policy = rbac
    ? { added: nothing, before: nothing }
    : missingPermissions(vault, principalOid, "read", new Set([kind]));
  if (!rbac && !policy.added[`${kind}s`].includes("get")) return "held";
  const at = now();
  const planned = { id: randomUUID(), lease_until: new Date(at.getTime() + LEASE_MS) };
  const grant: Grant = {
    ...planned,
    ...(rbac ? await wayFor(service, planned, []) : NO_ROLE),
    item_id: null,
    deployment_id: null,
    drill_id: drillId,
    principal_oid: principalOid,
    scope: vaultId,
    vault_id: vaultId,
    model: rbac ? "rbac" : "policies",
    assignment_id: rbac ? assignmentName(service, vaultId, READ_ROLES[kind].id, principalOid) : null,
    added: policy.added,
    before: rbac ? { purpose: "read" } : { ...policy.before },
    state: "intended",
    created_at: at,
    updated_at: at,
  };
  const row = { ...grant, added: JSON.stringify(grant.added), before: JSON.stringify(grant.before) };
  await db.insertInto("deployment_grant").values(row).execute();
  return grant;
}

/**
 * Takes the right of a drill back, with its audit row.
 *
 * @returns whether nothing of it is left; false while a request for it may still arrive, and when Azure wants a time-bound
 *   role to stand some minutes longer: it is taken back at a later call, or by the sweeper
 * @throws AppError when Azure refuses: it stays on record, and is tried again
 */
export async function takeReadRightBack(
  service: ServiceContext,
  drillId: string,
  by: AuditEntry["by"],
): Promise<boolean> {
  const grant = await readRightOf(service.db, drillId);
  if (!grant || grant.state === "revoked") return true;
  if (mayArrive(service, grant)) return false;
  if (!(await takeGrantBack(service, grant))) return false;
  const before = { model: grant.model, assignment: grant.assignment_id, added: grant.added };
  const entry = { by, action: "grant.revoke", vaultId: grant.scope, before, after: { drill: drillId }, result: "ok" };
  await writeAudit(service.db, entry, service.now());
  return true;
}

/** Drills that have no use for their right any more, and of which it is not on record that it is gone. */
export async function drillsWithLeftRights(db: Kysely<Database>): Promise<string[]> {
  const rows = await db
    .selectFrom("deployment_grant")
    .innerJoin("drill", "drill.id", "deployment_grant.drill_id")
    .select("drill.id")
    .where("deployment_grant.state", "in", ["intended", "given"])
    .where("drill.state", "!=", "queued")
    .execute();
  return rows.map(({ id }) => id);
}

/** How far the rights of these drills have come, by drill. */
export async function readRights(
  db: Kysely<Database>,
  drillIds: readonly string[],
): Promise<ReadonlyMap<string, Grant["state"]>> {
  if (drillIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("deployment_grant")
    .select(["drill_id", "state"])
    .where("drill_id", "in", [...drillIds])
    .execute();
  return new Map(rows.flatMap(({ drill_id, state }) => (drill_id === null ? [] : [[drill_id, state]])));
}
