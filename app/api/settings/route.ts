import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readSettingsView } from "@/lib/settings/settings";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  readSettingsView(ctx),
);
