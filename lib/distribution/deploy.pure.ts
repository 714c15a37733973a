import { z } from "zod";
import { PolicyScopeText } from "@/lib/azure/policy-scope.pure";

/** What deploying the recommendation does, in its order. */
export const STEPS = [
  { name: "tagPolicy", title: "Definition of the tag policy" },
  { name: "auditPolicy", title: "Definition of the audit policy" },
  { name: "initiative", title: "Initiative with the audit policy" },
  { name: "assignInitiative", title: "Assignment of the initiative" },
  { name: "assignTagPolicy", title: "Assignment of the tag policy, with an identity of its own" },
  { name: "tagRole", title: "Role Tag Contributor for that identity" },
  { name: "remediation", title: "Tags for the vaults that are there already" },
] as const;
const STEP_NAMES = STEPS.map(({ name }) => name);
export type StepName = (typeof STEPS)[number]["name"];

/**
 * missing, differs = will be written; done = as it should be; waiting = Azure has to do something first; running = Azure
 * is at it; unknown = it could not be read.
 */
export const StepState = z.enum(["missing", "differs", "done", "waiting", "running", "unknown"]);
export type StepState = z.infer<typeof StepState>;

const StepView = z.object({
  name: z.enum(STEP_NAMES),
  state: StepState,
  /** A sentence; empty where the state says all. */
  detail: z.string(),
});
export type StepView = z.infer<typeof StepView>;

/** How the vaults of one subscription stand under the audit policy, as Azure Policy saw them. */
const SubscriptionCompliance = z.object({
  subscriptionId: z.string(),
  subscription: z.string(),
  vaults: z.number().int(),
  flagged: z.number().int(),
  compliant: z.number().int(),
  /** Exempt from the policy, or not evaluated for an error. */
  others: z.number().int(),
  /** When Azure looked at the vault that it looked at longest ago, ISO. */
  oldest: z.string(),
  /** A scan that was asked for here and has not shown its outcome yet. */
  scan: z.object({ askedAt: z.string(), by: z.string() }).nullable(),
});
export type SubscriptionCompliance = z.infer<typeof SubscriptionCompliance>;

/** GET /api/recommendation/scope */
export const ScopeView = z.object({
  steps: z.array(StepView),
  /** Rights that the person lacks there, each a sentence with what to do. */
  missingRights: z.array(z.string()),
  compliance: z.array(SubscriptionCompliance),
  /** Why there is no compliance to show; null = it was read. */
  complianceProblem: z.string().nullable(),
});
export type ScopeView = z.infer<typeof ScopeView>;

/** GET /api/recommendation: the places where the person may look, and how keeping the tag goes. */
export const RecommendationPlaces = z.object({
  places: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(["managementGroup", "subscription"]) })),
  /** Sources that failed, each a sentence. */
  warnings: z.array(z.string()),
  /** Why tags could not be written in the background, and for how many vaults. */
  tagProblems: z.array(z.object({ problem: z.string(), vaults: z.number().int() })),
});
export type RecommendationPlaces = z.infer<typeof RecommendationPlaces>;

export const ScopeRequest = z.strictObject({ scope: PolicyScopeText });
export type ScopeRequest = z.infer<typeof ScopeRequest>;

export const DeployRequest = z.strictObject({
  scope: PolicyScopeText,
  /** Azure region in which the identity of the tag policy's assignment is kept; an existing one stays where it is. */
  location: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z][a-z0-9]{2,39}$/, "Give a region as Azure writes it, like westeurope."),
});
export type DeployRequest = z.infer<typeof DeployRequest>;

/** written = it was missing or differed; unchanged = there was nothing to do; skipped = a step before it failed. */
const StepOutcome = z.object({
  name: z.enum(STEP_NAMES),
  outcome: z.enum(["written", "unchanged", "failed", "skipped"]),
  detail: z.string(),
});
export type StepOutcome = z.infer<typeof StepOutcome>;

export interface DeployOutcome {
  steps: StepOutcome[];
}

export const ScanRequest = z.strictObject({ subscriptionIds: z.array(z.guid().toLowerCase()).min(1).max(50) });
export type ScanRequest = z.infer<typeof ScanRequest>;
