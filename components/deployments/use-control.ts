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
export type DeploymentActions = Record<ControlName, Action<{ id: string }, Outcome>> & {
  start: Action<Confirmation, Outcome>;
};

/** Asks one thing of the deployment, then reads it again, whatever came of it. */
export function useControl(id: string, actions: DeploymentActions) {
  const { getToken } = useSession();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: ControlName) => runAction(actions[name], getToken, { id }),
    onSettled: () => refreshDeployment(client, id),
  });
}

/** Starts a plan; `typed` is the number of vaults where it has to be typed. */
export function useStart(id: string, { start }: DeploymentActions) {
  const { getToken } = useSession();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (typed: number | null) => runAction(start, getToken, typed === null ? { id } : { id, typed }),
    onSettled: () => refreshDeployment(client, id),
  });
}
