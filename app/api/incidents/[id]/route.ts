import { withUserRoute } from "@/lib/auth/with-user";
import { readIncident } from "@/lib/incidents/incident";
import { IncidentQuery } from "@/lib/incidents/incident.pure";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, IncidentQuery, (ctx, query) =>
  readIncident(ctx, query),
);
