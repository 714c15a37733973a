"use client";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { IncidentList } from "@/lib/incidents/list.pure";
import { Arrivals, type News } from "./arrivals";
import { notify } from "./notifications";

/** Kept as long as the page is open, so that a visit to one incident does not make the others old. */
const kept = new WeakMap<QueryClient, Arrivals>();

/** The incidents that came, or grew graver, since the page was opened and were not looked at yet. */
export function useArrivals(list: IncidentList | undefined): { unseen: ReadonlyMap<string, News>; arrivals: Arrivals } {
  const client = useQueryClient();
  const arrivals = kept.get(client) ?? new Arrivals();
  kept.set(client, arrivals);
  const unseen = useSyncExternalStore(arrivals.subscribe, arrivals.unseen, arrivals.unseen);
  useEffect(() => {
    // Without its incidents a list cannot say which of them are new.
    if (!list || list.problems.some(({ part }) => part === "incidents")) return;
    notify(arrivals.observe(list.incidents, list.readAt));
  }, [arrivals, list]);
  return { unseen, arrivals };
}

const TITLE = "Incidents · Key Vault Honeytokens";

/** "(3) Incidents" in the tab while three have not been looked at. */
export function useTabTitle(count: number): void {
  useEffect(() => {
    document.title = count > 0 ? `(${count}) ${TITLE}` : TITLE;
  }, [count]);
}
