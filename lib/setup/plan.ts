import "server-only";
import type { UserContext } from "@/lib/context";
import { readChecks } from "./checks";
import { preview } from "./internal/looked";
import { remainingOf } from "./plan.pure";
import type { SetupChoice, SetupPlan } from "./run.pure";

/**
 * What setting up would write now and what is left for people, seen with the person's own token beside the checks.
 * Changes nothing.
 *
 * @throws AppError when the person's subscriptions cannot be listed, or the person's sign-in has to be renewed
 */
export async function readSetupPlan(ctx: UserContext, choice: SetupChoice): Promise<SetupPlan> {
  const [{ plan, seen }, { checks }] = await Promise.all([preview(ctx, choice), readChecks(ctx)]);
  return { steps: plan, remaining: remainingOf(checks, plan), seen, readAt: ctx.now().toISOString() };
}
