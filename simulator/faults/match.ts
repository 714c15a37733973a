import type { SimRequest } from "../http";
import type { ServiceName } from "../routing";
import type { FaultRule, FaultService } from "./rules";

/** True when the rule is about this request, which asks for `operation` (`operationOf`). */
export function matches(
  match: FaultRule["match"],
  service: ServiceName,
  request: SimRequest,
  operation: string,
): boolean {
  if (match.operation !== undefined && match.operation !== operation) return false;
  if (match.service !== undefined && match.service !== faultService(service, request)) return false;
  if (match.method !== undefined && match.method.toUpperCase() !== request.method) return false;
  if (match.host !== undefined && !fits(match.host, request.host)) return false;
  if (match.path !== undefined && !fits(match.path, request.path)) return false;
  return match.caller === undefined || match.caller.toLowerCase() === claimedCaller(request);
}

function faultService(service: ServiceName, request: SimRequest): FaultService | undefined {
  if (service === "control") return undefined;
  if (service === "arm" && request.path.toLowerCase().startsWith("/providers/microsoft.resourcegraph/"))
    return "resourcegraph";
  return service;
}

/** A pattern with `*` against a text, without case and in linear time. */
export function fits(pattern: string, text: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  const whole = text.toLowerCase();
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return whole === first;
  if (!whole.startsWith(first) || !whole.endsWith(last) || whole.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = whole.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= whole.length - last.length;
}

/** The object id that the bearer token claims. Nothing is decided by it here, so its signature is not looked at. */
function claimedCaller(request: SimRequest): string | undefined {
  const payload = /^Bearer +[^.]+\.([^.]+)\./i.exec(request.headers.authorization ?? "")?.[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const oid = typeof claims === "object" && claims !== null && "oid" in claims ? claims.oid : undefined;
    return typeof oid === "string" ? oid.toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}
