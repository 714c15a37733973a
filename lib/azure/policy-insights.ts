import "server-only";
import { PolicyInsightsClient } from "@azure/arm-policyinsights";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { armOptions, drain, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";
import type { PolicyScope } from "./policy-scope.pure";
import { normaliseId } from "./resource-id.pure";

const NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";

const insightsOf = keepPerAccess(
  (azure, subscriptionId) => new PolicyInsightsClient(azure.credential, subscriptionId, armOptions(azure)),
);

function clientAt(azure: AzureAccess, scope: PolicyScope): PolicyInsightsClient {
  return insightsOf(azure, "subscriptionId" in scope ? scope.subscriptionId : NO_SUBSCRIPTION);
}

/** Has Azure look at all resources of a subscription now rather than at its next daily scan; does not wait for it. */
export async function startScan(azure: AzureAccess, subscriptionId: string): Promise<void> {
  try {
    await insightsOf(azure, subscriptionId).policyStates.beginTriggerSubscriptionEvaluation(subscriptionId);
  } catch (error) {
    throw toAppError(error, "have the policies evaluated");
  }
}

const State = z.object({
  resourceId: z.string(),
  subscriptionId: z.string().toLowerCase(),
  policyAssignmentId: z.string(),
  complianceState: z.string(),
  timestamp: z.coerce.date(),
});

/** How one resource stands under one assignment; ids normalised. */
export interface PolicyState {
  resourceId: string;
  subscriptionId: string;
  assignmentId: string;
  /** As Azure says it: `Compliant`, `NonCompliant`, `Exempt`, and in rare cases `Error` or `Unknown`. */
  compliance: string;
  /** When Azure looked. */
  at: Date;
}

const COLUMNS = "resourceId,subscriptionId,policyAssignmentId,complianceState,timestamp";

/**
 * The latest states of the vaults of a scope under one assignment, or under all, to the last page (1,000 states each).
 *
 * @param assignmentId its ARM id
 */
export async function listPolicyStates(
  azure: AzureAccess,
  scope: PolicyScope,
  assignmentId?: string,
): Promise<PolicyState[]> {
  const { policyStates } = clientAt(azure, scope);
  const quoted = assignmentId?.replaceAll("'", "''").toLowerCase();
  const filter = quoted === undefined ? {} : { filter: `policyAssignmentId eq '${quoted}'` };
  const queryOptions = { select: COLUMNS, ...filter };
  try {
    const states = await drain(
      "managementGroup" in scope
        ? policyStates.listQueryResultsForManagementGroup("latest", scope.managementGroup, { queryOptions })
        : policyStates.listQueryResultsForSubscription("latest", scope.subscriptionId, { queryOptions }),
    );
    return z
      .array(State)
      .parse(states)
      .map(({ resourceId, subscriptionId, policyAssignmentId, complianceState, timestamp }) => ({
        resourceId: normaliseId(resourceId),
        subscriptionId,
        assignmentId: normaliseId(policyAssignmentId),
        compliance: complianceState,
        at: timestamp,
      }));
  } catch (error) {
    throw toAppError(error, "read the policy states");
  }
}

const Task = z.object({
  name: z.string(),
  policyAssignmentId: z.string(),
  provisioningState: z.string(),
  createdOn: z.coerce.date().nullish(),
  lastUpdatedOn: z.coerce.date().nullish(),
  statusMessage: z.string().nullish(),
  deploymentStatus: z
    .object({
      totalDeployments: z.number().nullish(),
      successfulDeployments: z.number().nullish(),
      failedDeployments: z.number().nullish(),
    })
    .nullish(),
});

/** A remediation task: Azure changes what is there already as the policy would have changed it at its creation. */
export interface Remediation {
  name: string;
  /** As Azure says it: `Accepted`, `Evaluating`, `Running`, `Succeeded`, `Failed`, `Canceled` and others. */
  state: string;
  running: boolean;
  createdAt: Date | undefined;
  /** Its last change; of one that has ended, its end. */
  updatedAt: Date | undefined;
  total: number;
  done: number;
  failed: number;
}

const ENDED = new Set(["succeeded", "failed", "canceled", "cancelled", "complete"]);

/** The remediation tasks of an assignment at the scope, the newest first. */
export async function listRemediations(
  azure: AzureAccess,
  scope: PolicyScope,
  assignmentId: string,
): Promise<Remediation[]> {
  const { remediations } = clientAt(azure, scope);
  try {
    const all = await drain(
      "managementGroup" in scope
        ? remediations.listForManagementGroup(scope.managementGroup)
        : remediations.listForSubscription(),
    );
    return z
      .array(Task)
      .parse(all)
      .filter(({ policyAssignmentId }) => normaliseId(policyAssignmentId) === normaliseId(assignmentId))
      .map(({ name, provisioningState, createdOn, lastUpdatedOn, deploymentStatus }) => ({
        name,
        state: provisioningState,
        running: !ENDED.has(provisioningState.toLowerCase()),
        createdAt: createdOn ?? undefined,
        updatedAt: lastUpdatedOn ?? createdOn ?? undefined,
        total: deploymentStatus?.totalDeployments ?? 0,
        done: deploymentStatus?.successfulDeployments ?? 0,
        failed: deploymentStatus?.failedDeployments ?? 0,
      }))
      .toSorted((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0));
  } catch (error) {
    throw toAppError(error, "read the remediation tasks");
  }
}

/** A task takes this many resources at most. Source: "Remediation task structure", Microsoft Learn. */
const RESOURCES_MAX = 50_000;

/**
 * Starts a remediation task and does not wait for its end. In a subscription Azure first looks at every resource anew;
 * of a management group it takes what it has found so far, since it looks at none anew there.
 */
export async function startRemediation(
  azure: AzureAccess,
  scope: PolicyScope,
  name: string,
  assignmentId: string,
): Promise<void> {
  const { remediations } = clientAt(azure, scope);
  const task = { policyAssignmentId: assignmentId, resourceCount: RESOURCES_MAX };
  try {
    if ("managementGroup" in scope) {
      await remediations.createOrUpdateAtManagementGroup(scope.managementGroup, name, {
        ...task,
        resourceDiscoveryMode: "ExistingNonCompliant",
      });
    } else {
      await remediations.createOrUpdateAtSubscription(name, { ...task, resourceDiscoveryMode: "ReEvaluateCompliance" });
    }
  } catch (error) {
    throw toAppError(error, "start the remediation task");
  }
}
