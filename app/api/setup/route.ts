import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readChecks } from "@/lib/setup/checks";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  readChecks(ctx),
);
