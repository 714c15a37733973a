import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { PlantRequest } from "@/lib/deployments/plan.pure";
import { previewPlant } from "@/lib/deployments/preview";

export const dynamic = "force-dynamic";

const PlanQuery = PlantRequest.extend({ count: z.coerce.number().pipe(PlantRequest.shape.count) });

export const GET = withUserRoute({}, PlanQuery, (ctx, request) => previewPlant(ctx, request));
