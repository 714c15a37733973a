"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { getJson } from "@/components/api/get-json";
import { every, PROGRESS_MS, paced, STANDING_MS } from "@/components/api/polling";
import type { Action } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { isOpen, type SetupChoice, SetupPlan, SetupRun, SetupRuns, type StartSetup } from "@/lib/setup/run.pure";

export type StartAction = Action<StartSetup, { id: string }>;
export type RunAction = Action<{ id: string }, { id: string }>;

const KEY = "setup-run";

/** A choice as the address of its plan has it. */
const queryOf = (choice: SetupChoice): string => new URLSearchParams({ ...choice.recommendation }).toString();

/** Whether two choices have the same plan. */
export function isSame(one: SetupChoice | undefined, other: SetupChoice | undefined): boolean {
  return one !== undefined && other !== undefined && queryOf(one) === queryOf(other);
}

/** What setting up would write, once somebody has asked for it. Not looked at again by itself: somebody reads it. */
export function usePlan(asked: SetupChoice | undefined) {
  const { getToken } = useSession();
  const query = queryOf(asked ?? {});
  return useQuery({
    queryKey: [KEY, "plan", query],
    queryFn: ({ signal }) => getJson(`/api/setup/plan?${query}`, (body) => SetupPlan.parse(body), getToken, signal),
    enabled: asked !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

export function useRuns() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: [KEY, "runs"],
    queryFn: ({ signal }) => getJson("/api/setup/runs", (body) => SetupRuns.parse(body), getToken, signal),
    refetchInterval: every(STANDING_MS),
  });
}

/** One run, followed while it is open. */
export function useRun(id: string) {
  const { getToken } = useSession();
  return useQuery({
    queryKey: [KEY, "run", id],
    queryFn: ({ signal }) => getJson(`/api/setup/runs/${id}`, (body) => SetupRun.parse(body), getToken, signal),
    refetchInterval: paced((run: SetupRun | undefined) => (run && !isOpen(run) ? false : PROGRESS_MS)),
  });
}

/** Reads everything about set-ups anew, and the checks with it. */
export function useRefreshRuns(): () => Promise<unknown> {
  const client = useQueryClient();
  return useCallback(
    () =>
      Promise.all([client.invalidateQueries({ queryKey: [KEY] }), client.invalidateQueries({ queryKey: ["setup"] })]),
    [client],
  );
}
