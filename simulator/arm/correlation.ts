import type { Call } from "../context";
import { derivedGuid } from "../derived-id";
import type { SimRequest } from "../http";

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const ids = new WeakMap<SimRequest, string>();

/** The correlation id of a request: the caller's own header when it is a GUID, else one that stays the same for the request. */
export function correlationId(call: Call): string {
  const { request } = call;
  const known = ids.get(request);
  if (known !== undefined) return known;
  const given = request.headers["x-ms-correlation-request-id"];
  const id =
    given !== undefined && GUID.test(given)
      ? given.toLowerCase()
      : derivedGuid(call, `${request.method} ${request.host}${request.path}`);
  ids.set(request, id);
  return id;
}
