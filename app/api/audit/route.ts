import { AuditQuery } from "@/lib/audit/audit.pure";
import { readAudit } from "@/lib/audit/read";
import { withUserRoute } from "@/lib/auth/with-user";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, AuditQuery, (ctx, query) =>
  readAudit(ctx, query),
);
