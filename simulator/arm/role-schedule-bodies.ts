import type { RoleAssignment, RoleScheduleRequest } from "../model";
import { iso } from "./respond";
import { roleDefinitionId } from "./role-bodies";

const PROVIDER = "providers/Microsoft.Authorization";

/** A request as ARM shows it: what was asked for, and what came of it. */
export function scheduleRequestBody(request: RoleScheduleRequest) {
  const { id, name, scope, principalId, principalType, requestType, scheduleInfo: info } = request;
  return {
    id,
    name,
    type: "Microsoft.Authorization/RoleAssignmentScheduleRequests",
    properties: {
      scope,
      principalId,
      principalType,
      requestType,
      roleDefinitionId: roleDefinitionId(scope, request.roleDefinitionId),
      status: requestType === "AdminRemove" ? "Revoked" : "Provisioned",
      targetRoleAssignmentScheduleId: scheduleId(scope, request.schedule),
      ...(info && {
        scheduleInfo: {
          startDateTime: iso(info.startsAt),
          expiration:
            info.duration !== undefined
              ? { type: "AfterDuration", duration: info.duration }
              : info.endsAt !== undefined
                ? { type: "AfterDateTime", endDateTime: iso(info.endsAt) }
                : { type: "NoExpiration" },
        },
      }),
      ...(request.justification !== undefined && { justification: request.justification }),
      createdOn: iso(request.createdAt),
      requestorId: request.createdBy,
    },
  };
}

/** An assignment as the list of active ones shows it, time-bound or not. */
export function scheduleInstanceBody(assignment: RoleAssignment) {
  const { id, name, scope, principalId, principalType, schedule, createdAt } = assignment;
  return {
    id: `${scope}/${PROVIDER}/RoleAssignmentScheduleInstances/${name}`,
    name,
    type: "Microsoft.Authorization/RoleAssignmentScheduleInstances",
    properties: {
      scope,
      roleDefinitionId: roleDefinitionId(scope, assignment.roleDefinitionId),
      principalId,
      principalType,
      originRoleAssignmentId: id,
      roleAssignmentScheduleId: scheduleId(scope, schedule?.name ?? name),
      status: "Provisioned",
      assignmentType: "Assigned",
      memberType: "Direct",
      startDateTime: iso(schedule?.startsAt ?? createdAt),
      ...(schedule?.endsAt !== undefined && { endDateTime: iso(schedule.endsAt) }),
      createdOn: iso(createdAt),
    },
  };
}

function scheduleId(scope: string, name: string): string {
  return `${scope}/${PROVIDER}/RoleAssignmentSchedules/${name}`;
}
