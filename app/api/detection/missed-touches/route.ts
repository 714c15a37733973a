import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readMissedTouches } from "@/lib/detection/missed-touches";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  readMissedTouches(ctx),
);
