import { normaliseScope, scopeCovers } from "../access";
import { badRequest } from "./errors";

/** A test for ids that lie at or below one of the scopes (normalised): what a list may show. */
export function inheritedBy(scopes: readonly string[]): (id: string) => boolean {
  // A scope below another adds nothing; most callers are left with one or two.
  const roots = scopes.filter((scope) => !scopes.some((other) => other !== scope && scopeCovers(other, scope)));
  return (id) => {
    const at = normaliseScope(id);
    return roots.some((root) => scopeCovers(root, at));
  };
}

/** The parts of an OData `$filter` that ARM's authorization lists take, joined by `and`. */
export interface Filter {
  functions: Map<string, string>;
  equals: Map<string, string>;
}

/**
 * Reads `atScope()`, `assignedTo('x')` and `name eq 'x'` joined by `and`; names are lower case in the result.
 * @throws AzureError 400 InvalidFilter for anything else.
 */
export function readFilter(text: string | undefined): Filter {
  const filter: Filter = { functions: new Map(), equals: new Map() };
  if (text === undefined || text.trim() === "") return filter;
  for (const part of text.split(/\s+and\s+/i)) {
    const call = /^\s*(\w+)\(\s*(?:'([^']*)')?\s*\)\s*$/.exec(part);
    const equal = /^\s*(\w+)\s+eq\s+(?:'([^']*)'|([\w-]+))\s*$/i.exec(part);
    if (call) filter.functions.set((call[1] ?? "").toLowerCase(), call[2] ?? "");
    else if (equal) filter.equals.set((equal[1] ?? "").toLowerCase(), equal[2] ?? equal[3] ?? "");
    else throw badRequest(`The filter '${text}' is not supported.`, "InvalidFilter");
  }
  return filter;
}

/** Throws 400 UnsupportedQuery for a part of the filter that this list does not know. */
export function onlyFilters(filter: Filter, functions: readonly string[], equals: readonly string[]): void {
  const unknown =
    [...filter.functions.keys()].find((name) => !functions.includes(name)) ??
    [...filter.equals.keys()].find((name) => !equals.includes(name));
  if (unknown !== undefined) throw badRequest(`The filter '${unknown}' is not supported.`, "UnsupportedQuery");
}
