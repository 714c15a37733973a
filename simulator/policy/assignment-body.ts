import { z } from "zod";
import { badRequest } from "../arm/errors";
import type { Call } from "../context";
import { derivedGuid } from "../derived-id";
import type { Principal } from "../model";
import {
  authorship,
  checkMetadata,
  checkParameterValue,
  JsonObjectBody,
  ResourceSelectors,
  resourceSelectorsOf,
  SelectorBody,
  selectorsOf,
  Text,
} from "./body-rules";
import { definitionOf, parametersOf, setOf, valuesOf } from "./catalog";
import { definitionNotFound } from "./definitions";
import type { PolicyAssignment, PolicyDefinition, PolicySetDefinition } from "./documents";
import { holdsAt, scopeOfId } from "./lists";
import { setNotFound } from "./set-definitions";
import { unitsOfAssignment } from "./units";

const Identity = z.object({
  type: z.enum(["SystemAssigned", "UserAssigned", "None"]),
  userAssignedIdentities: z.record(z.string(), z.unknown()).nullish(),
});
const Overrides = z
  .array(
    z.object({
      kind: z.literal("policyEffect"),
      value: z.string().max(128),
      selectors: z.array(SelectorBody).max(10).nullish(),
    }),
  )
  .max(10)
  .nullish();

export const AssignmentBody = z.object({
  location: z.string().max(128).nullish(),
  identity: Identity.nullish(),
  properties: z.object({
    ...Text,
    policyDefinitionId: z.string().min(1).max(1024),
    definitionVersion: z.string().max(32).nullish(),
    notScopes: z.array(z.string().max(1024)).max(400).nullish(),
    parameters: JsonObjectBody.nullish(),
    metadata: JsonObjectBody.nullish(),
    enforcementMode: z.enum(["Default", "DoNotEnforce"]).nullish(),
    nonComplianceMessages: z
      .array(
        z.object({ message: z.string().min(1).max(1024), policyDefinitionReferenceId: z.string().max(260).nullish() }),
      )
      .max(1000)
      .nullish(),
    resourceSelectors: ResourceSelectors,
    overrides: Overrides,
  }),
});

export const AssignmentPatch = z.object({
  location: z.string().max(128).nullish(),
  identity: Identity.nullish(),
  properties: z.object({ resourceSelectors: ResourceSelectors, overrides: Overrides }).nullish(),
});

type Input = z.infer<typeof AssignmentBody>;

/**
 * The assignment that a body describes.
 * @throws AzureError 404 for a definition that is not there (or not above this scope), 400 for parameters that do not
 * fit, excluded scopes that lie elsewhere, and an effect that needs an identity without one.
 */
export function assignmentFrom(
  call: Call,
  place: { id: string; name: string; scope: string },
  { properties, identity, location }: Input,
  present: PolicyAssignment | undefined,
): PolicyAssignment {
  const { displayName, description, definitionVersion, nonComplianceMessages } = properties;
  const what = assignable(call, place.scope, properties.policyDefinitionId);
  const parameters = valuesOf(properties.parameters ?? {});
  checkParameters(place.name, what, parameters);
  const assignment: PolicyAssignment = {
    ...authorship(call, present),
    ...place,
    ...(displayName ? { displayName } : {}),
    ...(description ? { description } : {}),
    policyDefinitionId: what.id,
    ...(definitionVersion ? { definitionVersion } : {}),
    notScopes: checkNotScopes(call, place.scope, properties.notScopes ?? []),
    parameters,
    metadata: checkMetadata(properties.metadata),
    enforcementMode: properties.enforcementMode ?? "Default",
    nonComplianceMessages: (nonComplianceMessages ?? []).map(({ message, policyDefinitionReferenceId }) => ({
      message,
      ...(policyDefinitionReferenceId ? { policyDefinitionReferenceId } : {}),
    })),
    resourceSelectors: resourceSelectorsOf(properties.resourceSelectors),
    overrides: overridesOf(properties.overrides),
  };
  return withIdentity(call, assignment, { identity, location }, present);
}

/** The assignment after a PATCH: selectors, overrides, identity and location are all that it changes. */
export function patched(
  call: Call,
  present: PolicyAssignment,
  { properties, identity, location }: z.infer<typeof AssignmentPatch>,
): PolicyAssignment {
  const changed: PolicyAssignment = { ...present, ...authorship(call, present) };
  if (properties?.resourceSelectors) changed.resourceSelectors = resourceSelectorsOf(properties.resourceSelectors);
  if (properties?.overrides) changed.overrides = overridesOf(properties.overrides);
  if (!identity) return location ? { ...changed, location } : changed;
  return withIdentity(call, changed, { identity, location: location ?? present.location }, present);
}

function overridesOf(given: z.infer<typeof Overrides>): PolicyAssignment["overrides"] {
  return (given ?? []).map(({ kind, value, selectors }) => ({ kind, value, selectors: selectorsOf(selectors) }));
}

/** The definition or initiative, which must be built in or kept at the scope or above it. */
function assignable(call: Call, scope: string, id: string): PolicyDefinition | PolicySetDefinition {
  const found = setOf(call, id) ?? definitionOf(call, id);
  const home = found && scopeOfId(found.id);
  if (found && (home === "" || holdsAt(call, home ?? "", scope))) return found;
  const name = id.split("/").pop() ?? "";
  throw /policySetDefinitions/i.test(id) ? setNotFound(name) : definitionNotFound(name);
}

function checkParameters(
  assignment: string,
  what: PolicyDefinition | PolicySetDefinition,
  given: PolicyAssignment["parameters"],
): void {
  const wanted = parametersOf(what.parameters);
  const kind = "members" in what ? "policy set definition" : "policy definition";
  const stray = Object.keys(given).filter((name) => !wanted.has(name.toLowerCase()));
  if (stray.length > 0) {
    throw badRequest(
      `The policy assignment '${assignment}' is attempting to assign the parameter(s) '${stray.join(",")}' which are not defined in the ${kind} '${what.name}'.`,
      "UndefinedPolicyParameter",
    );
  }
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const missing = [...wanted].filter(([name, { defaultValue }]) => defaultValue === undefined && !names.has(name));
  if (missing.length > 0) {
    throw badRequest(
      `The policy assignment '${assignment}' is missing the parameter(s) '${missing.map(([name]) => name).join(",")}' as defined in the ${kind} '${what.name}'.`,
      "MissingPolicyParameter",
    );
  }
  for (const [name, value] of Object.entries(given)) {
    const parameter = wanted.get(name.toLowerCase());
    if (parameter) checkParameterValue(what.name, name, value, parameter);
  }
}

function checkNotScopes(call: Call, scope: string, notScopes: string[]): string[] {
  const stray = notScopes.find((one) => !holdsAt(call, scope, one));
  if (stray !== undefined) {
    throw badRequest(
      `The excluded scope '${stray}' does not lie below the scope '${scope}' of the policy assignment.`,
      "InvalidPolicyAssignmentNotScopes",
    );
  }
  return notScopes;
}

/** With the identity that the body asks for; a new system-assigned one is a new principal of the tenant. */
function withIdentity(
  call: Call,
  assignment: PolicyAssignment,
  { identity, location }: Pick<Input, "identity" | "location">,
  present: PolicyAssignment | undefined,
): PolicyAssignment {
  const { identity: _, location: __, ...bare } = assignment;
  const wanted = identity?.type ?? "None";
  const needing = unitsOfAssignment(call, assignment).find(({ rule }) =>
    rule.effects.some((one) => IDENTITY_EFFECTS[one]),
  );
  if (wanted === "None" && needing) {
    const effect = needing.rule.effects.map((one) => IDENTITY_EFFECTS[one]).find(Boolean);
    throw badRequest(
      `The policy assignment '${assignment.name}' request is invalid. Policy assignments must include a resource identity when assigning '${effect}' policy definitions.`,
      "ResourceIdentityRequired",
    );
  }
  if (wanted !== "None" && !location) {
    throw badRequest("The location property is required for this definition.", "LocationRequired");
  }
  const kept = present?.identity?.type === "SystemAssigned" ? present.identity : undefined;
  if (kept && wanted !== "SystemAssigned") call.model.principals.delete(kept.principalId);
  const base = location ? { ...bare, location } : bare;
  if (wanted === "SystemAssigned") {
    return { ...base, identity: kept ?? { type: "SystemAssigned", principalId: newPrincipal(call, assignment).oid } };
  }
  if (wanted === "UserAssigned")
    return { ...base, identity: userAssigned(call, identity?.userAssignedIdentities ?? {}) };
  return base;
}

const IDENTITY_EFFECTS: Readonly<Record<string, string>> = { modify: "Modify", deployifnotexists: "DeployIfNotExists" };

function newPrincipal(call: Call, { id, name }: PolicyAssignment): Principal {
  const principal: Principal = {
    oid: derivedGuid(call, `policy identity ${id}`),
    kind: "ServicePrincipal",
    name,
    appId: derivedGuid(call, `policy identity client ${id}`),
    managedIdentityId: id,
    appRoles: [],
  };
  call.model.principals.put(principal.oid, principal);
  return principal;
}

function userAssigned(call: Call, given: Record<string, unknown>): NonNullable<PolicyAssignment["identity"]> {
  const [id, ...more] = Object.keys(given);
  if (id === undefined || more.length > 0) {
    throw badRequest("Exactly one user-assigned identity must be given.", "InvalidUserAssignedIdentities");
  }
  for (const { managedIdentityId, oid } of call.model.principals.values()) {
    if (managedIdentityId?.toLowerCase() === id.toLowerCase()) {
      return { type: "UserAssigned", resourceId: managedIdentityId, principalId: oid };
    }
  }
  throw badRequest(`The user-assigned identity '${id}' could not be found.`, "InvalidUserAssignedIdentities");
}
