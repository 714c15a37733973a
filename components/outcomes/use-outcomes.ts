"use client";
import { useQuery } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { every, PROGRESS_MS } from "@/components/api/polling";
import { useSession } from "@/components/session/session-context";
import { Outcomes } from "@/lib/outcomes/outcomes.pure";

/** Counted anew every ten minutes. */
const STANDING_MS = 60_000;

/** The first ones come within two minutes; where they do not, asking often is no use. */
const AWAITED_MAX = 150;

/** The counts of the last half year, oldest first. The first ones are waited for. */
export function useOutcomes() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["outcomes"],
    queryFn: ({ signal }) => getJson("/api/outcomes", (body) => Outcomes.parse(body), getToken, signal),
    refetchInterval: (query) => {
      const awaited = query.state.data?.days.length === 0 && query.state.dataUpdateCount < AWAITED_MAX;
      return every(awaited ? PROGRESS_MS : STANDING_MS)(query);
    },
  });
}
