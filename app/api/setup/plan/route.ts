import { withUserRoute } from "@/lib/auth/with-user";
import { readSetupPlan } from "@/lib/setup/plan";
import { PlanRequest } from "@/lib/setup/run.pure";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Platform.Admin"] }, PlanRequest, (ctx, choice) =>
  readSetupPlan(ctx, choice),
);
