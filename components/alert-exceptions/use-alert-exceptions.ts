"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { every, paced } from "@/components/api/polling";
import type { Action } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import {
  AlertExceptionList,
  type AlertExceptionRequest,
  ForeignExceptionList,
  type ForeignExceptionRequest,
  ProposalList,
  type RenewRequest,
} from "@/lib/detection/alert-exceptions.pure";

export interface AlertExceptionActions {
  add: Action<AlertExceptionRequest, { id: string }>;
  renew: Action<RenewRequest, { id: string }>;
  end: Action<{ id: string }, { id: string }>;
  dismiss: Action<{ callerOid: string }, { dismissed: string }>;
  takeOver: Action<ForeignExceptionRequest, { id: string }>;
  remove: Action<ForeignExceptionRequest, { removed: string }>;
}

/** Publishing takes seconds; until then the page looks again soon. */
const SETTLING_MS = 3_000;
const STANDING_MS = 30_000;
/** Each row is a request to the watchlist, and the register itself is read every few minutes. */
const FOREIGN_MS = 120_000;
const KEY = "alert-exceptions";

/** The exceptions that hold or wait for a decision, and those that were ended. */
export function useAlertExceptions() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: [KEY],
    queryFn: ({ signal }) =>
      getJson("/api/alert-exceptions", (body) => AlertExceptionList.parse(body), getToken, signal),
    refetchInterval: paced((list: AlertExceptionList | undefined) =>
      list?.current.some(({ publication }) => publication === "waiting") ? SETTLING_MS : STANDING_MS,
    ),
  });
}

/** What the log proposes. A question to the log over thirty days, so it is asked once and then on request. */
export function useProposals() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: [KEY, "proposals"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      getJson("/api/alert-exceptions/proposals", (body) => ProposalList.parse(body), getToken, signal),
  });
}

/** Rows of the watchlist that lower alerts and that this product did not write. */
export function useForeignExceptions() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: [KEY, "foreign"],
    refetchInterval: every(FOREIGN_MS),
    queryFn: ({ signal }) =>
      getJson("/api/alert-exceptions/foreign", (body) => ForeignExceptionList.parse(body), getToken, signal),
  });
}

/** Asks for all of them again, after something was decided. */
export function useRefreshAlertExceptions(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: [KEY] });
}
