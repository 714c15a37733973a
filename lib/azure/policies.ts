import "server-only";
import { PolicyClient } from "@azure/arm-policy";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { azureErrorOf } from "./azure-error";
import { armOptions, drain, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";
import { type PolicyScope, policyScopeId } from "./policy-scope.pure";

/** The client of a management group asks no subscription; it wants one in its constructor all the same. */
const NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";

const policyOf = keepPerAccess(
  (azure, subscriptionId) => new PolicyClient(azure.credential, subscriptionId, armOptions(azure)),
);

function clientAt(azure: AzureAccess, scope: PolicyScope): PolicyClient {
  return policyOf(azure, "subscriptionId" in scope ? scope.subscriptionId : NO_SUBSCRIPTION);
}

const Written = z.object({ id: z.string().min(1) });
/** A definition or an initiative as Azure has it, with whatever Azure added. */
const Kept = z.looseObject({ id: z.string().min(1) });

interface Common {
  policyType: string;
  displayName: string;
  description: string;
  metadata: Record<string, unknown>;
}
interface Definition extends Common {
  mode: string;
  parameters: Record<string, { type: "String"; defaultValue: string; allowedValues: string[] }>;
  policyRule: Record<string, unknown>;
}
interface Initiative extends Common {
  policyDefinitions: {
    policyDefinitionId: string;
    policyDefinitionReferenceId: string;
    parameters: Record<string, never>;
  }[];
}

/**
 * Creates a policy definition, or brings it to this form.
 *
 * @returns its ARM id
 * @throws AppError `forbidden` without policyDefinitions/write at the scope
 */
export async function putPolicyDefinition(
  azure: AzureAccess,
  scope: PolicyScope,
  name: string,
  definition: Definition,
): Promise<string> {
  const { policyDefinitions } = clientAt(azure, scope);
  try {
    const answer =
      "managementGroup" in scope
        ? await policyDefinitions.createOrUpdateAtManagementGroup(scope.managementGroup, name, definition)
        : await policyDefinitions.createOrUpdate(name, definition);
    return Written.parse(answer).id;
  } catch (error) {
    throw toAppError(error, "write the policy definition");
  }
}

/** The definition of that name at the scope, or undefined. */
export function getPolicyDefinition(azure: AzureAccess, scope: PolicyScope, name: string) {
  const { policyDefinitions } = clientAt(azure, scope);
  return orUndefined("read the policy definition", () =>
    "managementGroup" in scope
      ? policyDefinitions.getAtManagementGroup(scope.managementGroup, name)
      : policyDefinitions.get(name),
  );
}

/** Creates an initiative, or brings it to this form. Throws AppError `forbidden` without policySetDefinitions/write. */
export async function putInitiative(
  azure: AzureAccess,
  scope: PolicyScope,
  name: string,
  initiative: Initiative,
): Promise<string> {
  const { policySetDefinitions } = clientAt(azure, scope);
  try {
    const answer =
      "managementGroup" in scope
        ? await policySetDefinitions.createOrUpdateAtManagementGroup(scope.managementGroup, name, initiative)
        : await policySetDefinitions.createOrUpdate(name, initiative);
    return Written.parse(answer).id;
  } catch (error) {
    throw toAppError(error, "write the initiative");
  }
}

/** The initiative of that name at the scope, or undefined. */
export function getInitiative(azure: AzureAccess, scope: PolicyScope, name: string) {
  const { policySetDefinitions } = clientAt(azure, scope);
  return orUndefined("read the initiative", () =>
    "managementGroup" in scope
      ? policySetDefinitions.getAtManagementGroup(scope.managementGroup, name)
      : policySetDefinitions.get(name),
  );
}

async function orUndefined(doing: string, ask: () => Promise<unknown>): Promise<z.infer<typeof Kept> | undefined> {
  try {
    return Kept.parse(await ask());
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return undefined;
    throw toAppError(error, doing);
  }
}

const Place = z.object({ name: z.string(), scope: z.string() });
const Assignment = z.object({
  id: z.string().min(1),
  policyDefinitionId: z.string(),
  displayName: z.string().nullish(),
  location: z.string().nullish(),
  enforcementMode: z.string().nullish(),
  identity: z.object({ type: z.string().nullish(), principalId: z.string().nullish() }).nullish(),
});

/** A policy assignment, of the parts that this product sets or needs. */
export interface PolicyAssignment {
  id: string;
  policyDefinitionId: string;
  displayName: string;
  location: string | undefined;
  /** Azure only watches, and changes or denies nothing. */
  enforced: boolean;
  /** Object id of its own identity. */
  principalId: string | undefined;
}

export interface AssignmentWish {
  policyDefinitionId: string;
  displayName: string;
  /** Azure region of the identity that it shall have of its own; left out, it has none. */
  identityIn?: string;
}

/** Assigns a definition or an initiative at the scope, or brings the assignment to this form. */
export async function assignPolicy(
  azure: AzureAccess,
  scope: PolicyScope,
  name: string,
  { policyDefinitionId, displayName, identityIn }: AssignmentWish,
): Promise<PolicyAssignment> {
  try {
    const { policyAssignments } = clientAt(azure, scope);
    const answer = await policyAssignments.create(policyScopeId(scope), name, {
      policyDefinitionId,
      displayName,
      ...(identityIn !== undefined && { location: identityIn, identity: { type: "SystemAssigned" } }),
    });
    return assignmentOf(answer);
  } catch (error) {
    throw toAppError(error, "assign the policy");
  }
}

/** An assignment that holds in a subscription, and where it was made: there or at a management group above. */
export interface AssignmentAbove extends PolicyAssignment {
  name: string;
  /** ARM id. */
  scope: string;
}

/** Every assignment that holds in a subscription, those of the management groups above it among them. */
export async function listAssignmentsAbove(azure: AzureAccess, subscriptionId: string): Promise<AssignmentAbove[]> {
  try {
    const listed = await drain(policyOf(azure, subscriptionId).policyAssignments.list({ filter: "atScope()" }));
    return listed.map((one) => ({ ...assignmentOf(one), ...Place.parse(one) }));
  } catch (error) {
    throw toAppError(error, "list the policy assignments");
  }
}

/** The assignment of that name made at this very scope, or undefined. */
export async function getPolicyAssignment(
  azure: AzureAccess,
  scope: PolicyScope,
  name: string,
): Promise<PolicyAssignment | undefined> {
  try {
    return assignmentOf(await clientAt(azure, scope).policyAssignments.get(policyScopeId(scope), name));
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return undefined;
    throw toAppError(error, "read the policy assignment");
  }
}

function assignmentOf(answer: unknown): PolicyAssignment {
  const { id, policyDefinitionId, displayName, location, enforcementMode, identity } = Assignment.parse(answer);
  return {
    id,
    policyDefinitionId,
    displayName: displayName ?? "",
    location: location ?? undefined,
    enforced: enforcementMode !== "DoNotEnforce",
    principalId: identity?.type === "SystemAssigned" ? (identity.principalId ?? undefined) : undefined,
  };
}
