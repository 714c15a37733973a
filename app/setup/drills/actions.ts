"use server";

import { withUserAction } from "@/lib/auth/with-user";
import { DrillRequest, FleetDrillRequest } from "@/lib/drills/drills.pure";
import { startDrill, startDrills } from "@/lib/drills/start";

export const startDrillAction = withUserAction({}, DrillRequest, (ctx, request) => startDrill(ctx, request));

export const startDrillsAction = withUserAction(
  { roles: ["Soc.Analyst", "Platform.Admin"] },
  FleetDrillRequest,
  (ctx, { selection }) => startDrills(ctx, selection),
);
