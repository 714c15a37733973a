import type { Call } from "../context";
import { AzureError, type Handler, type SimResponse } from "../http";

/** Codes of the answers that ARM gives before the provider is asked. */
const OF_ARM = new Set([
  "AuthorizationFailed",
  "LinkedAuthorizationFailed",
  "ResourceGroupNotFound",
  "SubscriptionNotFound",
  "InvalidRequestContent",
]);

/** An error as action groups, diagnostic settings and the activity log word it: code and message at the top, without ARM's `error` around. */
class FlatError extends AzureError {
  override toResponse(): SimResponse {
    return { ...super.toResponse(), body: { code: this.code, message: this.message } };
  }
}

/** The handler with the provider's own form of errors; ARM's stay as they are. Source: ErrorResponse of these APIs. */
export function withFlatErrors(handler: Handler<Call>): Handler<Call> {
  return (call, params) => flatly(() => handler(call, params));
}

/** What the provider does once ARM has let the call through: its refusals are flat. */
export function flatly<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof AzureError) || OF_ARM.has(error.code)) throw error;
    throw new FlatError(error.status, error.code, error.message, error.extra);
  }
}
