"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Action, runAction } from "@/components/api/use-action";
import { refreshDeployment } from "@/components/api/use-deployments";
import { useSession } from "@/components/session/session-context";
import type { Confirmation } from "@/lib/deployments/fleet.pure";
import type { DeploymentState } from "@/lib/deployments/views.pure";

type Outcome = { state: DeploymentState };
export type ControlName = "approve" | "refuse" | "pause" | "resume" | "cancel" | "retry" | "discard" | "stopSchedule";

/** What can be asked of a deployment; each is a server action. */
export type DeploymentActions = Record<Exclude<ControlName, "retry">, Action<{ id: string }, Outcome>> &
  Record<"start" | "retry", Action<Confirmation, Outcome>>;

/** `typed` is the number of vaults where a retry asks for it. */
type Order = Exclude<ControlName, "retry"> | { retry: { typed: number | null } };

/** Asks one thing of the deployment, then reads it again, whatever came of it. */
export function useControl(id: string, actions: DeploymentActions) {
  const { getToken } = useSession();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (order: Order) =>
      typeof order === "string"
        ? runAction(actions[order], getToken, { id })
        : runAction(actions.retry, getToken, confirmation(id, order.retry.typed)),
    onSettled: () => refreshDeployment(client, id),
  });
}

/** Starts a plan; `typed` is the number of vaults where it has to be typed. */
export function useStart(id: string, { start }: DeploymentActions) {
  const { getToken } = useSession();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (typed: number | null) => runAction(start, getToken, confirmation(id, typed)),
    onSettled: () => refreshDeployment(client, id),
  });
}

const confirmation = (id: string, typed: number | null): Confirmation => (typed === null ? { id } : { id, typed });
