import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { previewImport } from "@/lib/register/import";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  previewImport(ctx),
);
