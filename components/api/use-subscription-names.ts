"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useSession } from "@/components/session/session-context";
import { type Board, SubscriptionNames } from "@/lib/coverage/board.pure";
import { getJson } from "./get-json";

/**
 * What a subscription is called, by its id: as the board has told already, else asked for once. An id of which the person
 * may read nothing is all that there is to show, and so is one whose name has not come yet.
 *
 * @param wanted false asks for nothing
 */
export function useSubscriptionNames(wanted = true): (id: string) => string {
  const { getToken } = useSession();
  const board = useQueryClient().getQueryData<Board>(["board"]);
  const asked = useQuery({
    queryKey: ["subscriptions"],
    enabled: wanted && board === undefined,
    // A subscription is hardly ever named anew.
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => getJson("/api/subscriptions", (body) => SubscriptionNames.parse(body), getToken, signal),
  });
  const names = useMemo(
    () =>
      new Map([
        ...Object.entries(asked.data?.names ?? {}),
        ...(board?.vaults ?? []).map((row) => [row.subscriptionId.toLowerCase(), row.subscription] as const),
      ]),
    [asked.data, board],
  );
  return useCallback((id: string) => names.get(id.toLowerCase()) ?? id, [names]);
}
