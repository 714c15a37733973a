import type { Call, Context } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import { seal, unseal } from "../keyvault/sealed-text";
import { parameter } from "./respond";

/*
 * Operations that ARM accepts first and finishes later. What they change is changed at once; the caller is told so only
 * when the tenant's clock has passed the operation's end, which the address of its result carries.
 */

const PURPOSE = "arm operation";

/** How long making or taking away a resource lasts: as long as Resource Graph needs to learn of it. */
export function operationDuration({ settings }: Pick<Context, "settings">): number {
  return settings.delays.resourceGraph;
}

/** Seconds after which a client asks again. */
const RETRY_AFTER = 1;

/** 202 with the address that answers 202 until the operation is over, then 200. `base` is a path below a subscription. */
export function accepted(call: Call, base: string): SimResponse {
  const token = seal(call.identity, PURPOSE, String(call.now() + operationDuration(call)));
  const version = parameter(call, "api-version") ?? "";
  return pending(`https://management.azure.com${base}/operationresults/${token}?api-version=${version}`);
}

function pending(location: string): SimResponse {
  return { status: 202, headers: { location, "retry-after": String(RETRY_AFTER) } };
}

/** The results of operations, at the addresses that `accepted` gives out. Who knows an address may ask. */
export function routeOperationResults(router: Router<Call>): void {
  const answer = (call: Call, params: Record<string, string>): SimResponse => {
    const end = Number(unseal(call.identity, PURPOSE, params.token ?? "") ?? Number.NaN);
    if (Number.isNaN(end)) {
      throw new AzureError(404, "OperationNotFound", "The operation result could not be found.");
    }
    if (end <= call.now()) return { status: 200 };
    return pending(`https://management.azure.com${call.request.path}?${call.request.query.toString()}`);
  };
  router.on("GET", "/subscriptions/{s}/operationresults/{token}", answer);
  router.on("GET", "/subscriptions/{s}/providers/{ns}/locations/{l}/operationresults/{token}", answer);
}
