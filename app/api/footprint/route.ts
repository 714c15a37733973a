import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readFootprint } from "@/lib/footprint/footprint";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Platform.Admin"] }, z.strictObject({}), (ctx) => readFootprint(ctx));
