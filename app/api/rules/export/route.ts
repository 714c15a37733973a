import { withUserRoute } from "@/lib/auth/with-user";
import { exportPack } from "@/lib/rules/exports/export";
import { ExportRequest } from "@/lib/rules/pack.pure";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, ExportRequest, async (ctx, { format }) =>
  exportPack(ctx, format),
);
