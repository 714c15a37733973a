import { withUserRoute } from "@/lib/auth/with-user";
import { readDeployment } from "@/lib/deployments/read";
import { DeploymentQuery } from "@/lib/deployments/views.pure";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, DeploymentQuery, (ctx, { id }) => readDeployment(ctx, id));
