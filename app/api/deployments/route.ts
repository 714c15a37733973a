import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { listDeployments } from "@/lib/deployments/read";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, z.strictObject({}), (ctx) => listDeployments(ctx));
