"use client";
import { keepPreviousData, type QueryClient, useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useSession } from "@/components/session/session-context";
import {
  DeploymentExport,
  DeploymentList,
  type DeploymentState,
  DeploymentView,
  ItemPage,
  type ItemState,
  VaultProgress,
} from "@/lib/deployments/views.pure";
import { getJson } from "./get-json";
import { isFinal, PROGRESS_MS, paced, STANDING_MS, underWay } from "./polling";
import { mayPass } from "./query-client";

const WAITS: readonly DeploymentState[] = ["planned", "awaiting_approval", "paused"];

/** Milliseconds until a deployment is worth another look; false = nothing more happens by itself. */
function pollMs({ state, counts }: DeploymentView): number | false {
  // A paused or cancelled one still brings to an end what it has begun.
  if (underWay(state) || ((state === "paused" || state === "cancelled") && counts.running > 0)) return PROGRESS_MS;
  return WAITS.includes(state) && STANDING_MS;
}

/** The deployments that the signed-in person may see, newest first. */
export function useDeployments() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["deployments"],
    queryFn: ({ signal }) => getJson("/api/deployments", (body) => DeploymentList.parse(body), getToken, signal),
    placeholderData: keepPreviousData,
    refetchInterval: paced((list: DeploymentList | undefined) =>
      list?.deployments.some((deployment) => underWay(deployment.state)) ? PROGRESS_MS : STANDING_MS,
    ),
  });
}

const addressOf = (id: string): string => `/api/deployments/${encodeURIComponent(id)}`;

/** One deployment: counts, plan, progress, and its vaults with their steps where they are few; null asks for nothing. */
export function useDeployment(id: string | null) {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["deployment", id],
    enabled: id !== null,
    queryFn: ({ signal }) => getJson(addressOf(id ?? ""), (body) => DeploymentView.parse(body), getToken, signal),
    refetchInterval: ({ state }) =>
      !isFinal(state.error) && (state.data ? pollMs(state.data) : mayPass(state.error) && PROGRESS_MS),
  });
}

/** How far a deployment is in one vault, asked again until it has ended there. */
export function useVaultProgress(id: string, vaultId: string) {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["deployment", id, vaultId],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ vaultId });
      return getJson(`${addressOf(id)}/vault?${query}`, (body) => VaultProgress.parse(body), getToken, signal);
    },
    refetchInterval: ({ state }) =>
      state.data ? underWay(state.data.item.state) && PROGRESS_MS : mayPass(state.error) && PROGRESS_MS,
  });
}

interface ItemFilter {
  state: ItemState | null;
  q: string;
}

/** A deployment's vaults, a page at a time. While `live` they are read again: one page every 2 s, the more pages the less often. */
export function useDeploymentItems(id: string, { state, q }: ItemFilter, live: boolean) {
  const { getToken } = useSession();
  return useInfiniteQuery({
    queryKey: ["deployment-items", id, state, q],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams();
      if (state !== null) query.set("state", state);
      if (q !== "") query.set("q", q);
      if (pageParam !== null) query.set("after", pageParam);
      return getJson(`${addressOf(id)}/items?${query}`, (body) => ItemPage.parse(body), getToken, signal);
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    // Every page is asked for again, so what it costs grows with the pages and may come less often than that.
    refetchInterval: paced(
      (data: { pages: unknown[] } | undefined) => live && PROGRESS_MS * Math.max(1, data?.pages.length ?? 1) ** 2,
    ),
  });
}

const FIRST_PAGE: string | null = null;

/** Asks for the deployment, its vaults and the list again, after something was asked of it. */
export async function refreshDeployment(client: QueryClient, id: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ["deployment", id] }),
    client.invalidateQueries({ queryKey: ["deployment-items", id] }),
    client.invalidateQueries({ queryKey: ["deployments"] }),
  ]);
}

/** Reads what came of every vault, when it is wanted for a file. */
export function useDeploymentExport(id: string) {
  const { getToken } = useSession();
  return useMutation({
    mutationFn: () => getJson(`${addressOf(id)}/export`, (body) => DeploymentExport.parse(body), getToken),
  });
}
