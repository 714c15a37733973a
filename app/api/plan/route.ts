import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { PlantRequest } from "@/lib/deployments/plan.pure";
import { previewPlant } from "@/lib/deployments/preview";

export const dynamic = "force-dynamic";

// No name: an address is kept in logs that others read. A plan with a chosen name is asked for by an action.
const PlanQuery = PlantRequest.omit({ name: true }).extend({
  count: z.coerce.number().pipe(PlantRequest.shape.count),
  acceptUnknownReaders: z.stringbool({ truthy: ["true"], falsy: ["false"] }).default(false),
});

export const GET = withUserRoute({}, PlanQuery, (ctx, request) => previewPlant(ctx, request));
