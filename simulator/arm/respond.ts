import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { bodyFault } from "../body-fault";
import { longText } from "../body-texts";
import type { Call } from "../context";
import type { SimResponse } from "../http";
import { badRequest } from "./errors";

export function ok(body: unknown): SimResponse {
  return { status: 200, body };
}

export function created(body: unknown): SimResponse {
  return { status: 201, body };
}

/** 204, for a DELETE of what is not there. */
export function noContent(): SimResponse {
  return { status: 204 };
}

/** ISO 8601 of milliseconds since 1970, with the seven digits that Azure writes. */
export function iso(at: number): string {
  return new Date(at).toISOString().replace("Z", "0000Z");
}

/** An etag in the form that Azure's providers write: quoted GUID. */
export function newEtag(): string {
  return `"${randomUUID()}"`;
}

/**
 * The body of a write, checked. Throws 400 `InvalidRequestContent` when it is not JSON and `code` (the provider's own)
 * with the path of the first field that does not fit.
 */
export function readBody<T>(call: Call, schema: z.ZodType<T>, code = "BadRequest"): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(call.request.text);
  } catch {
    throw badRequest(
      "The request content was invalid and could not be deserialized: the body is not JSON.",
      "InvalidRequestContent",
    );
  }
  const result = schema.safeParse(parsed);
  const fault = result.success ? longText(parsed, CONTENTS) : bodyFault(result.error, parsed);
  if (!result.success || fault) throw badRequest(fault?.message ?? "", code);
  return result.data;
}

/** Members of ARM's bodies that are contents: the rows of a watchlist. */
const CONTENTS: ReadonlySet<string> = new Set(["rawContent"]);

const HOST = "https://management.azure.com";

/**
 * One page of a list whose items are in a stable order, with `nextLink` when there is more. `keyOf` gives what the
 * continuation token remembers, so a list that changes between two pages neither repeats nor skips what stayed.
 */
export function page<T>(
  call: Call,
  items: T[],
  keyOf: (item: T) => string,
  size: number,
): { value: T[]; nextLink?: string } {
  const sorted = items
    .map((item) => ({ item, key: keyOf(item).toLowerCase() }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const token = parameter(call, "$skiptoken");
  const after = token === undefined ? undefined : readToken(token);
  const start = after === undefined ? 0 : sorted.findIndex(({ key }) => key > after);
  const slice = start < 0 ? [] : sorted.slice(start, start + size);
  const value = slice.map(({ item }) => item);
  const last = slice.at(-1);
  if (!last || start + size >= sorted.length) return { value };
  const query = new URLSearchParams(call.request.query);
  for (const name of [...query.keys()]) if (name.toLowerCase() === "$skiptoken") query.delete(name);
  query.set("$skiptoken", Buffer.from(last.key).toString("base64url"));
  return { value, nextLink: `${HOST}${encodeURI(call.request.path)}?${query.toString()}` };
}

function readToken(token: string): string {
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (Buffer.from(text).toString("base64url") !== token)
    throw badRequest("The $skiptoken is invalid.", "InvalidSkipToken");
  return text;
}

/** A query parameter by name without case, as ARM reads them. */
export function parameter(call: Call, name: string): string | undefined {
  for (const [key, value] of call.request.query) if (key.toLowerCase() === name) return value;
  return undefined;
}

/** `$top` between 1 and `max`, or `max`/`fallback` when absent. Throws 400 when it is not such a number. */
export function readTop(call: Call, fallback: number, max: number): number {
  const text = parameter(call, "$top");
  if (text === undefined) return fallback;
  const top = Number(text);
  if (!Number.isInteger(top) || top < 1) throw badRequest(`The value '${text}' of $top is not a positive number.`);
  return Math.min(top, max);
}
