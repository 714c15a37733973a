import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readSubscriptions } from "@/lib/coverage/subscriptions";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, z.strictObject({}), (ctx) => readSubscriptions(ctx));
