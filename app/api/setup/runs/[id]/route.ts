import { withUserRoute } from "@/lib/auth/with-user";
import { readSetupRun } from "@/lib/setup/run";
import { RunRequest } from "@/lib/setup/run.pure";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, RunRequest, (ctx, request) =>
  readSetupRun(ctx, request),
);
