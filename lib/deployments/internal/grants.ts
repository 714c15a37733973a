import "server-only";
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import { addAccessPolicy, removeAccessPolicy, type VaultResource } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { wasGone } from "@/lib/store/decoys";
import { type DecoyKind, RETIRE_STEPS } from "../plan.pure";
import { type GrantWay, ItemPlan } from "../views.pure";
import { auditOf } from "./audit";
import { guidOf } from "./ids";
import type { Grant, Item, Run } from "./ledger";
import { type StepJob, write } from "./outcome";
import { endGivenRole, giveRole, keepRole, NO_ROLE, principalOf, wayFor } from "./time-bound";

/** How long a right may stay without a sign of life of the job that needs it; then the sweeper takes it back. */
export const LEASE_MS = 20 * 60_000;
/** With more than this left a lease is not written anew. */
export const LEASE_KEPT_MS = 15 * 60_000;
/** With less than this left a sign of life prolongs it, before somebody who writes has to. */
export const LEASE_SHORT_MS = LEASE_KEPT_MS + 2 * 60_000;
/** How long one process may be busy with taking it back. */
const REVOKING_MS = 5 * 60_000;
/** When the sweeper tries again to take back what Azure wants to stand longer. */
const TOO_EARLY_MS = 60_000;

/** What a right is given for. */
export type Purpose = "plant" | "retire";

/** What is added to listing in an access policy. */
const VERBS = {
  plant: { secret: "set", key: "create" },
  retire: { secret: "delete", key: "delete" },
  read: { secret: "get", key: "get" },
} as const;

export type Added = Grant["added"];

/** How the plan wants the right to be given; undefined for a deployment without a plan, which decides at the vault. */
export function grantWayOf({ item }: { item: Pick<Item, "plan"> }): GrantWay | undefined {
  return ItemPlan.safeParse(item.plan).data?.grant;
}

/** What has to be added to an identity's entry, given the vault's entries now; nothing when it is all there. */
export function missingPermissions(
  vault: Pick<VaultResource, "accessPolicies">,
  principalOid: string,
  purpose: keyof typeof VERBS,
  kinds: ReadonlySet<DecoyKind>,
): { added: Added; before: Added } {
  const own = vault.accessPolicies.filter((entry) => entry.objectId.toLowerCase() === principalOid.toLowerCase());
  const before = { secrets: own.flatMap((entry) => entry.secrets), keys: own.flatMap((entry) => entry.keys) };
  const missing = (held: string[], needed: readonly string[]): string[] =>
    held.includes("all") ? [] : needed.filter((permission) => !held.includes(permission));
  const needed = (kind: DecoyKind) => (kinds.has(kind) ? ["list", VERBS[purpose][kind]] : []);
  return {
    added: { secrets: missing(before.secrets, needed("secret")), keys: missing(before.keys, needed("key")) },
    before,
  };
}

/**
 * The custom role for a purpose.
 *
 * @throws AppError `conflict` when the configuration names none
 */
export function roleFor({ config }: Pick<ServiceContext, "config">, purpose: Purpose): string {
  if (purpose === "plant") return config.plantRoleId;
  if (config.retireRoleId !== undefined) return config.retireRoleId;
  throw new AppError("conflict", "No role for removing honeytokens is configured.", {
    fix: "Create the role that docs/identities.md describes and set RETIRE_ROLE_ID.",
  });
}

/**
 * The name of a role assignment of ours at a vault or group, to the planter unless `principalOid` says otherwise: always
 * the same, so that it is found without a database.
 */
export function assignmentName(
  { config }: Pick<ServiceContext, "config">,
  scope: string,
  roleId: string,
  principalOid: string = config.identities.planter.objectId,
): string {
  return guidOf("assignment", config.tenantId, scope, principalOid, roleId);
}

/** What a step's right is for. */
export function purposeOf(step: string): Purpose {
  return RETIRE_STEPS.some(({ name }) => name === step) ? "retire" : "plant";
}

/** The kinds of object that a right has to reach. */
export function kindsFor(run: Run, purpose: Purpose): ReadonlySet<DecoyKind> {
  if (purpose === "retire") return new Set(run.retiring.filter((one) => !wasGone(one)).map(({ kind }) => kind));
  return new Set(run.renewals.length > 0 ? run.renewals.map(({ decoy }) => decoy.kind) : [run.kind]);
}

/**
 * Records the right that is about to be given. Rights of earlier jobs that still stand at this vault become this job's
 * to take back, since Azure holds them as one.
 *
 * @returns undefined when somebody is just taking such a right back: wait for that
 */
export async function intendGrant(
  job: StepJob,
  wanted: Pick<Grant, "model" | "assignment_id"> & { added: Added; before: Added },
): Promise<Grant | undefined> {
  const { service, run } = job;
  const at = service.now();
  const standing = await service.db
    .selectFrom("deployment_grant")
    .selectAll()
    .where("scope", "=", run.vaultId)
    .where("principal_oid", "is", null)
    // One of the other model, from before the vault was switched over, is the sweeper's; one of another role its own.
    .where("model", "=", wanted.model)
    .$if(wanted.model === "rbac", (query) => query.where("assignment_id", "=", wanted.assignment_id))
    .where("state", "<>", "revoked")
    .execute();
  const isBeingTaken = ({ state, lease_until: lease, given_as: way }: Grant): boolean =>
    // The sweeper comes back for a time-bound one that stood too short.
    state === "revoking" && (lease > at || way === "schedule");
  if (standing.some(isBeingTaken)) return undefined;
  const union = (a: string[], b: string[]): string[] => [...new Set([...a, ...b])];
  let { added } = wanted;
  for (const grant of standing) {
    added = { secrets: union(added.secrets, grant.added.secrets), keys: union(added.keys, grant.added.keys) };
  }
  const planned = { id: randomUUID(), lease_until: new Date(at.getTime() + LEASE_MS) };
  const grant: Grant = {
    ...planned,
    ...(wanted.model === "rbac" ? await wayFor(service, planned, standing) : NO_ROLE),
    item_id: run.item.id,
    deployment_id: run.deployment.id,
    drill_id: null,
    principal_oid: null,
    scope: run.vaultId,
    vault_id: run.vaultId,
    model: wanted.model,
    assignment_id: wanted.assignment_id,
    added,
    before: wanted.before,
    state: "intended",
    created_at: at,
    updated_at: at,
  };
  await write(job, { grant });
  // Only now: with both on record, whoever is killed in between has a right twice on record and never one too few.
  for (const { id, updated_at: seen } of standing) {
    const taken = await service.db
      .updateTable("deployment_grant")
      .set({ state: "revoked", updated_at: at })
      .where("id", "=", id)
      .where("updated_at", "=", seen)
      .where("state", "<>", "revoking")
      .executeTakeFirst();
    if (taken.numUpdatedRows === 0n) {
      await settleGrant(job, { ...grant, state: "revoked" });
      return undefined;
    }
  }
  return grant;
}

/** Writes the state of the item's own grant, and keeps it in mind while it stands. */
export async function settleGrant(job: StepJob, grant: Grant): Promise<void> {
  await write(job, { grant });
  job.run.grant = grant.state === "revoked" ? undefined : grant;
}

/** Gives the recorded right in Azure. Giving it twice is giving it once. */
export async function giveGrant(service: ServiceContext, grant: Grant, roleId: string): Promise<void> {
  const { azure, config } = service;
  if (grant.model === "rbac") {
    await giveRole(service, grant, roleId);
  } else {
    const entry = { tenantId: config.tenantId, objectId: principalOf(service, grant), ...grant.added };
    await addAccessPolicy(azure.granter, vaultOf(grant), entry);
  }
}

/**
 * A right that was, or may have been, given when it was another worker's to give, as by a process that was stopped for
 * long: where that one has taken its own back meanwhile nobody would know of this one, so it is the sweeper's, once a
 * request without an answer has arrived. Changes nothing while the right is on record.
 */
export async function leaveBehind({ db, now, config }: ServiceContext, grant: Grant): Promise<void> {
  const arrived = new Date(now().getTime() + config.timing.ambiguousWriteSettle);
  await db
    .updateTable("deployment_grant")
    .set({ state: "given", lease_until: arrived, updated_at: now() })
    .where("id", "=", grant.id)
    .where("state", "=", "revoked")
    // Another one on record is the same right in Azure, and is taken back in its own time.
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("deployment_grant as other")
            .select("other.id")
            .where("other.id", "<>", grant.id)
            .where("other.scope", "=", grant.scope)
            .where("other.model", "=", grant.model)
            .where("other.assignment_id", "is not distinct from", grant.assignment_id)
            .where("other.state", "<>", "revoked"),
        ),
      ),
    )
    .execute();
}

function vaultOf(grant: Grant): VaultId {
  const vaultId = parseVaultId(grant.scope);
  if (!vaultId) throw new Error("An entry in access policies names no vault.");
  return vaultId;
}

/**
 * Prolongs the lease of a given right, expired or not, and the role with it where Azure would end it; false when the right
 * was taken back, is about to be, or has ended.
 *
 * @throws AppError when Azure refuses
 */
export async function prolongGrant(service: ServiceContext, grant: Grant): Promise<boolean> {
  const { db, now } = service;
  const at = now();
  const lease = new Date(at.getTime() + LEASE_MS);
  const result = await db
    .updateTable("deployment_grant")
    .set({ lease_until: lease, updated_at: at })
    .where("id", "=", grant.id)
    .where("state", "=", "given")
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return false;
  Object.assign(grant, { lease_until: lease, updated_at: at });
  return keepRole(service, grant);
}

/**
 * Prolongs the leases that are getting short of all rights that these items hold, in one statement: a write finds its
 * right's lease long enough then. One that is time-bound is prolonged by whoever needs it, since Azure is asked too.
 */
export async function prolongGrants(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  runs: readonly Run[],
): Promise<void> {
  const at = now();
  const short = runs.flatMap(({ grant, item }) => {
    const open = item.state === "running" && grant?.state === "given" && grant.given_as !== "schedule";
    return open && grant.lease_until.getTime() - at.getTime() < LEASE_SHORT_MS ? [grant] : [];
  });
  if (short.length === 0) return;
  const lease = new Date(at.getTime() + LEASE_MS);
  const prolonged = await db
    .updateTable("deployment_grant")
    .set({ lease_until: lease, updated_at: at })
    .where(
      "id",
      "in",
      sql<string>`(select jsonb_array_elements_text(${JSON.stringify(short.map(({ id }) => id))}::jsonb))`,
    )
    .where("state", "=", "given")
    .returning("id")
    .execute();
  const ids = new Set(prolonged.map(({ id }) => id));
  for (const grant of short) if (ids.has(grant.id)) Object.assign(grant, { lease_until: lease, updated_at: at });
}

/**
 * Takes back exactly what was given. Recorded before it is done; doing it again is harmless, so a kill in between only
 * means that it is done again.
 *
 * @returns whether it is taken back; false when Azure wants a time-bound role to stand some minutes longer, so that the
 * sweeper does it then unless the caller comes again
 */
export async function takeGrantBack(service: ServiceContext, grant: Grant): Promise<boolean> {
  const { db, now } = service;
  await db
    .updateTable("deployment_grant")
    .set(revoking(now()))
    .where("id", "=", grant.id)
    .where("state", "<>", "revoked")
    .execute();
  if (!(await endInAzure(service, grant))) return leaveToSweeper(service, grant);
  await db
    .updateTable("deployment_grant")
    .set({ state: "revoked", updated_at: now() })
    .where("id", "=", grant.id)
    .execute();
  return true;
}

function revoking(at: Date): Pick<Grant, "state" | "lease_until" | "updated_at"> {
  return { state: "revoking", lease_until: new Date(at.getTime() + REVOKING_MS), updated_at: at };
}

/** False when Azure wants a time-bound role to stand some minutes longer. */
async function endInAzure(service: ServiceContext, grant: Grant): Promise<boolean> {
  const { azure, config } = service;
  try {
    if (grant.model === "rbac") return await endGivenRole(service, grant);
    const entry = { tenantId: config.tenantId, objectId: principalOf(service, grant), ...grant.added };
    await removeAccessPolicy(azure.granter, vaultOf(grant), entry);
  } catch (error) {
    // A vault that is gone has taken the right with it.
    if (!(error instanceof AppError) || error.failure.code !== "not_found") throw error;
  }
  return true;
}

async function leaveToSweeper({ db, now }: ServiceContext, grant: Grant): Promise<false> {
  await db
    .updateTable("deployment_grant")
    .set({ lease_until: new Date(now().getTime() + TOO_EARLY_MS) })
    .where("id", "=", grant.id)
    .where("state", "=", "revoking")
    .execute();
  return false;
}

/** Takes the item's own right back, with its audit row; false when it is too early for that (`takeGrantBack`). */
export async function revokeGrant(job: StepJob, grant: Grant): Promise<boolean> {
  const { service, run } = job;
  // As a change of the item, so that thousands of vaults share the commits.
  await write(job, { grant: { ...grant, ...revoking(service.now()) } });
  if (!(await endInAzure(service, grant))) return leaveToSweeper(service, grant);
  const before = { model: grant.model, assignment: grant.assignment_id, added: grant.added };
  await write(job, {
    grant: { ...grant, state: "revoked", updated_at: service.now() },
    audits: [auditOf(service, run, "grant.revoke", { before })],
  });
  run.grant = undefined;
  return true;
}
