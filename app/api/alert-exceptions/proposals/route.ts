import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { listProposals } from "@/lib/detection/proposals";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({ roles: ["Soc.Analyst", "Platform.Admin"] }, z.strictObject({}), (ctx) =>
  listProposals(ctx),
);
