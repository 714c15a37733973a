import { withUserRoute } from "@/lib/auth/with-user";
import { exportDeployment } from "@/lib/deployments/items";
import { DeploymentQuery } from "@/lib/deployments/views.pure";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, DeploymentQuery, (ctx, { id }) => exportDeployment(ctx, id));
