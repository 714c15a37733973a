import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readOutcomes } from "@/lib/outcomes/outcomes";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  readOutcomes(ctx),
);
