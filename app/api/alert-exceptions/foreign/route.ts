import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { listForeignExceptions } from "@/lib/register/foreign-exceptions";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  listForeignExceptions(ctx),
);
