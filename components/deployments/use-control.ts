"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
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

/** A double press is over after it: the second one must not be taken by what stands in the place of the button by then. */
const DOUBLE_PRESS_MS = 500;

/** Asks one thing of the deployment, then reads it again, whatever came of it. */
export function useControl(id: string, actions: DeploymentActions) {
  const { getToken } = useSession();
  return useOneAtATime(id, (order: Order) =>
    typeof order === "string"
      ? runAction(actions[order], getToken, { id })
      : runAction(actions.retry, getToken, confirmation(id, order.retry.typed)),
  );
}

/** Starts a plan; `typed` is the number of vaults where it has to be typed. */
export function useStart(id: string, { start }: DeploymentActions) {
  const { getToken } = useSession();
  return useOneAtATime(id, (typed: number | null) => runAction(start, getToken, confirmation(id, typed)));
}

/** While one is asked, and until what came of it has been seen, nothing else is: a second press does nothing. */
function useOneAtATime<Asked>(id: string, ask: (asked: Asked) => Promise<Outcome>) {
  const client = useQueryClient();
  // The mutation's own state reaches the buttons too late for a second press in the same moment.
  const busy = useRef(false);
  const { mutate, isPending, isError, error } = useMutation({
    mutationFn: ask,
    onSettled: async (_, failure) => {
      await refreshDeployment(client, id);
      if (!failure) await new Promise((resolve) => setTimeout(resolve, DOUBLE_PRESS_MS));
      busy.current = false;
    },
  });
  const askOnce = (asked: Asked) => {
    if (busy.current) return;
    busy.current = true;
    mutate(asked);
  };
  return { mutate: askOnce, isPending, isError, error };
}

const confirmation = (id: string, typed: number | null): Confirmation => (typed === null ? { id } : { id, typed });
