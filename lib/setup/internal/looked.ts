import "server-only";
import { createHash } from "node:crypto";
import pLimit from "p-limit";
import { subscriptionNames } from "@/lib/azure/subscriptions";
import type { UserContext } from "@/lib/context";
import { AppError, needsPerson } from "@/lib/errors";
import { type Looked, planSteps } from "../plan.pure";
import type { PlanStep, SetupChoice } from "../run.pure";
import { recommendationSteps } from "./steps/recommendation";
import { customRoleSteps, roleSteps } from "./steps/roles";
import { lacking, type SetupStep } from "./steps/step";
import { activityLogSteps, SENTINEL, workspaceSteps } from "./steps/workspace";

/** Steps that are looked at side by side. */
const AT_ONCE = 6;

/** Every step that there is for this choice, in the order in which they are carried out. */
export async function stepsFor(ctx: UserContext, { recommendation }: SetupChoice): Promise<SetupStep[]> {
  const subscriptions = await subscriptionNames(ctx.asUser);
  return [
    ...customRoleSteps(ctx, subscriptions),
    ...roleSteps(ctx, subscriptions),
    ...workspaceSteps(ctx),
    ...activityLogSteps(ctx, subscriptions),
    ...recommendationSteps(recommendation),
  ];
}

export interface Preview {
  plan: PlanStep[];
  steps: SetupStep[];
  looked: Looked[];
  /** Digest of everything that was seen, and of what would be written. */
  seen: string;
}

/** Looks at every step with the person's own token; nothing is changed. */
export async function preview(ctx: UserContext, choice: SetupChoice): Promise<Preview> {
  const steps = await stepsFor(ctx, choice);
  const limit = pLimit(AT_ONCE);
  const sentinelStep = steps.find(({ id }) => id === SENTINEL);
  const sentinel = sentinelStep && (await lookSafely(ctx, sentinelStep));
  const looked = await Promise.all(
    steps.map((step) =>
      limit(async (): Promise<Looked> => {
        const { id, title, why, where, writes, by, needs, rights, command } = step;
        // Without Sentinel Azure does not answer what is in it; all of it is missing.
        const hidden = sentinel?.state === "missing" && needs.includes(SENTINEL);
        const known = hidden || step === sentinelStep ? sentinel : undefined;
        const seen = known ?? (await lookSafely(ctx, step));
        const lacks = seen.state === "missing" ? await lacking(ctx, rights) : [];
        return { about: { id, title, why, where, writes, by }, needs, rights, command, seen, lacks };
      }),
    ),
  );
  const plan = planSteps(looked);
  const digest = createHash("sha256")
    .update(JSON.stringify([choice, looked]))
    .digest("base64url");
  return { plan, steps, looked, seen: digest };
}

async function lookSafely(ctx: UserContext, step: SetupStep): Promise<Looked["seen"]> {
  try {
    return await step.look(ctx);
  } catch (error) {
    if (!(error instanceof AppError) || needsPerson(error)) throw error;
    const { message, fix } = error.failure;
    return { state: "unknown", detail: message, ...(fix !== undefined && { fix }) };
  }
}
