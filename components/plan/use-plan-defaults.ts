"use client";
import { useQuery } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { useSession } from "@/components/session/session-context";
import { PlanDefaults } from "@/lib/deployments/fleet.pure";

/** What the settings say where a field is left empty; undefined while it is not known, which keeps nobody from planning. */
export function usePlanDefaults(): PlanDefaults | undefined {
  const { getToken } = useSession();
  const defaults = useQuery({
    queryKey: ["plan-defaults"],
    queryFn: ({ signal }) => getJson("/api/plan/defaults", (body) => PlanDefaults.parse(body), getToken, signal),
  });
  return defaults.data;
}
