import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readDeployment } from "@/lib/deployments/read";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, z.strictObject({ id: z.uuid() }), (ctx, { id }) => readDeployment(ctx, id));
