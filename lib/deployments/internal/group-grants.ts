import "server-only";
import { type Kysely, sql } from "kysely";
import pLimit from "p-limit";
import { isAmbiguous } from "@/lib/azure/parse-error";
import { vaultIdParts } from "@/lib/azure/resource-id.pure";
import { listVaultsOfGroup } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { log } from "@/lib/log";
import { forAll, outsideSlot } from "@/lib/slots";
import { writeAudit } from "@/lib/store/audit";
import type { Database } from "@/lib/store/schema";
import { type GrantWay, ItemPlan } from "../views.pure";
import { assignmentName, LEASE_MS, LEASE_SHORT_MS, leaveBehind, type Purpose, roleFor, takeGrantBack } from "./grants";
import { guidOf } from "./ids";
import { Kept } from "./kept";
import type { Grant, Run } from "./ledger";
import { giveRole, wayFor } from "./time-bound";
import { spreadHoursOf } from "./wanted";

/*
 * One role at a resource group, for a plan that covers every vault there and works on all of them in one go: given once by
 * whichever item comes first, used by all, taken back when the last of them needs it no more. Its row belongs to the
 * deployment and not to an item. A spread deployment has none: the last of its vaults has its turn weeks after the first.
 */

/** The resource group of a vault id, itself an ARM id. */
export function groupOf(vaultId: string): string {
  return vaultId.split("/").slice(0, 5).join("/");
}

function grantId(run: Run, purpose: Purpose): string {
  return guidOf("group-grant", purpose, run.deployment.id, groupOf(run.vaultId));
}

/** Items of one process that want the same role at the same time wait for one assignment. */
const giving = new WeakMap<Kysely<Database>, Map<string, Promise<Given>>>();

/**
 * busy: it is just being taken back, so wait; reaches too far: a vault came into the group that the plan knows nothing of,
 * or the deployment is spread.
 */
type Given = Grant | "busy" | "reaches too far";

/**
 * Gives the role at the item's group, or finds it given.
 *
 * @throws AppError when Azure refuses
 */
export async function giveGroupGrant(service: ServiceContext, run: Run, purpose: Purpose): Promise<Given> {
  const under = giving.get(service.db) ?? new Map<string, Promise<Given>>();
  giving.set(service.db, under);
  const id = grantId(run, purpose);
  let given = under.get(id);
  if (!given) {
    given = forAll(() => give(service, run, purpose, id)).finally(() => under.delete(id));
    under.set(id, given);
  }
  const awaited = given;
  return outsideSlot(() => awaited);
}

async function give(service: ServiceContext, run: Run, purpose: Purpose, id: string): Promise<Given> {
  const { db, now } = service;
  // In plans of older versions.
  if (spreadHoursOf(run.deployment) > 0) return "reaches too far";
  const at = now();
  const scope = groupOf(run.vaultId);
  const standing = await db
    .selectFrom("deployment_grant")
    .selectAll()
    .where("id", "=", id)
    .where("state", "=", "given")
    .executeTakeFirst();
  if (standing) return standing;
  // Hours may lie between the plan and this moment.
  if (!(await coversGroup(service, run))) return "reaches too far";
  const roleDefinitionId = roleFor(service, purpose);
  const assignmentId = assignmentName(service, scope, roleDefinitionId);
  const lease = new Date(at.getTime() + LEASE_MS);
  const way = await wayFor(service, { id, lease_until: lease }, await standingAt(service, { scope, assignmentId }));
  await db
    .insertInto("deployment_grant")
    .values({
      id,
      item_id: null,
      deployment_id: run.deployment.id,
      scope,
      vault_id: null,
      model: "rbac",
      assignment_id: assignmentId,
      ...way,
      added: JSON.stringify({ secrets: [], keys: [] }),
      before: JSON.stringify({ purpose }),
      state: "intended",
      lease_until: lease,
      created_at: at,
      updated_at: at,
    })
    .onConflict((conflict) =>
      conflict
        .column("id")
        .doUpdateSet({ ...way, state: "intended", lease_until: lease, updated_at: at })
        .where("deployment_grant.state", "in", ["revoked", "intended"]),
    )
    .execute();
  const grant = await db.selectFrom("deployment_grant").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  if (grant.state === "given") return grant;
  if (grant.state === "revoking") return "busy";
  if (!(await takeOver(service, grant))) return "busy";
  try {
    await giveRole(service, grant, roleDefinitionId);
  } catch (error) {
    if (isAmbiguous(error)) await leaveBehind(service, grant);
    throw error;
  }
  const done = await db
    .updateTable("deployment_grant")
    .set({ state: "given", updated_at: now() })
    .where("id", "=", id)
    .where("state", "=", "intended")
    .returningAll()
    .executeTakeFirst();
  if (!done) {
    await leaveBehind(service, grant);
    return "busy";
  }
  const { requested_by_tid: tid, requested_by_oid: oid, requested_by_name: name } = run.deployment;
  const after = { model: "rbac", scope, assignment: grant.assignment_id, deployment: run.deployment.id };
  await writeAudit(db, { by: { tid, oid, name }, action: "grant.give", vaultId: scope, after, result: "ok" }, now());
  return done;
}

/** Rights on record that are the same assignment in Azure, the own one of an attempt that did not come to its end included. */
function standingAt(
  { db }: Pick<ServiceContext, "db">,
  { scope, assignmentId }: { scope: string; assignmentId: string },
): Promise<Grant[]> {
  return db
    .selectFrom("deployment_grant")
    .selectAll()
    .where("scope", "=", scope)
    .where("assignment_id", "=", assignmentId)
    .where("state", "in", ["intended", "given"])
    .orderBy("created_at", "desc")
    .execute();
}

/** Whether every vault that is in the group now is one of the deployment's. */
async function coversGroup({ db, azure }: ServiceContext, run: Run): Promise<boolean> {
  const there = await listVaultsOfGroup(azure.collector, vaultIdParts(run.vaultId));
  const items = await db
    .selectFrom("deployment_item")
    .select("vault_id")
    .where("deployment_id", "=", run.deployment.id)
    .where("state", "not in", ["blocked", "skipped"])
    .where(sql<boolean>`starts_with(vault_id, ${`${groupOf(run.vaultId)}/`})`)
    .execute();
  const planned = new Set(items.map((item) => item.vault_id));
  return there.every((id) => planned.has(id));
}

/**
 * A right that an earlier deployment left on record at this group is the same assignment in Azure: it becomes this
 * deployment's to take back, so that nobody takes it away from under it. False while somebody is just taking it back.
 */
async function takeOver({ db, now }: ServiceContext, grant: Grant): Promise<boolean> {
  const others = () =>
    db
      .selectFrom("deployment_grant")
      .select("id")
      .where("id", "<>", grant.id)
      .where("scope", "=", grant.scope)
      .where("assignment_id", "=", grant.assignment_id);
  await db
    .updateTable("deployment_grant")
    .set({ state: "revoked", updated_at: now() })
    .where("id", "in", others().where("state", "in", ["intended", "given"]))
    .execute();
  const busy = await others()
    .where("state", "=", "revoking")
    // The sweeper comes back for a time-bound one that stood too short.
    .where((eb) => eb.or([eb("lease_until", ">", now()), eb("given_as", "=", "schedule")]))
    .executeTakeFirst();
  return busy === undefined;
}

/** From now on each vault of the item's group gets a right of its own. */
export async function fallBackToVaultRole({ db }: ServiceContext, run: Run): Promise<void> {
  const change = JSON.stringify({ grant: "vault_role" satisfies GrantWay });
  await db
    .updateTable("deployment_item")
    .set({ plan: sql`plan || ${change}::jsonb` })
    .where("deployment_id", "=", run.deployment.id)
    .where(sql<boolean>`starts_with(vault_id, ${`${groupOf(run.vaultId)}/`})`)
    .where(sql<boolean>`plan ->> 'grant' = ${"group_role" satisfies GrantWay}`)
    .execute();
  const plan = ItemPlan.safeParse(run.item.plan).data;
  if (plan) run.item.plan = { ...plan, grant: "vault_role" };
}

/** Hundreds of vaults of a group ask for it in the same seconds. */
const STANDING_MS = 1_000;
const atGroups = new WeakMap<Kysely<Database>, Kept<Grant | undefined>>();

/** The role at the item's group as it stood on record a second ago; undefined when there was none that works. */
export function groupGrantOf(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  run: Run,
  purpose: Purpose,
): Promise<Grant | undefined> {
  const kept = atGroups.get(db) ?? new Kept(STANDING_MS);
  atGroups.set(db, kept);
  const id = grantId(run, purpose);
  return kept.get(id, now().getTime(), () =>
    db.selectFrom("deployment_grant").selectAll().where("id", "=", id).where("state", "=", "given").executeTakeFirst(),
  );
}

/**
 * Takes back the deployment's roles at groups in which no vault needs one any more. Called now and then while the
 * deployment runs, and by the sweeper.
 *
 * @returns how many were taken back; what Azure refuses is tried again at the next call
 */
export async function closeGroupGrants(service: ServiceContext, deploymentId: string): Promise<number> {
  const { db } = service;
  const unused = [
    ...(await unusedGrants(db, deploymentId, "plant", "revoke")),
    ...(await unusedGrants(db, deploymentId, "retire", "disallow")),
  ];
  const limit = pLimit(CLOSED_AT_ONCE);
  const closed = await Promise.all(unused.map((grant) => limit(() => closeGroupGrant(service, grant))));
  return closed.filter(Boolean).length;
}

/** A deployment to thousands of vaults has hundreds, in subscriptions of which each has its own limits. */
const CLOSED_AT_ONCE = 8;

async function closeGroupGrant(service: ServiceContext, grant: Grant): Promise<boolean> {
  try {
    if (!(await takeGrantBack(service, grant))) return false;
  } catch (error) {
    log.warn({ err: error, scope: grant.scope }, "a role at a group could not be taken back yet");
    return false;
  }
  const { model, scope, assignment_id: assignment, deployment_id: deployment } = grant;
  const by = { tid: service.config.tenantId, system: "End of a deployment" };
  const before = { model, scope, assignment, deployment };
  await writeAudit(service.db, { by, action: "grant.revoke", vaultId: scope, before, result: "ok" }, service.now());
  return true;
}

/**
 * Roles at groups in which no vault of the deployment needs them any more: each has ended, or has done the step in which a
 * right is taken back, or has a right of its own since the deployment is spread. Two plain queries: in one, hundreds of groups
 * were compared with thousands of vaults pair by pair as long as the planner knew nothing of a table that had just been
 * filled, which took seconds.
 */
async function unusedGrants(
  db: Kysely<Database>,
  deploymentId: string,
  purpose: Purpose,
  taking: string,
): Promise<Grant[]> {
  const standing = await db
    .selectFrom("deployment_grant")
    .selectAll()
    .where("deployment_id", "=", deploymentId)
    .where("item_id", "is", null)
    .where("state", "in", ["intended", "given"])
    .where(sql<boolean>`before->>'purpose' = ${purpose}`)
    .execute();
  if (standing.length === 0 || (await isSpread(db, deploymentId))) return standing;
  const needing = await db
    .selectFrom("deployment_item as item")
    .select(sql<string>`left(item.vault_id, strpos(item.vault_id, '/providers/') - 1)`.as("scope"))
    .distinct()
    .where("item.deployment_id", "=", deploymentId)
    .where("item.state", "in", ["queued", "running"])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("deployment_step as taken")
            .select("taken.item_id")
            .whereRef("taken.item_id", "=", "item.id")
            .where("taken.step", "=", taking)
            .where("taken.state", "in", ["done", "skipped"]),
        ),
      ),
    )
    .execute();
  const needed = new Set(needing.map(({ scope }) => scope));
  return standing.filter(({ scope }) => !needed.has(scope));
}

/** Asked in the store, since a request may name thousands of vaults. */
async function isSpread(db: Kysely<Database>, deploymentId: string): Promise<boolean> {
  const deployment = await db
    .selectFrom("deployment")
    .select(sql<boolean>`coalesce((request ->> 'spreadHours')::numeric, 0) > 0`.as("spread"))
    .where("id", "=", deploymentId)
    .executeTakeFirst();
  return deployment?.spread === true;
}

/** A sign of life for the deployment's roles at groups whose leases are getting short; those are returned. */
export async function prolongGroupGrants(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  deploymentId: string,
): Promise<Grant[]> {
  const at = now();
  return db
    .updateTable("deployment_grant")
    .set({ lease_until: new Date(at.getTime() + LEASE_MS), updated_at: at })
    .where("deployment_id", "=", deploymentId)
    .where("item_id", "is", null)
    .where("state", "=", "given")
    .where("lease_until", "<", new Date(at.getTime() + LEASE_SHORT_MS))
    .returningAll()
    .execute();
}
