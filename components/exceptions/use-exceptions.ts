"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { every } from "@/components/api/polling";
import type { Action } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { ExceptionList, type ExceptionRequest } from "@/lib/exceptions/exceptions.pure";

export type AddException = Action<ExceptionRequest, { id: string }>;
export type EndException = Action<{ id: string }, { id: string }>;

const STANDING_MS = 15_000;

/** The exclusions and exemptions that hold, the one that is over soonest first, and those that are over. */
export function useExceptions() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["exceptions"],
    queryFn: ({ signal }) => getJson("/api/exceptions", (body) => ExceptionList.parse(body), getToken, signal),
    refetchInterval: every(STANDING_MS),
  });
}

/** Asks again for everything that an exception changes, after one was added or ended. */
export function useRefreshExceptions(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all(["exceptions", "board", "vault"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}
