import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { listLinks } from "@/lib/distribution/share-links";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, z.strictObject({}), (ctx) => listLinks(ctx));
