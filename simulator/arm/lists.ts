import { hasAnyAccess, normaliseScope, scopeCovers, scopesWith } from "../access";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { authorizationFailed } from "./errors";
import { inheritedBy } from "./filter";
import { ok, page } from "./respond";
import { requireGroup } from "./scope";

interface Listing<T extends { id: string }> {
  /** `/providers/{namespace}/{type}`. */
  all: string;
  /** The action that lets a caller see one of them. */
  read: string;
  items(call: Call): Iterable<T>;
  body(call: Call, item: T): unknown;
  /** Items of a page at most. */
  size(call: Call): number;
}

/**
 * The two lists of a resource type: of a subscription and of a resource group. They hold what the caller may read, which
 * may be nothing; who has no role there at all is refused, before it is told whether the group exists.
 */
export function routeLists<T extends { id: string }>(router: Router<Call>, listing: Listing<T>): void {
  const { all } = listing;
  router.on("GET", `/subscriptions/{s}${all}`, (call, params) => {
    const scope = `/subscriptions/${params.s}`;
    requireAnyAccess(call, scope, listing);
    return list(call, scope, listing);
  });
  router.on("GET", `/subscriptions/{s}/resourceGroups/{g}${all}`, (call, params) => {
    const scope = `/subscriptions/${params.s}/resourceGroups/${params.g}`;
    requireAnyAccess(call, scope, listing);
    requireGroup(call, params.s ?? "", params.g ?? "");
    return list(call, scope, listing);
  });
}

function requireAnyAccess(call: Call, scope: string, { all, read }: { all: string; read: string }): void {
  if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, read, scope + all);
}

function list<T extends { id: string }>(call: Call, scope: string, listing: Listing<T>): SimResponse {
  const { read, items, body, size } = listing;
  const readable = inheritedBy(scopesWith(call, call.caller, read));
  const at = normaliseScope(scope);
  const found = [...items(call)].filter(({ id }) => scopeCovers(at, normaliseScope(id)) && readable(id));
  const { value, ...rest } = page(call, found, ({ id }) => id, size(call));
  return ok({ value: value.map((item) => body(call, item)), ...rest });
}
