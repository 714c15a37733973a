import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readWebhook } from "@/lib/notices/webhook";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  readWebhook(ctx),
);
