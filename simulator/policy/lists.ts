import { normaliseScope, scopeCovers } from "../access";
import { badRequest } from "../arm/errors";
import { type Filter, readFilter } from "../arm/filter";
import { page, parameter, readTop } from "../arm/respond";
import { requireScope, type Scope } from "../arm/scope";
import type { Call } from "../context";
import { reachOf } from "./hierarchy";

/** Objects of one page when `$top` says nothing. Source: the API descriptions of policy lists. */
const PAGE = 500;

/** The `$filter` of a policy list: functions and `name eq 'value'` (also written `-eq`). Throws 400. */
export function policyFilter(call: Call, functions: readonly string[], equals: readonly string[]): Filter {
  const text = parameter(call, "$filter")?.replace(/\s-eq\s/gi, " eq ");
  const filter = readFilter(text);
  const known =
    [...filter.functions.keys()].every((name) => functions.includes(name)) &&
    [...filter.equals.keys()].every((name) => equals.includes(name));
  if (known) return filter;
  throw badRequest(`The filter '${text}' is invalid.`, "InvalidFilterQueryParameter");
}

/** One page of a policy list. */
export function policyPage<T extends { id: string }>(call: Call, items: T[]) {
  return page(call, items, ({ id }) => id, readTop(call, PAGE, 1000));
}

/** The scope that an id lies at: what stands before the last `/providers/`. Empty for what is built in. */
export function scopeOfId(id: string): string {
  return id.slice(0, id.toLowerCase().lastIndexOf("/providers/"));
}

/** True when what is set at `scope` holds at `at`: at it, or at a group above. Any spelling. */
export function holdsAt(call: Pick<Call, "model">, scope: string, at: string): boolean {
  const wanted = normaliseScope(at);
  return reachOf(call.model, normaliseScope(scope)).some((one) => scopeCovers(one, wanted));
}

/** What stands at the scope of definitions: a management group or a subscription. Throws 400 for any other, 404. */
export function requireHome(call: Call, scope: string): Scope {
  const found = requireScope(call, scope);
  if (found.kind === "managementGroup" || found.kind === "subscription") return found;
  throw badRequest(
    `The scope '${scope}' is not valid: policy definitions are kept by management groups and subscriptions.`,
    "InvalidScope",
  );
}
