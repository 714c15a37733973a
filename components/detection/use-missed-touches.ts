"use client";
import { useQuery } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { every } from "@/components/api/polling";
import { useSession } from "@/components/session/session-context";
import { MissedTouches } from "@/lib/detection/missed-touches.pure";

const STANDING_MS = 15_000;

/** Touches that no alert came of, and when that was last looked for. */
export function useMissedTouches() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["missed-touches"],
    queryFn: ({ signal }) =>
      getJson("/api/detection/missed-touches", (body) => MissedTouches.parse(body), getToken, signal),
    refetchInterval: every(STANDING_MS),
  });
}
