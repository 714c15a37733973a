"use client";
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { useSession } from "@/components/session/session-context";
import { type Board, type BoardRow, VaultDetail } from "@/lib/coverage/board.pure";
import { PlantPreview, type PlantRequest } from "@/lib/deployments/plan.pure";
import { getJson } from "./get-json";
import { PROGRESS_MS, paced, STANDING_MS, underWay } from "./polling";
import { type Action, runAction } from "./use-action";

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
    refetchInterval: paced((detail: VaultDetail | undefined) =>
      detail && isMoving(detail) ? PROGRESS_MS : STANDING_MS,
    ),
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
