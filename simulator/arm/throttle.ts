import type { Call } from "../context";
import { AzureError } from "../http";
import type { Model } from "../model";

/*
 * ARM's token buckets: per principal and subscription (or tenant), one for each kind of operation, and one over all
 * principals that is 15 times as large. Figures: Microsoft Learn, "Understand how Azure Resource Manager throttles
 * requests" (limits since 2024). A region is not modelled: the simulated ARM is one endpoint.
 */

type Operation = "reads" | "writes" | "deletes";

const BUCKETS: Readonly<Record<Operation, { capacity: number; perSecond: number }>> = {
  reads: { capacity: 250, perSecond: 25 },
  writes: { capacity: 200, perSecond: 10 },
  deletes: { capacity: 200, perSecond: 10 },
};

const GLOBAL_FACTOR = 15;

interface Bucket {
  tokens: number;
  at: number;
}

const stores = new WeakMap<Model, Map<string, Bucket>>();

/**
 * Takes one token for the call and answers ARM's rate-limit headers.
 * @throws AzureError 429 with `Retry-After` (whole seconds) when a bucket is empty and `settings.throttle` is on; a
 * refused call takes no token.
 */
export function takeToken(call: Call): Record<string, string> {
  const operation = operationOf(call.request.method);
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(call.request.path)?.[1]?.toLowerCase();
  const actor = call.caller.oid.toLowerCase();
  const { capacity, perSecond } = BUCKETS[operation];
  const now = call.now();
  const own = bucket(call, `${subscription ?? "tenant"} ${operation} ${actor}`, capacity, perSecond, now);
  const all = bucket(
    call,
    `${subscription ?? "tenant"} ${operation} *`,
    capacity * GLOBAL_FACTOR,
    perSecond * GLOBAL_FACTOR,
    now,
  );
  if (call.settings.throttle) {
    const missing = Math.max((1 - own.tokens) / perSecond, (1 - all.tokens) / (perSecond * GLOBAL_FACTOR));
    if (missing > 0) {
      const seconds = Math.max(1, Math.ceil(missing));
      const headers = { "retry-after": String(seconds), ...remainingHeaders(subscription, operation, own, all) };
      throw throttled(subscription, operation, actor, seconds, headers);
    }
    own.tokens--;
    all.tokens--;
  }
  return remainingHeaders(subscription, operation, own, all);
}

/** What is left, on every answer, a 429 too. Source: Microsoft Learn, "Troubleshooting API throttling errors". */
function remainingHeaders(subscription: string | undefined, operation: Operation, own: Bucket, all: Bucket) {
  const scope = subscription === undefined ? "tenant" : "subscription";
  const headers: Record<string, string> = {
    [`x-ms-ratelimit-remaining-${scope}-${operation}`]: String(Math.floor(own.tokens)),
  };
  if (subscription !== undefined) {
    headers[`x-ms-ratelimit-remaining-subscription-global-${operation}`] = String(Math.floor(all.tokens));
  }
  return headers;
}

function operationOf(method: string): Operation {
  if (method === "GET" || method === "HEAD") return "reads";
  return method === "DELETE" ? "deletes" : "writes";
}

function bucket(call: Call, key: string, capacity: number, perSecond: number, now: number): Bucket {
  let store = stores.get(call.model);
  if (!store) {
    store = new Map();
    stores.set(call.model, store);
  }
  const found = store.get(key) ?? { tokens: capacity, at: now };
  found.tokens = Math.min(capacity, found.tokens + (Math.max(0, now - found.at) / 1000) * perSecond);
  found.at = now;
  store.set(key, found);
  return found;
}

function throttled(
  subscription: string | undefined,
  operation: Operation,
  actor: string,
  seconds: number,
  headers: Record<string, string>,
): AzureError {
  const where = subscription === undefined ? "tenant" : `subscription '${subscription}'`;
  return new AzureError(
    429,
    subscription === undefined ? "TenantRequestsThrottled" : "SubscriptionRequestsThrottled",
    `Number of '${operation.slice(0, -1)}' requests for ${where} actor '${actor}' exceeded. Please try again after '${seconds}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
    { headers },
  );
}
