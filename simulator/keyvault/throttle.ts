import type { Context } from "../context";
import { AzureError } from "../http";
import type { Vault } from "../model";
import type { Budget } from "./operations";
import { RateWindow } from "./rate-window";

const WINDOW_MS = 10_000;
/**
 * Requests per 10 seconds and vault (service limits of Key Vault): creating secrets 300, creating software keys 20 and
 * everything else 4,000. RSA keys above 2,048 bits have lower limits, which are left out here.
 */
const LIMITS: Record<Budget, number> = { secretCreate: 300, keyCreate: 20, other: 4_000 };

const windowsOf = new WeakMap<object, Record<Budget, RateWindow>>();

/** Takes one request from a vault's budget. @throws AzureError 429 with `Retry-After` when it is used up. */
export function takeFromBudget(context: Context, vault: Vault, budget: Budget): void {
  if (!context.settings.throttle) return;
  let windows = windowsOf.get(context.model);
  if (!windows) {
    windows = {
      secretCreate: new RateWindow(LIMITS.secretCreate, WINDOW_MS),
      keyCreate: new RateWindow(LIMITS.keyCreate, WINDOW_MS),
      other: new RateWindow(LIMITS.other, WINDOW_MS),
    };
    windowsOf.set(context.model, windows);
  }
  const wait = windows[budget].take(vault.id.toLowerCase(), context.now());
  if (wait === 0) return;
  throw new AzureError(
    429,
    "Throttled",
    "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
    { headers: { "retry-after": String(wait) } },
  );
}
