"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { every, paced, STANDING_MS } from "@/components/api/polling";
import type { Action } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { type DeployOutcome, RecommendationPlaces, ScopeView } from "@/lib/distribution/deploy.pure";

export type DeployRecommendation = Action<{ scope: string; location: string }, DeployOutcome>;
export type Evaluate = Action<{ subscriptionIds: string[] }, { asked: number }>;

/** Each look costs some twenty calls of the person's own, so it is not taken every two seconds. */
const MOVING_MS = 5_000;
const RESTING_MS = 4 * STANDING_MS;

/** Where the person may deploy it, and how keeping the tag goes. */
export function usePlaces() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["recommendation", "places"],
    queryFn: ({ signal }) =>
      getJson("/api/recommendation", (body) => RecommendationPlaces.parse(body), getToken, signal),
    refetchInterval: every(RESTING_MS),
  });
}

/** What exists at a place and how its vaults stand; looked at more often while Azure is at something. */
export function useScope(scope: string) {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["recommendation", "scope", scope],
    queryFn: ({ signal }) =>
      getJson(
        `/api/recommendation/scope?${new URLSearchParams({ scope })}`,
        (body) => ScopeView.parse(body),
        getToken,
        signal,
      ),
    refetchInterval: paced((view: ScopeView | undefined) => (view ? pauseAfter(view) : RESTING_MS)),
  });
}

function pauseAfter({ steps, compliance }: ScopeView): number {
  if (steps.some(({ state }) => state === "running")) return MOVING_MS;
  const waiting = steps.some(({ state }) => state === "waiting") || compliance.some(({ scan }) => scan !== null);
  return waiting ? STANDING_MS : RESTING_MS;
}

/** Looks again at once at everything that stands in Azure, after a write. */
export function useRefreshScope(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["recommendation", "scope"] });
}
