import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { planDefaults } from "@/lib/deployments/defaults";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, z.strictObject({}), (ctx) => planDefaults(ctx));
