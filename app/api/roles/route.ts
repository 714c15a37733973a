import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readCustomRoles } from "@/lib/deployments/custom-roles";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), readCustomRoles);
