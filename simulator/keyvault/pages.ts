import { readPageSize } from "./request-rules";
import { seal, unseal } from "./sealed-text";
import type { VaultCall } from "./vault-call";
import { badParameter } from "./vault-errors";

const PURPOSE = "continuation";

/**
 * One page of a list. `cursorOf` names the place of an item in the order of `items`; the next page begins behind it, so
 * objects that come and go between two pages shift nothing. The link is on the vault's own host and names no object.
 */
export function pageOf<T>(
  call: VaultCall,
  items: readonly T[],
  cursorOf: (item: T) => string,
  bodyOf: (item: T) => unknown,
): { value: unknown[]; nextLink: string | null } {
  const size = readPageSize(call.request);
  const token = call.request.query.get("$skiptoken");
  const after = token === null ? undefined : unseal(call.identity, PURPOSE, token);
  if (token !== null && after === undefined) throw badParameter("The $skiptoken parameter is invalid.");
  const start = after === undefined ? 0 : items.findIndex((item) => cursorOf(item) > after);
  const page = start === -1 ? [] : items.slice(start, start + size);
  const last = page.at(-1);
  const more = last !== undefined && start + size < items.length;
  return { value: page.map(bodyOf), nextLink: more ? nextLink(call, cursorOf(last), size) : null };
}

function nextLink(call: VaultCall, cursor: string, size: number): string {
  const path = call.request.path.split("/").map(encodeURIComponent).join("/");
  const token = seal(call.identity, PURPOSE, cursor);
  return `${call.origin}${path}?api-version=${call.apiVersion}&$skiptoken=${token}&maxresults=${size}`;
}
