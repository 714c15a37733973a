import { withUserRoute } from "@/lib/auth/with-user";
import { ItemsQuery, listItems } from "@/lib/deployments/items";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, ItemsQuery, (ctx, query) => listItems(ctx, query));
