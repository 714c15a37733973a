"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { every, STANDING_MS } from "@/components/api/polling";
import { useSession } from "@/components/session/session-context";
import type { IncidentList, Range } from "@/lib/incidents/list.pure";
import { parseIncidents } from "./parse-incidents";

/** The incidents of the last `days` days; asked again every 15 seconds while the page can be seen. */
export function useIncidents(days: Range) {
  const { getToken } = useSession();
  const client = useQueryClient();
  const queryKey = ["incidents", days];
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => {
      const before = client.getQueryData<IncidentList>(queryKey);
      const known = before ? `&known=${encodeURIComponent(before.digest)}` : "";
      return getJson(`/api/incidents?days=${days}${known}`, (body) => parseIncidents(body, before), getToken, signal);
    },
    // An unchanged list keeps its arrays by the digest already; comparing thousands of rows again would be a long task.
    structuralSharing: false,
    refetchInterval: every(STANDING_MS),
  });
}
