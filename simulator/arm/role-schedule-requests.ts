import { z } from "zod";
import { normaliseScope, roleGuid, scopeCovers } from "../access";
import type { Call } from "../context";
import { derivedGuid } from "../derived-id";
import { AzureError, type Router, type SimResponse } from "../http";
import type { RoleAssignment, RoleScheduleRequest } from "../model";
import { changeDocument } from "../resourcegraph/lag";
import { recordActivity } from "./activity";
import { badRequest, conflict } from "./errors";
import { onlyFilters, readFilter } from "./filter";
import { created, ok, page, parameter, readBody } from "./respond";
import { checkDelegation, newAssignment } from "./role-assignments";
import { scheduleRequestBody } from "./role-schedule-bodies";
import { authorize, isGuid, requireScope } from "./scope";

const ALL = "/{scope*}/providers/Microsoft.Authorization/roleAssignmentScheduleRequests";
const READ = "Microsoft.Authorization/roleAssignmentScheduleRequests/read";
const WRITE = "roleAssignmentScheduleRequests/write";

/*
 * Time-bound role assignments of Privileged Identity Management, as far as an administrator gives and takes them:
 * nothing here is eligible, so nobody activates anything. Forms follow Microsoft's description 2020-10-01; which code
 * refuses what is not described: the codes are those that callers report.
 */

/** The shortest time of an active assignment. */
const SHORTEST_MS = 5 * 60_000;
/** A start that lies further ahead than clocks differ would need a schedule that waits; there is none here. */
const START_AHEAD_MS = 5 * 60_000;

const Expiration = z.discriminatedUnion("type", [
  z.object({ type: z.literal("AfterDuration"), duration: z.string(), endDateTime: z.null().optional() }),
  z.object({
    type: z.literal("AfterDateTime"),
    endDateTime: z.iso.datetime({ offset: true }),
    duration: z.null().optional(),
  }),
  z.object({ type: z.literal("NoExpiration"), endDateTime: z.null().optional(), duration: z.null().optional() }),
]);
const Body = z.object({
  properties: z.object({
    roleDefinitionId: z.string().min(1).max(1024),
    principalId: z.guid(),
    requestType: z.enum(["AdminAssign", "AdminExtend", "AdminUpdate", "AdminRemove"]),
    justification: z.string().max(1024).nullish(),
    targetRoleAssignmentScheduleId: z.string().max(2048).nullish(),
    scheduleInfo: z
      .object({ startDateTime: z.iso.datetime({ offset: true }).nullish(), expiration: Expiration })
      .nullish(),
  }),
});
type Wanted = z.infer<typeof Body>["properties"];

/** Requests for time-bound role assignments: list at a scope, get, put. */
export function routeRoleScheduleRequests(router: Router<Call>): void {
  router.on("GET", ALL, (call, params) => {
    const scope = params.scope ?? "";
    authorize(call, READ, scope);
    requireScope(call, scope);
    return list(call, scope);
  });

  router.on("GET", `${ALL}/{n}`, (call, params) => {
    authorize(call, READ, params.scope ?? "");
    const found = find(call, params);
    if (found) return ok(scheduleRequestBody(found));
    throw new AzureError(
      404,
      "RoleAssignmentScheduleRequestNotFound",
      `The role assignment schedule request '${params.n}' is not found.`,
    );
  });

  router.on("PUT", `${ALL}/{n}`, put);
}

function find(call: Call, { scope, n }: Record<string, string>): RoleScheduleRequest | undefined {
  return call.model.roleScheduleRequests.get(idOf(scope ?? "", n ?? ""));
}

function idOf(scope: string, name: string): string {
  return `${scope}/providers/Microsoft.Authorization/RoleAssignmentScheduleRequests/${name}`;
}

function list(call: Call, scope: string): SimResponse {
  const filter = readFilter(parameter(call, "$filter"));
  onlyFilters(filter, ["atscope"], ["principalid"]);
  const principal = filter.equals.get("principalid")?.toLowerCase();
  const at = normaliseScope(scope);
  const found = [...call.model.roleScheduleRequests.values()].filter((request) => {
    if (principal !== undefined && request.principalId.toLowerCase() !== principal) return false;
    const asked = normaliseScope(request.scope);
    return scopeCovers(asked, at) || (!filter.functions.has("atscope") && scopeCovers(at, asked));
  });
  return ok(page(call, found.map(scheduleRequestBody), ({ id }) => id, 1000));
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const scope = params.scope ?? "";
  const name = params.n ?? "";
  // The bare right first, so that a caller without it learns nothing from the checks of the body.
  checkDelegation(call, WRITE, scope, undefined);
  const { properties: wanted } = readBody(call, Body, "InvalidRequestContent");
  checkDelegation(call, WRITE, scope, wanted);
  const { id: at } = requireScope(call, scope);
  if (!isGuid(name)) {
    throw badRequest(`The name '${name}' is not a GUID.`, "InvalidRoleAssignmentScheduleRequestId");
  }
  if (find(call, { scope: at, n: name })) {
    throw conflict(`The request '${name}' exists already.`, "RoleAssignmentScheduleRequestExists");
  }
  const { assignment, info } = perform(call, at, name, wanted);
  const request: RoleScheduleRequest = {
    id: idOf(at, name),
    name,
    scope: at,
    principalId: assignment.principalId,
    principalType: assignment.principalType,
    roleDefinitionId: roleGuid(assignment.roleDefinitionId),
    requestType: wanted.requestType,
    schedule: assignment.schedule?.name ?? assignment.name,
    ...(info && { scheduleInfo: info }),
    ...(typeof wanted.justification === "string" && { justification: wanted.justification }),
    createdAt: call.now(),
    createdBy: call.caller.oid,
  };
  call.model.roleScheduleRequests.put(request.id, request);
  recordActivity(call, { action: `Microsoft.Authorization/${WRITE}`, scope: request.id, status: 201 });
  return created(scheduleRequestBody(request));
}

type Info = NonNullable<RoleScheduleRequest["scheduleInfo"]>;

/** Does what is asked; the assignment as it then is, or as it was. */
function perform(call: Call, scope: string, name: string, wanted: Wanted): { assignment: RoleAssignment; info?: Info } {
  if (wanted.requestType === "AdminRemove") return { assignment: remove(call, scope, wanted) };
  checkPolicy(call, wanted);
  const info = readInfo(call, wanted);
  const schedule = { startsAt: info.startsAt, ...(info.endsAt !== undefined && { endsAt: info.endsAt }) };
  if (wanted.requestType === "AdminAssign") {
    const made = newAssignment(call, scope, derivedGuid(call, `assignment of ${name}`), wanted);
    const assignment = { ...made, schedule: { name: derivedGuid(call, `schedule of ${name}`), ...schedule } };
    changeDocument(call, "roleAssignments", assignment.id, assignment);
    return { assignment, info };
  }
  const standing = requireActive(call, scope, wanted);
  const before = standing.schedule ?? { name: standing.name, startsAt: standing.createdAt };
  // It goes on: only its end is another.
  const assignment = { ...standing, schedule: { ...schedule, name: before.name, startsAt: before.startsAt } };
  changeDocument(call, "roleAssignments", assignment.id, assignment);
  return { assignment, info };
}

/** The licence, and the rule that a role has unless somebody changed it: an active assignment needs a justification. */
function checkPolicy(call: Call, { justification }: Wanted): void {
  if (call.settings.withoutP2) {
    throw badRequest(
      "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
      "AadPremiumLicenseRequired",
    );
  }
  if (justification) return;
  throw badRequest(
    'The following policy rules failed: ["JustificationRule"]',
    "RoleAssignmentRequestPolicyValidationFailed",
  );
}

function readInfo(call: Call, { scheduleInfo }: Wanted): Info {
  if (!scheduleInfo) throw badRequest("The scheduleInfo is missing.", "InvalidRequestContent");
  const now = call.now();
  const { startDateTime, expiration } = scheduleInfo;
  const start = startDateTime ? Date.parse(startDateTime) : now;
  if (start > now + START_AHEAD_MS) {
    throw badRequest("A start in the future is not simulated.", "InvalidRequestContent");
  }
  // What should have begun begins now; its length counts from here.
  const startsAt = Math.max(start, now);
  if (expiration.type === "NoExpiration") return { startsAt };
  const { duration } = expiration;
  const endsAt =
    expiration.type === "AfterDateTime" ? Date.parse(expiration.endDateTime) : startsAt + durationOf(duration ?? "");
  if (endsAt - startsAt < SHORTEST_MS) {
    throw badRequest("The active duration is too short. The minimum is 5 minutes.", "ActiveDurationTooShort");
  }
  return { startsAt, endsAt, ...(duration && { duration }) };
}

const DURATION = /^P(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;

/** Milliseconds of an ISO 8601 duration of days, hours, minutes and seconds. */
function durationOf(text: string): number {
  const match = DURATION.exec(text);
  if (!match || text === "P") throw badRequest(`The duration '${text}' is not valid.`, "InvalidRequestContent");
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}

function requireActive(call: Call, scope: string, wanted: Wanted): RoleAssignment {
  const at = normaliseScope(scope);
  const target = wanted.targetRoleAssignmentScheduleId?.split("/").at(-1)?.toLowerCase();
  const now = call.now();
  for (const one of call.model.roleAssignments.values()) {
    if (normaliseScope(one.scope) !== at) continue;
    if (roleGuid(one.roleDefinitionId) !== roleGuid(wanted.roleDefinitionId)) continue;
    if (one.principalId.toLowerCase() !== wanted.principalId.toLowerCase()) continue;
    if ((one.schedule?.endsAt ?? Number.POSITIVE_INFINITY) <= now) continue;
    if (target === undefined || target === (one.schedule?.name ?? one.name).toLowerCase()) return one;
  }
  throw badRequest("The Role assignment does not exist.", "RoleAssignmentDoesNotExist");
}

function remove(call: Call, scope: string, wanted: Wanted): RoleAssignment {
  const standing = requireActive(call, scope, wanted);
  if (call.now() - standing.createdAt < call.settings.delays.roleScheduleMinimum) {
    throw badRequest("The active duration is too short. The minimum is 5 minutes.", "ActiveDurationTooShort");
  }
  changeDocument(call, "roleAssignments", standing.id, undefined);
  return standing;
}
