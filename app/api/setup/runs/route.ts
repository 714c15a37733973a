import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { listSetupRuns } from "@/lib/setup/run";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  listSetupRuns(ctx),
);
