import { parameter } from "../arm/respond";
import type { Call } from "../context";
import { type Fields, testFor } from "../odata/fields";
import { parseFilter } from "../odata/filter";
import { FilterError } from "../odata/tokens";
import { badRequest } from "./errors";

const ORIGIN = "https://graph.microsoft.com";

interface GraphList<T> {
  fields: Fields<T>;
  /** Items of a page without `$top`, and at most. */
  size: number;
  sizeMax: number;
  /** Query options that the list takes. */
  options: readonly string[];
  /** What the link to the next page carries: the directory does not count pages for callers. */
  cursor?: "$skip" | "$skiptoken";
}

/**
 * One page of a Graph list by `$filter`, `$top`, `$skip` and `$count`, in the order of `items`. Pages are counted, as in
 * Graph: a list that grows between two of them shows an item twice.
 *
 * @throws AzureError 400 BadRequest for options that the list does not take and values that do not fit.
 */
export function graphPage<T>(
  call: Call,
  items: readonly T[],
  list: GraphList<T>,
): { count?: number; value: T[]; nextLink?: string } {
  checkOptions(call, list.options);
  const found = items.filter(readFilter(call, list.fields));
  const top = readNumber(call, "$top", list.size);
  if (top > list.sizeMax) {
    throw badRequest(
      `The limit of '${list.sizeMax}' for Top query has been exceeded. The value from the incoming request is '${top}'.`,
    );
  }
  const cursor = list.cursor ?? "$skip";
  const skip = readNumber(call, cursor, 0);
  const value = found.slice(skip, skip + top);
  const counted = parameter(call, "$count") === "true" ? { count: found.length } : {};
  if (top === 0 || skip + top >= found.length) return { ...counted, value };
  const query = new URLSearchParams(call.request.query);
  for (const name of [...query.keys()]) if (name.toLowerCase() === cursor) query.delete(name);
  query.set(cursor, String(skip + top));
  return { ...counted, value, nextLink: `${ORIGIN}${encodeURI(call.request.path)}?${query.toString()}` };
}

/** The names after `$expand`; throws 400 for any that is not in `known`. */
export function readExpand(call: Call, known: readonly string[]): string[] {
  const names = (parameter(call, "$expand") ?? "").split(",").filter((name) => name !== "");
  for (const name of names) {
    if (!known.includes(name)) {
      throw badRequest(
        `Parsing OData Select and Expand failed: Could not find a property named '${name.slice(0, 100)}'.`,
      );
    }
  }
  return names;
}

/** A body cut down to what `$select` names; whole without it. Throws 400 for a name that the body does not have. */
export function readSelect(call: Call): (body: Record<string, unknown>) => Record<string, unknown> {
  const names = (parameter(call, "$select") ?? "").split(",").filter((name) => name !== "");
  if (names.length === 0) return (body) => body;
  return (body) => {
    for (const name of names) {
      if (name in body) continue;
      throw badRequest(
        `Parsing OData Select and Expand failed: Could not find a property named '${name.slice(0, 100)}'.`,
      );
    }
    return Object.fromEntries(names.map((name) => [name, body[name]]));
  };
}

/** Throws 400 for a query option that starts like OData's and is not taken here. */
export function checkOptions(call: Call, options: readonly string[]): void {
  for (const name of call.request.query.keys()) {
    const option = name.toLowerCase();
    if (option.startsWith("$") && !options.includes(option)) {
      throw badRequest(`Query option '${name.slice(1, 50)}' is not allowed.`);
    }
  }
}

function readFilter<T>(call: Call, fields: Fields<T>): (item: T) => boolean {
  const text = parameter(call, "$filter");
  if (text === undefined) return () => true;
  try {
    return testFor(parseFilter(text), fields);
  } catch (error) {
    if (error instanceof FilterError) throw badRequest(`Invalid filter clause: ${error.message}`);
    throw error;
  }
}

function readNumber(call: Call, name: string, fallback: number): number {
  const text = parameter(call, name);
  if (text === undefined) return fallback;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw badRequest(`Invalid value '${text.slice(0, 100)}' for ${name} query option found.`);
}
