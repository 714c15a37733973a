import { z } from "zod";
import { PolicyScopeText, policyScopeId } from "@/lib/azure/policy-scope.pure";
import { DeployRequest } from "@/lib/distribution/deploy.pure";
import { CheckLink } from "./checks.pure";

/** Where the recommendation is to be deployed; left out = it is not part of the set-up. */
export const SetupChoice = z.strictObject({
  recommendation: z
    .strictObject({ scope: PolicyScopeText.transform(policyScopeId), location: DeployRequest.shape.location })
    .optional(),
});
export type SetupChoice = z.infer<typeof SetupChoice>;

/** GET /api/setup/plan: the choice as a query has it, both or neither. */
export const PlanRequest = z.union([
  z.strictObject({}).transform((): SetupChoice => ({})),
  z
    .strictObject({ scope: PolicyScopeText.transform(policyScopeId), location: DeployRequest.shape.location })
    .transform((recommendation): SetupChoice => ({ recommendation })),
]);

/**
 * to_do = it will be written; nothing = it is as it should be; blocked = it is missing, and this person or this product
 * cannot write it; unknown = it could not be looked at.
 */
export const PLAN_STATES = ["to_do", "nothing", "blocked", "unknown"] as const;
export type PlanState = (typeof PLAN_STATES)[number];

export const PlanStep = z.object({
  id: z.string(),
  title: z.string(),
  /** What it is good for. */
  why: z.string(),
  /** In words, such as a workspace or a subscription. */
  where: z.string(),
  /** What would be written there, each a phrase. */
  writes: z.array(z.string()),
  /** Azure's actions that the person needs for it, each with its place. */
  rights: z.array(z.string()),
  /** Whose hand writes. */
  by: z.enum(["you", "registrar"]),
  /** Steps that come before it; where one of them is left out, so is this. */
  needs: z.array(z.string()),
  state: z.enum(PLAN_STATES),
  /** What was seen, or why it cannot be done: a sentence; empty where the state says all. */
  detail: z.string(),
  /** What to do instead, where it cannot be done. */
  fix: z.string(),
  /** Does the same in a shell of somebody who may. */
  command: z.string().nullable(),
});
export type PlanStep = z.infer<typeof PlanStep>;

/** What only people can put right: a check that no step of the plan answers. */
export const Remaining = z.object({
  id: z.string(),
  title: z.string(),
  evidence: z.string(),
  fix: z.string(),
  command: z.string().nullable(),
  link: CheckLink.nullable(),
});
export type Remaining = z.infer<typeof Remaining>;

/** GET /api/setup/plan */
export const SetupPlan = z.object({
  steps: z.array(PlanStep),
  remaining: z.array(Remaining),
  /** Of what was seen: goes back with the order, so that a change in between is noticed. */
  seen: z.string(),
  readAt: z.iso.datetime(),
});
export type SetupPlan = z.infer<typeof SetupPlan>;

/** More steps than any estate has: two for each subscription, and a dozen. */
const LEFT_OUT_MAX = 20_000;

export const StartSetup = z.strictObject({
  choice: SetupChoice,
  seen: z.string().max(100),
  /** Ids of steps that are not to be written now. */
  leaveOut: z.array(z.string().max(200)).max(LEFT_OUT_MAX).optional(),
});
export type StartSetup = z.infer<typeof StartSetup>;

/** What is written when these are left out: what stands on one of them is left out with it. The steps come in their order. */
export function stepsToWrite(steps: readonly PlanStep[], leaveOut: ReadonlySet<string>): PlanStep[] {
  const out = new Set<string>();
  return steps.filter(({ id, state, needs }) => {
    if (state !== "to_do") return false;
    if (!leaveOut.has(id) && !needs.some((one) => out.has(one))) return true;
    out.add(id);
    return false;
  });
}

const RUN_STATES = ["running", "waiting", "done", "partly", "cancelled"] as const;
const STEP_STATES = ["queued", "running", "written", "unchanged", "failed", "skipped", "cancelled"] as const;
export type RunStepState = (typeof STEP_STATES)[number];

const RunSummary = z.object({
  id: z.string(),
  state: z.enum(RUN_STATES),
  by: z.string(),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** Steps by what became of them. */
  counts: z.partialRecord(z.enum(STEP_STATES), z.number().int()),
});
export type RunSummary = z.infer<typeof RunSummary>;

/** GET /api/setup/runs: the newest first, 20 at most. */
export const SetupRuns = z.object({ runs: z.array(RunSummary), mayRun: z.boolean() });
export type SetupRuns = z.infer<typeof SetupRuns>;

/** GET /api/setup/runs/[id] */
export const SetupRun = RunSummary.extend({
  /** Why it waits. */
  note: z.string().nullable(),
  /** Somebody wants it to stop. */
  cancelling: z.boolean(),
  steps: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      state: z.enum(STEP_STATES),
      detail: z.string(),
      startedAt: z.iso.datetime().nullable(),
      endedAt: z.iso.datetime().nullable(),
    }),
  ),
});
export type SetupRun = z.infer<typeof SetupRun>;

export const RunRequest = z.strictObject({ id: z.guid() });

/** Whether it has not ended: it is carried out, or waits for somebody. */
export function isOpen({ state }: Pick<RunSummary, "state">): boolean {
  return state === "running" || state === "waiting";
}
