import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readFleetDrills } from "@/lib/drills/read";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  readFleetDrills(ctx),
);
