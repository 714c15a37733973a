import { z } from "zod";
import { type Delegated, mayDelegate, normaliseScope, roleGuid, scopeCovers } from "../access";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import type { RoleAssignment } from "../model";
import { reachOf } from "../policy/hierarchy";
import { changeDocument } from "../resourcegraph/lag";
import { recordActivity } from "./activity";
import { authorizationFailed, badRequest, conditionNotFulfilled, conflict } from "./errors";
import { onlyFilters, readFilter } from "./filter";
import { created, noContent, ok, page, parameter, readBody } from "./respond";
import { roleAssignmentBody } from "./role-bodies";
import { authorize, isGuid, requireScope } from "./scope";

const ALL = "/{scope*}/providers/Microsoft.Authorization/roleAssignments";
const READ = "Microsoft.Authorization/roleAssignments/read";

/** Assignments of one subscription at most. Source: Azure RBAC limits, Microsoft Learn. */
const PER_SUBSCRIPTION_MAX = 4000;

const Body = z.object({
  properties: z.object({
    roleDefinitionId: z.string().min(1).max(1024),
    principalId: z.guid(),
    principalType: z.enum(["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"]).nullish(),
  }),
});

/** Role assignments: list at a scope, get, put, delete. */
export function routeRoleAssignments(router: Router<Call>): void {
  router.on("GET", ALL, (call, params) => {
    const scope = params.scope ?? "";
    authorize(call, READ, scope);
    requireScope(call, scope);
    return list(call, scope);
  });

  router.on("GET", `${ALL}/{n}`, (call, params) => {
    authorize(call, READ, params.scope ?? "");
    const found = find(call, params);
    if (!found) throw notFound(params.n ?? "");
    return ok(roleAssignmentBody(found));
  });

  router.on("PUT", `${ALL}/{n}`, put);

  router.on("DELETE", `${ALL}/{n}`, (call, params) => {
    const scope = params.scope ?? "";
    const found = find(call, params);
    // Without the assignment there is nothing for a condition to be held against: the bare right is enough.
    checkDelegation(call, "roleAssignments/delete", scope, found);
    if (!found) return noContent();
    changeDocument(call, "roleAssignments", found.id, undefined);
    recordActivity(call, { action: "Microsoft.Authorization/roleAssignments/delete", scope: found.id, status: 200 });
    return ok(roleAssignmentBody(found));
  });
}

function idOf(params: Record<string, string>): string {
  return `${params.scope}/providers/Microsoft.Authorization/roleAssignments/${params.n}`;
}

function find(call: Call, params: Record<string, string>): RoleAssignment | undefined {
  return call.model.roleAssignments.get(idOf(params));
}

function notFound(name: string): AzureError {
  return new AzureError(404, "RoleAssignmentNotFound", `The role assignment '${name}' is not found.`);
}

/** `atScope()`: at the scope and above. Without it also below, which a `principalId` filter narrows. */
function list(call: Call, scope: string): SimResponse {
  const filter = readFilter(parameter(call, "$filter"));
  onlyFilters(filter, ["atscope", "assignedto"], ["principalid"]);
  const principal = (filter.equals.get("principalid") ?? filter.functions.get("assignedto"))?.toLowerCase();
  const at = normaliseScope(scope);
  const above = filter.functions.has("atscope");
  const found = [...call.model.roleAssignments.values()].filter((assignment) => {
    if (principal !== undefined && assignment.principalId.toLowerCase() !== principal) return false;
    const assigned = reachOf(call.model, normaliseScope(assignment.scope));
    return assigned.some((reached) => scopeCovers(reached, at)) || (!above && scopeCovers(at, assigned[0] ?? ""));
  });
  return ok(page(call, found.map(roleAssignmentBody), ({ id }) => id, 1000));
}

/** Throws 403 unless the caller may do this to the assignment of that role to that principal; without one, at all. */
export function checkDelegation(
  call: Call,
  delegated: Delegated,
  scope: string,
  target: { roleDefinitionId: string; principalId: string } | undefined,
): void {
  const action = `Microsoft.Authorization/${delegated}`;
  const answer = mayDelegate(call, call.caller, delegated, scope, target ?? { roleDefinitionId: "", principalId: "" });
  if (answer === "no") throw authorizationFailed(call, action, scope);
  if (answer === "condition" && target) throw conditionNotFulfilled(call, action, scope);
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const scope = params.scope ?? "";
  const name = params.n ?? "";
  const action = "Microsoft.Authorization/roleAssignments/write";
  // The bare right first, so that a caller without it learns nothing from the checks of the body.
  checkDelegation(call, "roleAssignments/write", scope, undefined);
  const { properties } = readBody(call, Body, "InvalidRequestContent");
  checkDelegation(call, "roleAssignments/write", scope, properties);
  const { id: scopeId } = requireScope(call, scope);
  if (!isGuid(name)) {
    throw badRequest(
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
      "InvalidRoleAssignmentId",
    );
  }
  const existing = find(call, params);
  if (existing) return putAgain(existing, properties);
  const assignment = newAssignment(call, scopeId, name, properties);
  changeDocument(call, "roleAssignments", assignment.id, assignment);
  recordActivity(call, { action, scope: assignment.id, status: 201 });
  return created(roleAssignmentBody(assignment));
}

/** The same assignment again is fine; the same id for another role or principal is not. */
function putAgain(existing: RoleAssignment, properties: z.infer<typeof Body>["properties"]): SimResponse {
  const same =
    roleGuid(existing.roleDefinitionId) === roleGuid(properties.roleDefinitionId) &&
    existing.principalId.toLowerCase() === properties.principalId.toLowerCase();
  if (same) return ok(roleAssignmentBody(existing));
  throw badRequest(
    "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
    "RoleAssignmentUpdateNotPermitted",
  );
}

/** An assignment of that name, after the checks that Azure makes of its role, its principal and what stands already. */
export function newAssignment(
  call: Call,
  scope: string,
  name: string,
  properties: z.infer<typeof Body>["properties"],
): RoleAssignment {
  const role = call.model.roleDefinitions.get(roleGuid(properties.roleDefinitionId));
  if (!role) {
    throw badRequest(
      `The specified role definition with ID '${roleGuid(properties.roleDefinitionId)}' does not exist.`,
      "RoleDefinitionDoesNotExist",
    );
  }
  const principal = call.model.principals.get(properties.principalId);
  if (!principal) {
    throw badRequest(
      `Principal ${properties.principalId} does not exist in the directory ${call.identity.tenantId}. Check that you have the correct principal ID.`,
      "PrincipalNotFound",
    );
  }
  if (properties.principalType && properties.principalType !== principal.kind) {
    throw badRequest(
      `The PrincipalId '${principal.oid}' has type '${principal.kind}', which is different from specified PrinciaplType '${properties.principalType}'.`,
      "UnmatchedPrincipalType",
    );
  }
  const wanted = normaliseScope(scope);
  const subscription = wanted.split("/").slice(0, 3).join("/");
  let inSubscription = 0;
  for (const other of call.model.roleAssignments.values()) {
    const assigned = normaliseScope(other.scope);
    if (scopeCovers(subscription, assigned)) inSubscription++;
    const same = assigned === wanted && roleGuid(other.roleDefinitionId) === role.id.toLowerCase();
    if (same && other.principalId.toLowerCase() === principal.oid.toLowerCase()) {
      throw conflict(
        `The role assignment already exists. The ID of the conflicting role assignment is ${other.name}.`,
        "RoleAssignmentExists",
      );
    }
  }
  if (inSubscription >= PER_SUBSCRIPTION_MAX) {
    throw badRequest(
      `The limit of ${PER_SUBSCRIPTION_MAX} role assignments in the subscription is reached.`,
      "RoleAssignmentLimitExceeded",
    );
  }
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    name,
    scope,
    principalId: principal.oid,
    principalType: principal.kind,
    roleDefinitionId: role.id,
    createdAt: call.now(),
    createdBy: call.caller.oid,
  };
}
