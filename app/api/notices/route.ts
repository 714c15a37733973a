import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { listNotices } from "@/lib/notices/notices";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, z.strictObject({}), (ctx) => listNotices(ctx));
