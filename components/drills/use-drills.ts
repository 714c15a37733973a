"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import { getJson } from "@/components/api/get-json";
import { PROGRESS_MS, paced, STANDING_MS } from "@/components/api/polling";
import type { Action } from "@/components/api/use-action";
import type { VaultAddress } from "@/components/api/use-vault";
import { useSession } from "@/components/session/session-context";
import {
  type DrillRequest,
  type DrillView,
  type FleetDrillAnswer,
  type FleetDrillRequest,
  FleetDrills,
  VaultDrills,
} from "@/lib/drills/drills.pure";

/** As it is sent, before the server reads it. */
export type StartDrill = Action<z.input<typeof DrillRequest>, { id: string }>;
export type StartDrills = Action<z.input<typeof FleetDrillRequest>, FleetDrillAnswer>;

export const isUnderWay = ({ endedAt }: DrillView): boolean => endedAt === null;

/** Something may happen in the next seconds: a drill is under way, or its incident is still to be decided about. */
const isMoving = (drill: DrillView): boolean => isUnderWay(drill) || drill.incident?.decision === null;

/** The drills of one vault, newest first; asked often while one is under way. */
export function useVaultDrills({ subscription, group, name }: VaultAddress) {
  const { getToken } = useSession();
  const path = `/api/drills/${[subscription, group, name].map(encodeURIComponent).join("/")}`;
  return useQuery({
    queryKey: ["drills", subscription.toLowerCase(), group.toLowerCase(), name.toLowerCase()],
    queryFn: ({ signal }) => getJson(path, (body) => VaultDrills.parse(body), getToken, signal),
    refetchInterval: paced((view: VaultDrills | undefined) =>
      view?.drills.some(isMoving) ? PROGRESS_MS : STANDING_MS,
    ),
  });
}

/** What runs and ended over the whole fleet. */
export function useFleetDrills() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["drills", "fleet"],
    queryFn: ({ signal }) => getJson("/api/drills", (body) => FleetDrills.parse(body), getToken, signal),
    refetchInterval: paced((fleet: FleetDrills | undefined) =>
      (fleet?.runningCount ?? 0) > 0 ? PROGRESS_MS : STANDING_MS,
    ),
  });
}

/** Asks again for everything that a drill changes. */
export function useRefreshDrills(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all(["drills", "board", "vault"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}
