import type { State } from "../state";
import type { Json, JsonObject } from "./json";

/*
 * Management groups and policy objects. Ids keep the casing they were created with; times are milliseconds since 1970.
 * Built-in definitions are constants (`built-in.ts`), not documents.
 */

export interface ManagementGroup {
  /** Last segment of the id. Key. The root's is the tenant id. */
  name: string;
  displayName: string;
  /** Name of the group above; absent on the root. */
  parent?: string;
  updatedAt: number;
  updatedBy: string;
}

/** Where a subscription hangs; one without this document hangs below the root. */
export interface SubscriptionPlacement {
  /** Key. */
  subscriptionId: string;
  group: string;
}

/** Who wrote a policy object, and when. */
export interface Authorship {
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  updatedBy: string;
}

/** `properties` hold what was given, with the defaults that the service fills in. */
export interface PolicyDefinition extends Authorship {
  /** Key. */
  id: string;
  name: string;
  builtIn?: true;
  mode: string;
  displayName?: string;
  description?: string;
  metadata: JsonObject;
  version: string;
  /** As given; names keep their casing. */
  parameters: JsonObject;
  policyRule: Json;
}

export interface SetMember {
  policyDefinitionId: string;
  /** The name by which assignments, exemptions and remediations call this member. */
  referenceId: string;
  parameters: JsonObject;
  groupNames: string[];
  definitionVersion?: string;
}

export interface PolicySetDefinition extends Authorship {
  /** Key. */
  id: string;
  name: string;
  builtIn?: true;
  displayName?: string;
  description?: string;
  metadata: JsonObject;
  version: string;
  parameters: JsonObject;
  members: SetMember[];
  groups: JsonObject[];
}

/** Narrows an assignment, override or exemption to some resources or members. */
export interface Selector {
  kind: string;
  in?: string[];
  notIn?: string[];
}

export interface PolicyAssignment extends Authorship {
  /** `{scope}/providers/Microsoft.Authorization/policyAssignments/{name}`. Key. */
  id: string;
  name: string;
  scope: string;
  displayName?: string;
  description?: string;
  policyDefinitionId: string;
  definitionVersion?: string;
  notScopes: string[];
  /** Values by parameter name. */
  parameters: Record<string, Json>;
  metadata: JsonObject;
  enforcementMode: "Default" | "DoNotEnforce";
  nonComplianceMessages: { message: string; policyDefinitionReferenceId?: string }[];
  resourceSelectors: { name?: string; selectors: Selector[] }[];
  overrides: { kind: string; value: string; selectors: Selector[] }[];
  location?: string;
  identity?:
    | { type: "SystemAssigned"; principalId: string }
    | { type: "UserAssigned"; resourceId: string; principalId: string };
}

export interface PolicyExemption extends Authorship {
  /** Key. */
  id: string;
  name: string;
  scope: string;
  policyAssignmentId: string;
  /** Members of an initiative; empty: all of them. */
  referenceIds: string[];
  category: "Waiver" | "Mitigated";
  expiresOn?: number;
  displayName?: string;
  description?: string;
  metadata?: JsonObject;
  resourceSelectors: { name?: string; selectors: Selector[] }[];
  scopeValidation: "Default" | "DoNotValidate";
}

/** A compliance scan that somebody asked for. */
export interface PolicyScan {
  /** GUID. Key. */
  id: string;
  /** Normalised: a subscription or a resource group. */
  scope: string;
  startedAt: number;
  completesAt: number;
}

export interface Remediation {
  /** Key. */
  id: string;
  name: string;
  scope: string;
  policyAssignmentId: string;
  referenceId?: string;
  discovery: "ExistingNonCompliant" | "ReEvaluateCompliance";
  locations?: string[];
  resourceIds?: string[];
  resourceCount: number;
  parallelDeployments: number;
  /** Share of failed deployments, 0 to 1, above which no more are started. */
  failureThreshold: number;
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  correlationId: string;
  state: "Accepted" | "Evaluating" | "InProgress" | "Cancelling" | "Canceled" | "Succeeded" | "Failed";
  /** Set when the resources were chosen. */
  targets?: { id: string; location: string }[];
  /** When the first deployment starts. */
  startsAt: number;
}

export interface RemediationDeployment {
  /** Key: `{remediation id}/{place}`. */
  remediationId: string;
  resourceId: string;
  location: string;
  createdAt: number;
  endedAt: number;
  error?: { code: string; message: string };
}

export function policyCollections(state: State) {
  return {
    managementGroups: state.collection<ManagementGroup>("managementGroups"),
    subscriptionPlacements: state.collection<SubscriptionPlacement>("subscriptionPlacements"),
    policyDefinitions: state.collection<PolicyDefinition>("policyDefinitions"),
    policySetDefinitions: state.collection<PolicySetDefinition>("policySetDefinitions"),
    policyAssignments: state.collection<PolicyAssignment>("policyAssignments"),
    policyExemptions: state.collection<PolicyExemption>("policyExemptions"),
    policyScans: state.collection<PolicyScan>("policyScans"),
    remediations: state.collection<Remediation>("remediations"),
    remediationDeployments: state.collection<RemediationDeployment>("remediationDeployments"),
  };
}
