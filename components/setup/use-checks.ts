"use client";
import { useQuery } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { every } from "@/components/api/polling";
import { useSession } from "@/components/session/session-context";
import { ChecksView } from "@/lib/setup/checks.pure";

/** Each look asks Azure some thirty times; a set-up does not change by itself from one second to the next. */
const STANDING_MS = 60_000;

/** Every prerequisite as it was found a moment ago. */
export function useChecks() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["setup"],
    queryFn: ({ signal }) => getJson("/api/setup", (body) => ChecksView.parse(body), getToken, signal),
    staleTime: STANDING_MS,
    refetchInterval: every(STANDING_MS),
  });
}
