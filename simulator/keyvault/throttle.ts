import type { Context } from "../context";
import { AzureError } from "../http";
import type { Vault } from "../model";
import { RateWindow } from "../rate-window";
import { keySize } from "./key-material";
import type { Operation } from "./operations";

/*
 * Limits of the data plane per 10 seconds, vault and region, and five times as much for all vaults of a subscription in
 * a region. Requests that were refused count for neither. Source: "Azure Key Vault service limits" and "throttling
 * guidance". Only software keys are modelled: the simulated vaults are of the standard sku.
 */

const WINDOW_MS = 10_000;
const SUBSCRIPTION_FACTOR = 5;

type Family = "secretCreate" | "keyCreate" | "keys" | "other";

/** Creating secrets; creating keys; other key operations, as many as with the smallest keys; everything else. */
const LIMITS: Record<Family, number> = { secretCreate: 300, keyCreate: 20, keys: 4_000, other: 4_000 };

/** Operations per 10 seconds with an RSA key of that size; what is not here has the full limit. */
const RSA_LIMITS: Readonly<Record<number, number>> = { 3072: 1_000, 4096: 500 };

interface Windows {
  vault: Record<Family, RateWindow>;
  subscription: Record<Family, RateWindow>;
}

const windowsOf = new WeakMap<object, Windows>();

/**
 * Takes one request from the budgets of the vault and of its subscription.
 * @throws AzureError 429 with `Retry-After` (whole seconds) when one of them is used up.
 */
export function takeFromBudget(context: Context, vault: Vault, operation: Operation, name: string | undefined): void {
  if (!context.settings.throttle) return;
  const { vault: own, subscription: shared } = windows(context);
  const family = familyOf(operation);
  const weight = family === "keys" ? weightOf(context, vault, name) : 1;
  const region = `${vault.subscriptionId}/${vault.location}`.toLowerCase();
  const now = context.now();
  const wait = own[family].wait(vault.id.toLowerCase(), now, weight);
  if (wait > 0) throw throttled("VaultRequestTypeLimitReached", wait);
  const sharedWait = shared[family].take(region, now, weight);
  if (sharedWait > 0) throw throttled("SubscriptionRequestTypeLimitReached", sharedWait);
  own[family].take(vault.id.toLowerCase(), now, weight);
}

function familyOf({ budget, collection }: Operation): Family {
  if (budget !== "other") return budget;
  return collection === "keys" ? "keys" : "other";
}

/** Operations with larger keys take a larger share of one sum. */
function weightOf(context: Context, vault: Vault, name: string | undefined): number {
  const key = name === undefined ? undefined : context.model.objects.get(`${vault.id}/keys/${name}`);
  const jwk = key?.versions.at(-1)?.jwk;
  const limit = jwk && RSA_LIMITS[keySize(jwk) ?? 0];
  return limit === undefined ? 1 : LIMITS.keys / limit;
}

function windows(context: Context): Windows {
  let found = windowsOf.get(context.model);
  if (!found) {
    found = { vault: family(1), subscription: family(SUBSCRIPTION_FACTOR) };
    windowsOf.set(context.model, found);
  }
  return found;
}

function family(factor: number): Record<Family, RateWindow> {
  return {
    secretCreate: new RateWindow(LIMITS.secretCreate * factor, WINDOW_MS),
    keyCreate: new RateWindow(LIMITS.keyCreate * factor, WINDOW_MS),
    keys: new RateWindow(LIMITS.keys * factor, WINDOW_MS),
    other: new RateWindow(LIMITS.other * factor, WINDOW_MS),
  };
}

function throttled(reason: string, wait: number): AzureError {
  return new AzureError(
    429,
    "Throttled",
    `Request was not processed because too many requests were received. Reason: ${reason}`,
    { headers: { "retry-after": String(wait) }, innererror: { code: reason } },
  );
}
