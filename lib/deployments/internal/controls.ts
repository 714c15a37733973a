import "server-only";
import type { User } from "@/lib/context";
import { type DeploymentState, type DeploymentView, type ItemState, PlanTotals } from "../views.pure";
import type { Deployment } from "./visible";

/** From so many vaults on, their number is typed before anything is done, however they were chosen. */
const TYPED_FROM = 100;

const LIVE: readonly DeploymentState[] = ["queued", "running", "paused"];
const OVER: readonly DeploymentState[] = ["done", "failed", "needs_person", "cancelled"];

/**
 * What a person may do with a deployment now. Whoever asked for it starts it; that person and administrators steer it;
 * a second administrator approves it.
 *
 * @param scheduled decoys that still get further versions by its schedule
 */
export function controlsFor(
  deployment: Pick<Deployment, "state" | "requested_by_oid" | "totals" | "started_at">,
  counts: Record<ItemState, number>,
  user: User,
  scheduled = 0,
): Pick<DeploymentView, "may" | "confirmByTyping"> {
  const { state, started_at: startedAt } = deployment;
  const administrator = user.roles.includes("Platform.Admin");
  // One that the product made by itself is every administrator's to start.
  const own = deployment.requested_by_oid === user.oid || (deployment.requested_by_oid === "" && administrator);
  const steers = own || administrator;
  return {
    may: {
      start: own && state === "planned" && counts.planned > 0,
      approve: mayApprove(deployment, user),
      pause: steers && (state === "running" || state === "queued"),
      resume: steers && state === "paused",
      cancel: steers && LIVE.includes(state),
      // A plan that was discarded, or refused, was never confirmed: doing it "again" would go past that.
      retry: steers && startedAt !== null && OVER.includes(state) && counts.failed + counts.cancelled > 0,
      discard: steers && (state === "planning" || state === "planned" || state === "awaiting_approval"),
      stopSchedule: steers && scheduled > 0,
    },
    confirmByTyping: typedFor(deployment, counts),
  };
}

/** Whether the deployment waits for this person: an administrator other than the one who asked. */
export function mayApprove(
  { state, requested_by_oid: by }: Pick<Deployment, "state" | "requested_by_oid">,
  user: User,
) {
  return state === "awaiting_approval" && by !== user.oid && user.roles.includes("Platform.Admin");
}

/** The number of vaults that has to be typed before a plan is started, or before vaults are done again. */
function typedFor({ state, totals }: Pick<Deployment, "state" | "totals">, counts: Record<ItemState, number>) {
  const { planned, failed, cancelled } = counts;
  const all = PlanTotals.safeParse(totals).data?.all === true;
  if (state === "planned") return planned > 0 && (all || planned >= TYPED_FROM) ? planned : null;
  const again = failed + cancelled;
  // What is left of many may be one vault, and then there is no number to get wrong.
  return OVER.includes(state) && again > 1 && (all || again >= TYPED_FROM) ? again : null;
}
