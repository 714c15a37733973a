"use server";

import { withUserAction } from "@/lib/auth/with-user";
import { askForScans } from "@/lib/distribution/compliance";
import { deployRecommendation } from "@/lib/distribution/deploy";
import { DeployRequest, ScanRequest } from "@/lib/distribution/deploy.pure";

export const deployRecommendationAction = withUserAction({ roles: ["Platform.Admin"] }, DeployRequest, (ctx, request) =>
  deployRecommendation(ctx, request),
);

export const evaluateAction = withUserAction({ roles: ["Platform.Admin"] }, ScanRequest, (ctx, request) =>
  askForScans(ctx, request),
);
