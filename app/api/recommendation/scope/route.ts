import { withUserRoute } from "@/lib/auth/with-user";
import { readScope } from "@/lib/distribution/compliance";
import { ScopeRequest } from "@/lib/distribution/deploy.pure";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, ScopeRequest, (ctx, { scope }) =>
  readScope(ctx, scope),
);
