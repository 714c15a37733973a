"use client";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { paced, STANDING_MS } from "@/components/api/polling";
import type { Action } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import type { Failure } from "@/lib/errors.pure";
import type { ChangeInput } from "@/lib/incidents/change.pure";
import type { StepInput } from "@/lib/incidents/containment.pure";
import { IncidentView } from "@/lib/incidents/incident.pure";

export type ChangeIncident = Action<ChangeInput, { commentProblem?: Failure }>;
export type RecordStep = Action<StepInput, { id: string }>;

/** Each reading asks Azure for five things or six; a closed incident seldom changes. */
const CLOSED_MS = 4 * STANDING_MS;

/** One incident with a window of so many minutes around its first touch; asked again every 15 seconds, closed every 60. */
export function useIncident(id: string, minutes: number) {
  const { getToken } = useSession();
  const path = `/api/incidents/${encodeURIComponent(id)}?minutes=${minutes}`;
  return useQuery({
    queryKey: ["incident", id.toLowerCase(), minutes],
    queryFn: ({ signal }) => getJson(path, (body) => IncidentView.parse(body), getToken, signal),
    refetchInterval: paced((view: IncidentView | undefined) =>
      view?.state.status === "Closed" ? CLOSED_MS : STANDING_MS,
    ),
    placeholderData: keepPreviousData,
  });
}

/** Asks for the incident and the list of incidents again, after a write. */
export function useRefreshIncident(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all(["incident", "incidents"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}
