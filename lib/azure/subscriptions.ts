import "server-only";
import { SubscriptionClient } from "@azure/arm-resources-subscriptions";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { armOptions, drain } from "./clients";
import { toAppError } from "./parse-error";

const Answer = z.object({ subscriptionId: z.string(), displayName: z.string() });

/**
 * Names by lower-case id of the subscriptions in which the caller holds any right, if only on one resource group.
 * Resource Graph shows the row of a subscription only to those who may read the whole of it.
 */
export async function subscriptionNames(azure: AzureAccess): Promise<ReadonlyMap<string, string>> {
  try {
    const client = new SubscriptionClient(azure.credential, armOptions(azure));
    const listed = (await drain(client.subscriptions.list())).map((subscription) => Answer.parse(subscription));
    return new Map(listed.map(({ subscriptionId, displayName }) => [subscriptionId.toLowerCase(), displayName]));
  } catch (error) {
    throw toAppError(error, "list the subscriptions");
  }
}
