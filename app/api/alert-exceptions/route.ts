import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { listAlertExceptions } from "@/lib/detection/alert-exception-list";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  listAlertExceptions(ctx),
);
