import { z } from "zod";
import { badRequest } from "../arm/errors";
import { parameter } from "../arm/respond";
import type { Call } from "../context";
import { type Fields, orderFor, testFor } from "../odata/fields";
import { parseFilter } from "../odata/filter";
import { FilterError } from "../odata/tokens";

/** What a list is sorted by: the value asked for, then a number that no two items share. */
type SortKey = readonly [value: string | number, tie: number];

export interface ListRules<T> {
  fields: Fields<T>;
  /** The order without `$orderby`. */
  order: { path: string; descending: boolean };
  /** Never the same for two items, and never changed. */
  tieOf(item: T): number;
  /** Items of a page, without `$top` and at most. */
  size: number;
  sizeMax: number;
}

const Token = z.tuple([z.union([z.string(), z.number()]), z.number()]);
const HOST = "https://management.azure.com";

/**
 * One page of a Sentinel list by `$filter`, `$orderby`, `$top` and `$skipToken`. The token names the last item by what
 * it is sorted by, so that a list that changes between two pages neither repeats nor skips what stayed as it was.
 *
 * @throws AzureError 400 BadRequest. The sentence for a filter or order that is not understood is the service's own,
 * as reported by its users; that for a `$top` out of range is unverified.
 */
export function listPage<T>(call: Call, items: readonly T[], rules: ListRules<T>): { value: T[]; nextLink?: string } {
  const test = readFilter(call, rules.fields);
  const order = readOrder(call, rules);
  const size = readSize(call, rules);
  const after = readToken(call);
  const compare = comparer(order.descending);
  const keyed = items
    .filter(test)
    .map((item): { item: T; key: SortKey } => ({
      item,
      key: [sortValueOf(rules.fields, order.path, item), rules.tieOf(item)],
    }))
    .filter(({ key }) => after === undefined || compare(key, after) > 0)
    .sort((a, b) => compare(a.key, b.key));
  const shown = keyed.slice(0, size);
  const last = shown.at(-1);
  const value = shown.map(({ item }) => item);
  return last && keyed.length > size ? { value, nextLink: linkAfter(call, last.key) } : { value };
}

const SYNTAX = "OData query syntax error";

function readFilter<T>(call: Call, fields: Fields<T>): (item: T) => boolean {
  const text = parameter(call, "$filter");
  if (text === undefined || text.trim() === "") return () => true;
  return orRefuse(() => testFor(parseFilter(text), fields));
}

function readOrder<T>(call: Call, { fields, order }: ListRules<T>): { path: string; descending: boolean } {
  const text = parameter(call, "$orderby");
  return text === undefined ? order : orRefuse(() => orderFor(text, fields));
}

function orRefuse<R>(read: () => R): R {
  try {
    return read();
  } catch (error) {
    if (error instanceof FilterError) throw badRequest(SYNTAX);
    throw error;
  }
}

function readSize<T>(call: Call, { size, sizeMax }: ListRules<T>): number {
  const text = parameter(call, "$top");
  if (text === undefined) return size;
  const top = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (top < 1) throw badRequest(`Invalid value '${text.slice(0, 100)}' for $top query option found.`);
  if (top > sizeMax) {
    throw badRequest(
      `The limit of '${sizeMax}' for Top query has been exceeded. The value from the request is '${top}'.`,
    );
  }
  return top;
}

function readToken(call: Call): SortKey | undefined {
  const text = parameter(call, "$skiptoken");
  if (text === undefined) return undefined;
  try {
    return Token.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch {
    throw badRequest("The $skipToken is invalid.");
  }
}

function sortValueOf<T>(fields: Fields<T>, path: string, item: T): string | number {
  const field = fields.get(path);
  if (!field || field.type === "list") return "";
  return field.get(item) ?? (field.type === "text" ? "" : 0);
}

function comparer(descending: boolean): (a: SortKey, b: SortKey) => number {
  const up = (a: SortKey, b: SortKey) => (a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1);
  return descending ? (a, b) => up(b, a) : up;
}

function linkAfter(call: Call, key: SortKey): string {
  const query = new URLSearchParams(call.request.query);
  for (const name of [...query.keys()]) if (name.toLowerCase() === "$skiptoken") query.delete(name);
  query.set("$skipToken", Buffer.from(JSON.stringify(key)).toString("base64url"));
  return `${HOST}${encodeURI(call.request.path)}?${query.toString()}`;
}
