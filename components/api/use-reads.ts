"use client";
import { keepPreviousData, type QueryClient, useQuery } from "@tanstack/react-query";
import { useSession } from "@/components/session/session-context";
import { type Board, type BoardRow, VaultDetail } from "@/lib/coverage/board.pure";
import { PlantPreview, type PlantRequest } from "@/lib/deployments/plan.pure";
import { DeploymentList, type DeploymentState, DeploymentView } from "@/lib/deployments/views.pure";
import { getJson } from "./get-json";
import { keepUnchangedRows, parseBoard } from "./parse-board";
import { mayPass } from "./query-client";
import { type Action, runAction } from "./use-action";

// DESIGN section 5: progress every 2 s, standing data every 15 s; React Query pauses both in hidden tabs.
const PROGRESS_MS = 2_000;
const STANDING_MS = 15_000;

const UNDER_WAY: readonly (DeploymentState | string)[] = ["planning", "queued", "running"];
const underWay = (state: DeploymentState | string): boolean => UNDER_WAY.includes(state);

/** Every vault that the signed-in person may see. */
export function useBoard() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["board"],
    queryFn: ({ signal }) => getJson("/api/vaults", parseBoard, getToken, signal),
    structuralSharing: (previous, next) =>
      // The cache hands both over untyped; they come from parseBoard above.
      keepUnchangedRows(previous as Board | undefined, next as Board),
    refetchInterval: STANDING_MS,
  });
}

export interface VaultAddress {
  subscription: string;
  group: string;
  name: string;
}

const vaultKey = ({ subscription, group, name }: VaultAddress) =>
  ["vault", subscription.toLowerCase(), group.toLowerCase(), name.toLowerCase()] as const;

/** One vault with its facts; asked often while something about it is under way. */
export function useVault(address: VaultAddress) {
  const { getToken } = useSession();
  const path = ["/api/vaults", address.subscription, address.group, address.name].map(encodeSegment).join("/");
  return useQuery({
    queryKey: vaultKey(address),
    queryFn: ({ signal }) => getJson(path, (body) => VaultDetail.parse(body), getToken, signal),
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? PROGRESS_MS : STANDING_MS),
  });
}

const encodeSegment = (part: string, index: number): string => (index === 0 ? part : encodeURIComponent(part));

/** Something is waiting or running here, so that the next seconds may change the picture. */
function isMoving(detail: VaultDetail): boolean {
  return (
    detail.vault.state === "waiting" ||
    detail.facts.some((fact) => fact.outcome === "waiting") ||
    detail.deployments.some((deployment) => underWay(deployment.state))
  );
}

/** Asks for the vault and the board again at once, after a write. */
export async function refreshVaultReads(client: QueryClient, address: VaultAddress): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: vaultKey(address) }),
    client.invalidateQueries({ queryKey: ["board"] }),
    client.invalidateQueries({ queryKey: ["deployments"] }),
  ]);
}

/** The row of a vault as the board last showed it, so that its page has a heading at once. */
export function rowFromBoard(client: QueryClient, address: VaultAddress): BoardRow | undefined {
  const board = client.getQueryData<Board>(["board"]);
  return board?.vaults.find(
    (row) =>
      row.name.toLowerCase() === address.name.toLowerCase() &&
      row.resourceGroup.toLowerCase() === address.group.toLowerCase() &&
      row.subscriptionId.toLowerCase() === address.subscription.toLowerCase(),
  );
}

/** What planting would do; read afresh each time it is asked for. A chosen name travels in the body, never in an address. */
export function usePreview(request: PlantRequest, previewNamed: Action<PlantRequest, PlantPreview>) {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["plan", request],
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => {
      if (request.name !== undefined) return runAction(previewNamed, getToken, request);
      const { vaultId, kind, count, acceptUnknownReaders } = request;
      const query = new URLSearchParams({ vaultId, kind, count: String(count) });
      if (acceptUnknownReaders) query.set("acceptUnknownReaders", "true");
      return getJson(`/api/plan?${query}`, (body) => PlantPreview.parse(body), getToken, signal);
    },
  });
}

/** The deployments that the signed-in person may see, newest first. */
export function useDeployments() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["deployments"],
    queryFn: ({ signal }) => getJson("/api/deployments", (body) => DeploymentList.parse(body), getToken, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.deployments.some((deployment) => underWay(deployment.state)) ? PROGRESS_MS : STANDING_MS,
  });
}

/** One deployment, vault by vault and step by step; null asks for nothing. */
export function useDeployment(id: string | null) {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["deployment", id],
    enabled: id !== null,
    queryFn: ({ signal }) =>
      getJson(
        `/api/deployments/${encodeURIComponent(id ?? "")}`,
        (body) => DeploymentView.parse(body),
        getToken,
        signal,
      ),
    refetchInterval: ({ state }) => {
      if (state.data) return underWay(state.data.state) && PROGRESS_MS;
      return mayPass(state.error) && PROGRESS_MS;
    },
  });
}
