import { AuditQuery } from "@/lib/audit/audit.pure";
import { exportAudit } from "@/lib/audit/read";
import { withUserRoute } from "@/lib/auth/with-user";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, AuditQuery, (ctx, query) =>
  exportAudit(ctx, query),
);
