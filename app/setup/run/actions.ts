"use server";

import { withUserAction } from "@/lib/auth/with-user";
import { cancelSetup, resumeSetup, startSetup } from "@/lib/setup/run";
import { RunRequest, StartSetup } from "@/lib/setup/run.pure";

const ADMINISTRATORS = { roles: ["Platform.Admin" as const] };

export const startSetupAction = withUserAction(ADMINISTRATORS, StartSetup, (ctx, request) => startSetup(ctx, request));

export const resumeSetupAction = withUserAction(ADMINISTRATORS, RunRequest, (ctx, request) =>
  resumeSetup(ctx, request),
);

export const cancelSetupAction = withUserAction(ADMINISTRATORS, RunRequest, (ctx, request) =>
  cancelSetup(ctx, request),
);
