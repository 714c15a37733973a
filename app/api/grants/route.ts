import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { listOpenGrants } from "@/lib/deployments/open-grants";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), listOpenGrants);
