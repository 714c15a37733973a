import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readPlaces } from "@/lib/distribution/compliance";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  readPlaces(ctx),
);
