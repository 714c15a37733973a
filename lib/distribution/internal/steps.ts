import "server-only";
import {
  assignPolicy,
  getInitiative,
  getPolicyAssignment,
  getPolicyDefinition,
  type PolicyAssignment,
  putInitiative,
  putPolicyDefinition,
} from "@/lib/azure/policies";
import { listPolicyStates, listRemediations, startRemediation } from "@/lib/azure/policy-insights";
import { type PolicyScope, policyScopeId } from "@/lib/azure/policy-scope.pure";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import { giveRoleAt, hasRoleAt } from "@/lib/azure/scope-roles";
import type { AzureAccess } from "@/lib/context";
import type { StepName, StepState } from "../deploy.pure";
import { auditPolicy, initiative, type PolicyOptions, TAG_CONTRIBUTOR, tagPolicy } from "../policies.pure";
import { holdsAll } from "./same";

/** What the steps of one look or one deployment work with; all of it with the rights of the person who asked. */
export interface Work {
  azure: AzureAccess;
  scope: PolicyScope;
  options: PolicyOptions;
  /** Region of the identity. */
  location: string;
  now: Date;
  /** Of the tag policy, once it was read or written: Azure may not show at once what it has just made. */
  tagAssignment?: PolicyAssignment | undefined;
}

export interface Look {
  state: StepState;
  detail: string;
}

export interface Step {
  name: StepName;
  /** Steps without which this one has nothing to stand on. */
  needs: readonly StepName[];
  look(work: Work): Promise<Look>;
  write(work: Work): Promise<void>;
}

const look = (state: StepState, detail = ""): Look => ({ state, detail });

function compared(found: unknown, wanted: unknown): Look {
  if (found === undefined) return look("missing");
  return holdsAll(found, wanted) ? look("done") : look("differs", "It says something else than is saved here.");
}

const idIn = ({ scope }: Work, type: string, name: string) =>
  `${policyScopeId(scope)}/providers/Microsoft.Authorization/${type}/${name}`;

/** Where nothing is assigned yet there is nothing to ask about. */
const NOT_YET = look("missing", "It follows the assignment.");

async function tagAssignment(work: Work): Promise<PolicyAssignment | undefined> {
  work.tagAssignment ??= await getPolicyAssignment(work.azure, work.scope, work.options.tagPolicyName);
  return work.tagAssignment;
}

async function written(work: Work): Promise<PolicyAssignment & { principalId: string }> {
  const assignment = await tagAssignment(work);
  if (assignment?.principalId === undefined) throw new Error("The assignment has no identity of its own.");
  return { ...assignment, principalId: assignment.principalId };
}

/** The steps of a deployment, in their order. Each can be done again at any time. */
export const ALL_STEPS: readonly Step[] = [
  {
    name: "tagPolicy",
    needs: [],
    look: async ({ azure, scope, options }) =>
      compared(await getPolicyDefinition(azure, scope, options.tagPolicyName), tagPolicy(options)),
    write: async ({ azure, scope, options }) => {
      await putPolicyDefinition(azure, scope, options.tagPolicyName, tagPolicy(options));
    },
  },
  {
    name: "auditPolicy",
    needs: [],
    look: async ({ azure, scope, options }) =>
      compared(await getPolicyDefinition(azure, scope, options.auditPolicyName), auditPolicy(options)),
    write: async ({ azure, scope, options }) => {
      await putPolicyDefinition(azure, scope, options.auditPolicyName, auditPolicy(options));
    },
  },
  {
    name: "initiative",
    needs: ["auditPolicy"],
    look: async (work) =>
      compared(await getInitiative(work.azure, work.scope, work.options.initiativeName), wantedInitiative(work)),
    write: async (work) => {
      await putInitiative(work.azure, work.scope, work.options.initiativeName, wantedInitiative(work));
    },
  },
  {
    name: "assignInitiative",
    needs: ["initiative"],
    look: async (work) => {
      const found = await getPolicyAssignment(work.azure, work.scope, work.options.initiativeName);
      return assigned(found, idIn(work, "policySetDefinitions", work.options.initiativeName));
    },
    write: async (work) => {
      const { initiativeName, initiativeTitle } = work.options;
      const policyDefinitionId = idIn(work, "policySetDefinitions", initiativeName);
      await assignPolicy(work.azure, work.scope, initiativeName, { policyDefinitionId, displayName: initiativeTitle });
    },
  },
  {
    name: "assignTagPolicy",
    needs: ["tagPolicy"],
    look: async (work) => {
      const found = await tagAssignment(work);
      if (found && found.principalId === undefined) return look("differs", "It has no identity of its own.");
      return assigned(found, idIn(work, "policyDefinitions", work.options.tagPolicyName));
    },
    write: async (work) => {
      const { tagPolicyName, tagPolicyTitle } = work.options;
      const policyDefinitionId = idIn(work, "policyDefinitions", tagPolicyName);
      // Azure refuses to move an identity.
      const identityIn = (await tagAssignment(work))?.location ?? work.location;
      const wish = { policyDefinitionId, displayName: tagPolicyTitle, identityIn };
      work.tagAssignment = await assignPolicy(work.azure, work.scope, tagPolicyName, wish);
    },
  },
  {
    name: "tagRole",
    needs: ["assignTagPolicy"],
    look: async (work) => {
      const principalId = (await tagAssignment(work))?.principalId;
      if (principalId === undefined) return NOT_YET;
      const has = await hasRoleAt(work.azure, work.scope, { principalId, roleId: TAG_CONTRIBUTOR });
      return look(has ? "done" : "missing");
    },
    write: async (work) => {
      const { principalId } = await written(work);
      await giveRoleAt(work.azure, work.scope, { principalId, roleId: TAG_CONTRIBUTOR });
    },
  },
  {
    name: "remediation",
    needs: ["tagRole"],
    look: lookAtRemediation,
    write: async (work) => {
      const { id } = await written(work);
      // A name of its own each time: Azure keeps a task that has ended for 60 days, and does not start it again.
      const name = `${work.options.tagPolicyName}-${work.now.toISOString().replace(/[^0-9]/g, "")}`;
      await startRemediation(work.azure, work.scope, name, id);
    },
  },
];

function wantedInitiative(work: Work) {
  return initiative(work.options, idIn(work, "policyDefinitions", work.options.auditPolicyName));
}

function assigned(found: PolicyAssignment | undefined, policyDefinitionId: string): Look {
  if (!found) return look("missing");
  if (normaliseId(found.policyDefinitionId) !== normaliseId(policyDefinitionId))
    return look("differs", "An assignment of this name assigns something else.");
  return found.enforced ? look("done") : look("differs", "It is switched off: Azure does not enforce it.");
}

/** Whether vaults that are there already have their tag, which the policy by itself gives only when they are written. */
async function lookAtRemediation(work: Work): Promise<Look> {
  const assignment = await tagAssignment(work);
  if (!assignment) return NOT_YET;
  const [newest] = await listRemediations(work.azure, work.scope, assignment.id);
  if (newest?.running) return look("running", `${newest.done} of ${newest.total} vaults so far.`);
  const states = await listPolicyStates(work.azure, work.scope, assignment.id);
  if (states.length === 0) return unseen(work, newest !== undefined);
  const untagged = states.filter(({ compliance }) => compliance === "NonCompliant");
  if (untagged.length === 0) return look("done");
  // States are as old as the last scan: what the last task tagged since is not among them.
  const since = newest?.updatedAt;
  const stale = since !== undefined && untagged.every(({ at }) => at < since);
  if (stale && newest?.state.toLowerCase() === "succeeded")
    return look("waiting", "Done; Azure has not looked at the vaults again since.");
  const failed = newest && newest.failed > 0 ? ` ${newest.failed} failed the last time.` : "";
  return look("missing", `${untagged.length} vaults have no tag yet.${failed}`);
}

/** In a subscription the task looks for itself; of a management group it knows only what a scan has found. */
function unseen({ scope }: Work, wasStarted: boolean): Look {
  if ("subscriptionId" in scope && !wasStarted) return look("missing");
  return look(
    "waiting",
    "Azure has not looked at the vaults yet. Deploy again when it has; that may take half an hour.",
  );
}
