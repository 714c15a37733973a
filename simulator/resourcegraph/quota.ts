import type { Call } from "../context";
import type { Model } from "../model";
import { rateLimited } from "./errors";

/** Queries of one user in a window. Source: "Guidance for throttled requests in Azure Resource Graph". */
const QUERIES = 15;
const WINDOW_MS = 5000;

interface Window {
  start: number;
  used: number;
}

const windows = new WeakMap<Model, Map<string, Window>>();

/**
 * Counts one query of the caller and answers the quota headers. The window starts with its first query.
 * @throws AzureError 429 when the window is used up and `settings.throttle` is on.
 */
export function takeQuery(call: Call): Record<string, string> {
  let store = windows.get(call.model);
  if (!store) {
    store = new Map();
    windows.set(call.model, store);
  }
  const now = call.now();
  const key = call.caller.oid.toLowerCase();
  let window = store.get(key);
  if (!window || now - window.start >= WINDOW_MS) {
    window = { start: now, used: 0 };
    store.set(key, window);
  }
  const seconds = Math.max(1, Math.ceil((window.start + WINDOW_MS - now) / 1000));
  if (call.settings.throttle && window.used >= QUERIES) throw rateLimited(call, seconds, quotaHeaders(0, seconds));
  window.used++;
  return quotaHeaders(Math.max(0, QUERIES - window.used), seconds);
}

/** On every answer to a query, a refused one too. Source: the same page. */
function quotaHeaders(remaining: number, seconds: number): Record<string, string> {
  return {
    "x-ms-user-quota-remaining": String(remaining),
    "x-ms-user-quota-resets-after": `00:00:0${Math.min(5, seconds)}`,
    "x-ms-ratelimit-remaining-tenant-resource-requests": String(remaining),
  };
}
