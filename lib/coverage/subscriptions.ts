import "server-only";
import { subscriptionNames } from "@/lib/azure/subscriptions";
import type { UserContext } from "@/lib/context";
import type { SubscriptionNames } from "./board.pure";

/** The subscriptions that the person may read anything of, by name. One ARM read with the person's own token. */
export async function readSubscriptions(ctx: UserContext): Promise<SubscriptionNames> {
  return { names: Object.fromEntries(await subscriptionNames(ctx.asUser)) };
}
