import { iso } from "../arm/respond";
import type { Context } from "../context";
import type { Authorship, PolicyAssignment, PolicyDefinition, PolicyExemption, PolicySetDefinition } from "./documents";
import type { JsonObject } from "./json";

/* Policy objects as ARM and Resource Graph show them. */

function systemData({ createdAt, createdBy, updatedAt, updatedBy }: Authorship) {
  return {
    createdBy,
    createdByType: "User",
    createdAt: iso(createdAt),
    lastModifiedBy: updatedBy,
    lastModifiedByType: "User",
    lastModifiedAt: iso(updatedAt),
  };
}

/** What the service adds to the metadata that was given: who and when. Built-in objects have only their own. */
function metadataOf(object: Authorship & { metadata?: JsonObject; builtIn?: true }): JsonObject {
  if (object.builtIn) return object.metadata ?? {};
  const changed = object.updatedAt > object.createdAt;
  return {
    ...object.metadata,
    createdBy: object.createdBy,
    createdOn: iso(object.createdAt),
    updatedBy: changed ? object.updatedBy : null,
    updatedOn: changed ? iso(object.updatedAt) : null,
  };
}

function texts({ displayName, description }: { displayName?: string; description?: string }) {
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(description === undefined ? {} : { description }),
  };
}

export function definitionBody(definition: PolicyDefinition) {
  const { id, name, builtIn, mode, parameters, policyRule, version } = definition;
  return {
    properties: {
      ...texts(definition),
      policyType: builtIn ? "BuiltIn" : "Custom",
      mode,
      metadata: metadataOf(definition),
      version,
      versions: [version],
      parameters,
      policyRule,
    },
    id,
    type: "Microsoft.Authorization/policyDefinitions",
    name,
    ...(builtIn ? {} : { systemData: systemData(definition) }),
  };
}

export function setBody(set: PolicySetDefinition) {
  const { id, name, builtIn, parameters, members, groups, version } = set;
  return {
    properties: {
      ...texts(set),
      policyType: builtIn ? "BuiltIn" : "Custom",
      metadata: metadataOf(set),
      version,
      versions: [version],
      parameters,
      policyDefinitions: members.map((member) => ({
        policyDefinitionReferenceId: member.referenceId,
        policyDefinitionId: member.policyDefinitionId,
        definitionVersion: member.definitionVersion ?? "1.*.*",
        parameters: member.parameters,
        groupNames: member.groupNames,
      })),
      ...(groups.length > 0 ? { policyDefinitionGroups: groups } : {}),
    },
    id,
    type: "Microsoft.Authorization/policySetDefinitions",
    name,
    ...(builtIn ? {} : { systemData: systemData(set) }),
  };
}

export function assignmentBody(context: Context, assignment: PolicyAssignment) {
  const { id, name, location, scope, policyDefinitionId, definitionVersion, notScopes, enforcementMode } = assignment;
  const { nonComplianceMessages, resourceSelectors, overrides, parameters } = assignment;
  return {
    properties: {
      ...texts(assignment),
      policyDefinitionId,
      definitionVersion: definitionVersion ?? "1.*.*",
      scope,
      notScopes,
      parameters: parameterBody(parameters),
      metadata: metadataOf(assignment),
      enforcementMode,
      ...(nonComplianceMessages.length > 0 ? { nonComplianceMessages } : {}),
      ...(resourceSelectors.length > 0 ? { resourceSelectors } : {}),
      ...(overrides.length > 0 ? { overrides } : {}),
    },
    id,
    type: "Microsoft.Authorization/policyAssignments",
    name,
    ...(location === undefined ? {} : { location }),
    ...identityBody(context, assignment),
    systemData: systemData(assignment),
  };
}

/** Parameter values as bodies give them: `{ name: { value } }`. */
export function parameterBody(parameters: PolicyAssignment["parameters"]) {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value }]));
}

function identityBody(context: Context, { identity }: PolicyAssignment) {
  if (!identity) return {};
  if (identity.type === "SystemAssigned") {
    return {
      identity: { type: identity.type, principalId: identity.principalId, tenantId: context.identity.tenantId },
    };
  }
  const { principalId, resourceId } = identity;
  const clientId = context.model.principals.get(principalId)?.appId ?? "";
  return { identity: { type: identity.type, userAssignedIdentities: { [resourceId]: { principalId, clientId } } } };
}

export function exemptionBody(exemption: PolicyExemption) {
  const { id, name, policyAssignmentId, referenceIds, category, expiresOn, metadata, resourceSelectors } = exemption;
  return {
    properties: {
      policyAssignmentId,
      ...(referenceIds.length > 0 ? { policyDefinitionReferenceIds: referenceIds } : {}),
      exemptionCategory: category,
      ...(expiresOn === undefined ? {} : { expiresOn: iso(expiresOn) }),
      ...texts(exemption),
      ...(metadata ? { metadata } : {}),
      ...(resourceSelectors.length > 0 ? { resourceSelectors } : {}),
      assignmentScopeValidation: exemption.scopeValidation,
    },
    systemData: systemData(exemption),
    id,
    type: "Microsoft.Authorization/policyExemptions",
    name,
  };
}
