import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { listExceptions } from "@/lib/exceptions/exceptions";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  listExceptions(ctx),
);
