import { normaliseScope, scopeCovers } from "../access";
import { recordActivity } from "../arm/activity";
import { created, noContent, ok } from "../arm/respond";
import { authorize, requireScope } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import { AssignmentBody, AssignmentPatch, assignmentFrom, patched } from "./assignment-body";
import { assignmentBody } from "./bodies";
import { checkLimit, checkName, readPolicyBody } from "./body-rules";
import type { PolicyAssignment } from "./documents";
import { holdsAt, policyFilter, policyPage } from "./lists";

const TYPE = "providers/Microsoft.Authorization/policyAssignments";
const ACTION = "Microsoft.Authorization/policyAssignments";
/** Source: Azure Policy limits, Microsoft Learn. */
const PER_SCOPE_MAX = 200;

/** Policy assignments at any scope: list, get, put, patch, delete. */
export function routePolicyAssignments(router: Router<Call>): void {
  router.on("GET", `/{scope*}/${TYPE}`, (call, params) => {
    authorize(call, `${ACTION}/read`, params.scope ?? "");
    return list(call, requireScope(call, params.scope ?? ""));
  });

  router.on("GET", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/read`, params.scope ?? "");
    return ok(assignmentBody(call, existing(call, params)));
  });

  router.on("PUT", `/{scope*}/${TYPE}/{n}`, put);

  router.on("PATCH", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/write`, params.scope ?? "");
    const present = existing(call, params);
    return ok(store(call, patched(call, present, readPolicyBody(call, AssignmentPatch)), 200));
  });

  router.on("DELETE", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/delete`, params.scope ?? "");
    requireScope(call, params.scope ?? "");
    const found = call.model.policyAssignments.get(idOf(params));
    if (!found) return noContent();
    const body = assignmentBody(call, found);
    remove(call, found);
    return ok(body);
  });
}

function idOf(params: Record<string, string>): string {
  return `${params.scope}/${TYPE}/${params.n}`;
}

function existing(call: Call, params: Record<string, string>): PolicyAssignment {
  requireScope(call, params.scope ?? "");
  const found = call.model.policyAssignments.get(idOf(params));
  if (!found)
    throw new AzureError(404, "PolicyAssignmentNotFound", `The policy assignment '${params.n}' is not found.`);
  return found;
}

/** At the scope and above it, and below it too unless the filter says `atScope()`; of a management group never below. */
function list(call: Call, { id, kind }: ReturnType<typeof requireScope>): SimResponse {
  const filter = policyFilter(call, ["atscope", "atexactscope"], ["policydefinitionid"]);
  const definition = filter.equals.get("policydefinitionid")?.toLowerCase();
  const exact = filter.functions.has("atexactscope");
  const below = kind !== "managementGroup" && !filter.functions.has("atscope");
  const at = normaliseScope(id);
  const found = [...call.model.policyAssignments.values()].filter(({ scope, policyDefinitionId }) => {
    if (definition !== undefined && policyDefinitionId.toLowerCase() !== definition) return false;
    const assigned = normaliseScope(scope);
    if (exact) return assigned === at;
    return holdsAt(call, scope, id) || (below && scopeCovers(at, assigned));
  });
  return ok(
    policyPage(
      call,
      found.map((one) => assignmentBody(call, one)),
    ),
  );
}

function put(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, `${ACTION}/write`, params.scope ?? "");
  const { id: scope, kind } = requireScope(call, params.scope ?? "");
  const name = params.n ?? "";
  checkName(name, kind === "managementGroup" ? 24 : 64, "policy assignment");
  const body = readPolicyBody(call, AssignmentBody);
  const id = `${scope}/${TYPE}/${name}`;
  const present = call.model.policyAssignments.get(id);
  if (!present) {
    const others = [...call.model.policyAssignments.values()].filter((other) => other.scope === scope);
    checkLimit(others.length, PER_SCOPE_MAX, "policy assignments", scope);
  }
  const assignment = assignmentFrom(call, { id: present?.id ?? id, name: present?.name ?? name, scope }, body, present);
  return created(store(call, assignment, 201));
}

function store(call: Call, assignment: PolicyAssignment, status: number) {
  call.model.policyAssignments.put(assignment.id, assignment);
  recordActivity(call, { action: `${ACTION}/write`, scope: assignment.id, status });
  return assignmentBody(call, assignment);
}

/** Its identity goes with it; roles of that identity stay behind, as they do in Azure. Exemptions stay too. */
function remove(call: Call, assignment: PolicyAssignment): void {
  if (assignment.identity?.type === "SystemAssigned") call.model.principals.delete(assignment.identity.principalId);
  call.model.policyAssignments.delete(assignment.id);
  recordActivity(call, { action: `${ACTION}/delete`, scope: assignment.id, status: 200 });
}
