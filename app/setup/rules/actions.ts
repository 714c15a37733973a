"use server";

import { withUserAction } from "@/lib/auth/with-user";
import { deployRules } from "@/lib/rules/deploy";
import { DeployRules } from "@/lib/rules/pack.pure";

export const deployRulesAction = withUserAction({ roles: ["Platform.Admin"] }, DeployRules, (ctx, request) =>
  deployRules(ctx, request),
);
