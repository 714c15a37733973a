import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { exportDeployment } from "@/lib/deployments/items";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, z.strictObject({ id: z.uuid() }), (ctx, { id }) => exportDeployment(ctx, id));
