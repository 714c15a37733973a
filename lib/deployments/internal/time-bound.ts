import "server-only";
import { randomUUID } from "node:crypto";
import { createRoleAssignment, deleteRoleAssignment } from "@/lib/azure/role-assignments";
import { endRole, giveRoleUntil, prolongRole } from "@/lib/azure/role-schedules";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { writeAudit } from "@/lib/store/audit";
import { guidOf } from "./ids";
import type { Grant } from "./ledger";
import { settingsNow } from "./shared-reads";

/*
 * A role for the time of the work: a plain assignment, which stands until somebody takes it back, or by the setting a
 * time-bound one, which Azure itself ends also when nobody of us lives to do it. docs/decisions/0020-time-bound-roles.md.
 */

/** How long after the lease Azure ends the role: the sweeper comes first, and a prolongation that fails has time to be repeated. */
const SPARE_MS = 20 * 60_000;
/** With less than this between the lease and Azure's end, the end is moved. Azure gives no role for less. */
const SPARE_LEFT_MS = 5 * 60_000;
/** So long no time-bound role is asked for after Azure has refused one for want of a licence. */
const UNLICENSED_FOR_MS = 60 * 60_000;
const UNLICENSED_ACTION = "grant.without_end";

/** The part of a grant that says how its role is given. */
export type Way = Pick<Grant, "given_as" | "request_id" | "ends_at">;

const PLAIN: Way = { given_as: "assignment", request_id: null, ends_at: null };

/** Whom a right is given to: a record that names nobody is the planting identity's. */
export function principalOf(
  { config }: Pick<ServiceContext, "config">,
  { principal_oid: named }: Pick<Grant, "principal_oid">,
): string {
  return named ?? config.identities.planter.objectId;
}

/** What an entry in access policies has of it. */
export const NO_ROLE: Way = { given_as: null, request_id: null, ends_at: null };

/**
 * How to give the role of a grant that is about to be recorded. Where one of an earlier job still stands, it is the same
 * assignment in Azure and stays what it is.
 */
export async function wayFor(
  service: Pick<ServiceContext, "db" | "now">,
  grant: Pick<Grant, "id" | "lease_until">,
  standing: readonly Grant[],
): Promise<Way> {
  const earlier = standing.find(({ state }) => state === "given") ?? standing[0];
  if (earlier) return { given_as: earlier.given_as, request_id: earlier.request_id, ends_at: earlier.ends_at };
  if (!(await settingsNow(service)).deployments.timeBoundRoles) return PLAIN;
  return (await isUnlicensed(service)) ? { ...PLAIN, given_as: "assignment_unlicensed" } : requestFor(service, grant);
}

function requestFor({ now }: Pick<ServiceContext, "now">, grant: Pick<Grant, "id" | "lease_until">): Way {
  return {
    given_as: "schedule",
    // Once it has ended its name is used up: so the time is part of it.
    request_id: guidOf("role-schedule", grant.id, now().toISOString()),
    // A lease may have run out with the process that held it.
    ends_at: new Date(Math.max(grant.lease_until.getTime(), now().getTime()) + SPARE_MS),
  };
}

/**
 * Gives the recorded role in Azure, and changes the record first where it is to be given otherwise than recorded. Giving
 * it twice is giving it once.
 *
 * @throws AppError when Azure refuses
 */
export async function giveRole(service: ServiceContext, grant: Grant, roleDefinitionId: string): Promise<void> {
  const { azure } = service;
  const principalId = principalOf(service, grant);
  if (grant.given_as === "schedule" && (await giveSchedule(service, grant, { roleDefinitionId, principalId }))) return;
  const name = grant.assignment_id ?? "";
  await createRoleAssignment(azure.granter, { scope: grant.scope, name, roleDefinitionId, principalId });
}

/** False when the tenant has no licence: the grant is then a plain one on record. */
async function giveSchedule(
  service: ServiceContext,
  grant: Grant,
  role: { roleDefinitionId: string; principalId: string },
): Promise<boolean> {
  // Of a process that died after it was recorded, and whose right has ended or is about to.
  const left = (grant.ends_at?.getTime() ?? 0) - service.now().getTime();
  if (left < SPARE_LEFT_MS) await record(service, grant, requestFor(service, grant));
  const { scope, request_id: request, ends_at: until } = grant;
  if (request === null || until === null) return true;
  const span = { from: service.now(), until };
  const answer = await giveRoleUntil(service.azure.granter, { scope, request, ...role }, span);
  if (answer === "ours" && !(await keepRole(service, grant))) {
    // That one has ended since; the next request is another.
    await record(service, grant, requestFor(service, grant));
    return giveSchedule(service, grant, role);
  }
  if (answer === "held") await record(service, grant, { given_as: "schedule", request_id: null, ends_at: null });
  if (answer !== "unlicensed") return true;
  await record(service, grant, { ...PLAIN, given_as: "assignment_unlicensed" });
  await sayUnlicensed(service, grant);
  return false;
}

async function record({ db, now }: Pick<ServiceContext, "db" | "now">, grant: Grant, way: Way): Promise<void> {
  const change = { ...way, updated_at: now() };
  await db.updateTable("deployment_grant").set(change).where("id", "=", grant.id).execute();
  Object.assign(grant, change);
}

/** Whether Azure refused a time-bound role within the last hour, as the audit says. */
async function isUnlicensed({ db, now }: Pick<ServiceContext, "db" | "now">): Promise<boolean> {
  const said = await db
    .selectFrom("audit")
    .select("id")
    .where("action", "=", UNLICENSED_ACTION)
    .where("at", ">", new Date(now().getTime() - UNLICENSED_FOR_MS))
    .limit(1)
    .executeTakeFirst();
  return said !== undefined;
}

/** Of several roles that are refused at one time only one says so. */
const saying = new WeakMap<ServiceContext["db"], Promise<void>>();

async function sayUnlicensed(service: ServiceContext, { scope }: Grant): Promise<void> {
  const { db, config, now } = service;
  const say = async (): Promise<void> => {
    if (await isUnlicensed(service)) return;
    const by = { tid: config.tenantId, system: "Giving of rights" };
    const result = "Azure takes no time-bound role assignments here: the tenant lacks a Microsoft Entra ID P2 licence.";
    await writeAudit(db, { by, action: UNLICENSED_ACTION, vaultId: scope, result }, now());
  };
  const turn = (saying.get(db) ?? Promise.resolve()).then(say);
  // The next one waits for this one, however it ends.
  saying.set(
    db,
    turn.catch(() => {}),
  );
  await turn;
}

/**
 * Sees to it that Azure does not end the role before its lease; false when it has ended, which is then on record.
 *
 * @throws AppError when Azure refuses
 */
export async function keepRole(service: ServiceContext, grant: Grant): Promise<boolean> {
  const { azure, db, now } = service;
  const { scope, request_id: request, ends_at: end, lease_until: lease } = grant;
  if (grant.given_as !== "schedule" || request === null || end === null) return true;
  if (end.getTime() - lease.getTime() >= SPARE_LEFT_MS) return true;
  const until = new Date(lease.getTime() + SPARE_MS);
  const as = guidOf("role-schedule-extension", request, until.toISOString());
  const answer = await prolongRole(azure.granter, { scope, request }, { as, from: now(), until });
  if (answer === "prolonged") {
    await db.updateTable("deployment_grant").set({ ends_at: until }).where("id", "=", grant.id).execute();
    grant.ends_at = until;
    return true;
  }
  await db
    .updateTable("deployment_grant")
    .set({ state: "revoked", updated_at: now() })
    .where("id", "=", grant.id)
    .where("state", "=", "given")
    .execute();
  return false;
}

/** The same for several; what Azure refuses is tried again at the next sign of life. */
export async function keepRoles(service: ServiceContext, grants: readonly Grant[]): Promise<void> {
  for (const grant of grants) {
    try {
      await keepRole(service, grant);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.warn({ err: error, scope: grant.scope }, "a time-bound role could not be prolonged yet");
    }
  }
}

/**
 * Takes the role back as it was given.
 *
 * @returns whether it is gone; false when Azure wants a time-bound one to stand some minutes longer
 * @throws AppError when Azure refuses otherwise
 */
export async function endGivenRole({ azure }: Pick<ServiceContext, "azure">, grant: Grant): Promise<boolean> {
  const { scope, request_id: request } = grant;
  if (grant.given_as !== "schedule") {
    await deleteRoleAssignment(azure.granter, { scope, name: grant.assignment_id ?? "" });
    return true;
  }
  // Without a request of ours the role was held already: it is somebody else's to take back.
  if (request === null) return true;
  // Each try has a name of its own, since Azure may keep that of one that it refused. What is named is the schedule, so
  // that a second try after a kill finds nothing to take back.
  return (await endRole(azure.granter, { scope, request }, randomUUID())) !== "too early";
}

/** What a person reads beside a role that was given. */
export function wordsForWay({ given_as: way, request_id: request }: Way): string {
  if (way === "schedule" && request !== null)
    return " It is time-bound: Azure ends it by itself if nobody takes it back.";
  if (way !== "assignment_unlicensed") return "";
  return " It is not time-bound, since Azure takes time-bound assignments only with a Microsoft Entra ID P2 licence.";
}
