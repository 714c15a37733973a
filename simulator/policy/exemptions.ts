import { z } from "zod";
import { mayControl, normaliseScope, scopeCovers } from "../access";
import { recordActivity } from "../arm/activity";
import { authorizationFailed, badRequest } from "../arm/errors";
import { created, noContent, ok } from "../arm/respond";
import { authorize, requireScope } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import { exemptionBody } from "./bodies";
import {
  authorship,
  checkLimit,
  checkMetadata,
  checkName,
  JsonObjectBody,
  ResourceSelectors,
  readPolicyBody,
  resourceSelectorsOf,
  Text,
} from "./body-rules";
import { setOf } from "./catalog";
import type { PolicyAssignment, PolicyExemption } from "./documents";
import { isOver } from "./judge";
import { holdsAt, policyFilter, policyPage } from "./lists";

const TYPE = "providers/Microsoft.Authorization/policyExemptions";
const ACTION = "Microsoft.Authorization/policyExemptions";
const EXEMPT = "Microsoft.Authorization/policyAssignments/exempt/action";
/** Source: Azure Policy limits, Microsoft Learn. */
const PER_SCOPE_MAX = 1000;

const Validation = z.enum(["Default", "DoNotValidate"]).nullish();
const Body = z.object({
  properties: z.object({
    ...Text,
    policyAssignmentId: z.string().min(1).max(1024),
    policyDefinitionReferenceIds: z.array(z.string().max(260)).max(1000).nullish(),
    exemptionCategory: z.enum(["Waiver", "Mitigated"]),
    expiresOn: z.iso.datetime({ offset: true }).nullish(),
    metadata: JsonObjectBody.nullish(),
    resourceSelectors: ResourceSelectors,
    assignmentScopeValidation: Validation,
  }),
});
const Patch = z.object({
  properties: z.object({ resourceSelectors: ResourceSelectors, assignmentScopeValidation: Validation }).nullish(),
});

/** Exemptions from policy assignments at any scope: list, get, put, patch, delete. */
export function routePolicyExemptions(router: Router<Call>): void {
  router.on("GET", `/{scope*}/${TYPE}`, (call, params) => {
    authorize(call, `${ACTION}/read`, params.scope ?? "");
    return list(call, requireScope(call, params.scope ?? ""));
  });

  router.on("GET", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/read`, params.scope ?? "");
    return ok(exemptionBody(existing(call, params)));
  });

  router.on("PUT", `/{scope*}/${TYPE}/{n}`, put);

  router.on("PATCH", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/write`, params.scope ?? "");
    const present = existing(call, params);
    const { properties } = readPolicyBody(call, Patch);
    const changed = { ...present, ...authorship(call, present) };
    if (properties?.resourceSelectors) changed.resourceSelectors = resourceSelectorsOf(properties.resourceSelectors);
    if (properties?.assignmentScopeValidation) changed.scopeValidation = properties.assignmentScopeValidation;
    return ok(store(call, changed, 200));
  });

  router.on("DELETE", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/delete`, params.scope ?? "");
    requireScope(call, params.scope ?? "");
    const found = call.model.policyExemptions.get(idOf(params));
    if (!found) return noContent();
    call.model.policyExemptions.delete(found.id);
    recordActivity(call, { action: `${ACTION}/delete`, scope: found.id, status: 200 });
    return { status: 200 };
  });
}

function idOf(params: Record<string, string>): string {
  return `${params.scope}/${TYPE}/${params.n}`;
}

function existing(call: Call, params: Record<string, string>): PolicyExemption {
  requireScope(call, params.scope ?? "");
  const found = call.model.policyExemptions.get(idOf(params));
  if (!found) throw new AzureError(404, "PolicyExemptionNotFound", `The policy exemption '${params.n}' is not found.`);
  return found;
}

function list(call: Call, { id }: { id: string }): SimResponse {
  const filter = policyFilter(call, ["atscope", "atexactscope", "excludeexpired"], ["policyassignmentid"]);
  const assignment = filter.equals.get("policyassignmentid")?.toLowerCase();
  const at = normaliseScope(id);
  const found = [...call.model.policyExemptions.values()].filter((exemption) => {
    if (assignment !== undefined && exemption.policyAssignmentId.toLowerCase() !== assignment) return false;
    if (filter.functions.has("excludeexpired") && isOver(exemption, call.now())) return false;
    const scope = normaliseScope(exemption.scope);
    if (filter.functions.has("atexactscope")) return scope === at;
    return holdsAt(call, exemption.scope, id) || (!filter.functions.has("atscope") && scopeCovers(at, scope));
  });
  return ok(policyPage(call, found.map(exemptionBody)));
}

function put(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, `${ACTION}/write`, params.scope ?? "");
  const { id: scope } = requireScope(call, params.scope ?? "");
  const name = params.n ?? "";
  checkName(name, 64, "policy exemption");
  const { properties } = readPolicyBody(call, Body);
  const { policyAssignmentId, displayName, description, expiresOn, metadata } = properties;
  // Who exempts from an assignment needs a right on that assignment too, wherever it lies.
  if (!mayControl(call, call.caller, EXEMPT, policyAssignmentId))
    throw authorizationFailed(call, EXEMPT, policyAssignmentId);
  const assignment = call.model.policyAssignments.get(policyAssignmentId);
  if (!assignment) {
    throw new AzureError(
      404,
      "PolicyAssignmentNotFound",
      `The policy assignment '${policyAssignmentId}' is not found.`,
    );
  }
  const referenceIds = properties.policyDefinitionReferenceIds ?? [];
  const scopeValidation = properties.assignmentScopeValidation ?? "Default";
  checkFits(call, name, scope, assignment, referenceIds, scopeValidation);
  const id = `${scope}/${TYPE}/${name}`;
  const present = call.model.policyExemptions.get(id);
  if (!present) {
    const others = [...call.model.policyExemptions.values()].filter((other) => other.scope === scope);
    checkLimit(others.length, PER_SCOPE_MAX, "policy exemptions", scope);
  }
  const exemption: PolicyExemption = {
    ...authorship(call, present),
    id: present?.id ?? id,
    name: present?.name ?? name,
    scope,
    policyAssignmentId: assignment.id,
    referenceIds,
    category: properties.exemptionCategory,
    ...(expiresOn ? { expiresOn: Date.parse(expiresOn) } : {}),
    ...(displayName ? { displayName } : {}),
    ...(description ? { description } : {}),
    ...(metadata ? { metadata: checkMetadata(metadata) } : {}),
    resourceSelectors: resourceSelectorsOf(properties.resourceSelectors),
    scopeValidation,
  };
  const body = store(call, exemption, present ? 200 : 201);
  return present ? ok(body) : created(body);
}

function checkFits(
  call: Call,
  name: string,
  scope: string,
  assignment: PolicyAssignment,
  referenceIds: readonly string[],
  validation: PolicyExemption["scopeValidation"],
): void {
  if (validation === "Default" && !holdsAt(call, assignment.scope, scope)) {
    throw badRequest(
      `The policy exemption '${name}' is invalid: its scope '${scope}' is not at or below the scope '${assignment.scope}' of the policy assignment.`,
      "InvalidPolicyExemptionScope",
    );
  }
  const members = setOf(call, assignment.policyDefinitionId)?.members ?? [];
  const stray = referenceIds.find(
    (id) => !members.some(({ referenceId }) => referenceId.toLowerCase() === id.toLowerCase()),
  );
  if (stray !== undefined) {
    throw badRequest(
      `The policy exemption '${name}' names the policy definition reference '${stray}', which the assigned policy set does not have.`,
      "InvalidPolicyDefinitionReferenceId",
    );
  }
}

function store(call: Call, exemption: PolicyExemption, status: number) {
  call.model.policyExemptions.put(exemption.id, exemption);
  recordActivity(call, { action: `${ACTION}/write`, scope: exemption.id, status });
  return exemptionBody(exemption);
}
