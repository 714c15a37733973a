import "server-only";
import type { RoleAssignmentScheduleRequest } from "@azure/arm-authorization";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { azureErrorOf } from "./azure-error";
import { toAppError } from "./parse-error";
import { authorizationClient, type RoleAssignment, roleDefinitionIn } from "./role-assignments";

/*
 * Time-bound role assignments: requests of Privileged Identity Management at API version 2020-10-01, which the client
 * sends. A request is a record of its own and its name is used once. Which codes refuse is not part of Azure's
 * description: those below are what callers report, and have not been seen by us in a real tenant.
 */

/** Azure refuses for want of Microsoft Entra ID P2 or Governance. */
const UNLICENSED = ["AadPremiumLicenseRequired"];
/** Nothing of that role, principal and scope is active. */
const ABSENT = ["RoleAssignmentDoesNotExist"];
/** The same is active, or a request of that name is there. */
const EXISTS = ["RoleAssignmentExists", "RoleAssignmentScheduleRequestExists"];
/** In its first five minutes an active assignment is not taken back. */
const TOO_EARLY = ["ActiveDurationTooShort"];
/** A rule of the role may want one; it tells nothing about what is done. */
const JUSTIFICATION = "Time-bound right for one deployment.";

/** Answers after which the right will not come by itself. */
const REFUSED =
  /^(Denied|Failed|Canceled|TimedOut|Invalid|AdminDenied|FailedAsResourceIsLocked|Pending(Approval|Admin).*)$/;

const Answer = z.object({
  status: z.string(),
  principalId: z.string(),
  roleDefinitionId: z.string(),
  targetRoleAssignmentScheduleId: z.string().nullish(),
});

/** Where, and under which name (GUID) the request for it was sent. */
export interface ScheduledRole {
  scope: string;
  request: string;
}

/**
 * Gives a role that Azure itself ends.
 *
 * @returns ours = this very request was carried out before; held = the principal has the role at this scope by another's
 * doing, and nothing was given; unlicensed = the tenant may not use time-bound assignments
 * @throws AppError when Azure refuses otherwise
 */
export async function giveRoleUntil(
  azure: AzureAccess,
  role: ScheduledRole & Pick<RoleAssignment, "roleDefinitionId" | "principalId">,
  { from, until }: { from: Date; until: Date },
): Promise<"given" | "ours" | "held" | "unlicensed"> {
  const minutes = Math.ceil((until.getTime() - from.getTime()) / 60_000);
  const wanted: RoleAssignmentScheduleRequest = {
    requestType: "AdminAssign",
    roleDefinitionId: roleDefinitionIn(role.scope, role.roleDefinitionId),
    principalId: role.principalId,
    justification: JUSTIFICATION,
    scheduleInfo: { startDateTime: from, expiration: { type: "AfterDuration", duration: `PT${minutes}M` } },
  };
  const codes = await send(azure, role, wanted, [...UNLICENSED, ...EXISTS], "give the role for a limited time");
  if (codes === undefined) return "given";
  if (has(codes, UNLICENSED)) return "unlicensed";
  return (await requestOf(azure, role)) ? "ours" : "held";
}

/**
 * Moves the end of a time-bound role. `absent` = it has ended.
 *
 * @param as name (GUID) of this request, a new one for every end
 */
export async function prolongRole(
  azure: AzureAccess,
  role: ScheduledRole,
  { as, from, until }: { as: string; from: Date; until: Date },
): Promise<"prolonged" | "absent"> {
  const given = await requestOf(azure, role);
  if (!given) return "absent";
  const wanted: RoleAssignmentScheduleRequest = {
    ...targetOf(given),
    requestType: "AdminExtend",
    justification: JUSTIFICATION,
    scheduleInfo: { startDateTime: from, expiration: { type: "AfterDateTime", endDateTime: until } },
  };
  const expected = [...ABSENT, "RoleAssignmentScheduleRequestExists"];
  const codes = await send(azure, { scope: role.scope, request: as }, wanted, expected, "prolong the role");
  return codes !== undefined && has(codes, ABSENT) ? "absent" : "prolonged";
}

/**
 * Takes back what the request gave, and nothing else.
 *
 * @param as name (GUID) of the request to take it back, a new one each time
 * @returns absent = the request gave nothing or it has ended; too early = Azure wants it to stand some minutes longer
 * @throws AppError when Azure refuses otherwise, `conflict` when it knows the name: of what became of that request it says
 * nothing, so ask again under another one
 */
export async function endRole(
  azure: AzureAccess,
  role: ScheduledRole,
  as: string,
): Promise<"ended" | "absent" | "too early"> {
  const given = await requestOf(azure, role);
  if (!given) return "absent";
  const wanted = { ...targetOf(given), requestType: "AdminRemove", justification: JUSTIFICATION };
  const expected = [...ABSENT, ...TOO_EARLY];
  const codes = await send(azure, { scope: role.scope, request: as }, wanted, expected, "take the role back");
  if (codes === undefined) return "ended";
  return has(codes, TOO_EARLY) ? "too early" : "absent";
}

function targetOf({ principalId, roleDefinitionId, targetRoleAssignmentScheduleId: target }: z.infer<typeof Answer>) {
  return { principalId, roleDefinitionId, ...(target && { targetRoleAssignmentScheduleId: target }) };
}

/** Sends a request; answers the codes of a refusal that the caller expects. */
async function send(
  azure: AzureAccess,
  { scope, request }: ScheduledRole,
  wanted: RoleAssignmentScheduleRequest,
  expected: readonly string[],
  doing: string,
): Promise<readonly string[] | undefined> {
  try {
    const requests = authorizationClient(azure, scope).roleAssignmentScheduleRequests;
    const { status } = Answer.parse(await requests.create(scope, request, wanted));
    if (!REFUSED.test(status)) return undefined;
  } catch (error) {
    const codes = azureErrorOf(error)?.codes ?? [];
    if (has(codes, expected)) return codes;
    throw toAppError(error, doing);
  }
  throw new AppError(
    "forbidden",
    `Could not ${doing}: the role's settings in Privileged Identity Management stop it.`,
    {
      fix: "Let active assignments of the custom roles do without an approval, or switch time-bound roles off in the settings.",
    },
  );
}

function has(codes: readonly string[], wanted: readonly string[]): boolean {
  return codes.some((code) => wanted.some((one) => one.toLowerCase() === code.toLowerCase()));
}

async function requestOf(
  azure: AzureAccess,
  { scope, request }: ScheduledRole,
): Promise<z.infer<typeof Answer> | undefined> {
  try {
    const requests = authorizationClient(azure, scope).roleAssignmentScheduleRequests;
    return Answer.parse(await requests.get(scope, request));
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return undefined;
    throw toAppError(error, "read the request for the role");
  }
}
