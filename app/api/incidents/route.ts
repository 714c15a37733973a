import { withUserRoute } from "@/lib/auth/with-user";
import { listIncidents } from "@/lib/incidents/list";
import { IncidentListQuery } from "@/lib/incidents/list.pure";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, IncidentListQuery, (ctx, query) =>
  listIncidents(ctx, query),
);
