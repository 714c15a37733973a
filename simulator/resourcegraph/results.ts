import { createHash } from "node:crypto";
import type { Call } from "../context";
import { seal, unseal } from "../keyvault/sealed-text";
import type { ResultTable } from "../loganalytics/kql/types";
import type { Model } from "../model";

/*
 * Answers are kept for their further pages, so that a page costs no second evaluation and a list that changes meanwhile
 * neither repeats nor skips a row.
 */

const KEPT_MAX = 20;

const stores = new WeakMap<Model, Map<string, ResultTable>>();

/** Identifies a query for its pages: who asks, what, where. */
export function queryKey(call: Call, query: string, subscriptions: readonly string[] | undefined): string {
  const text = JSON.stringify([call.caller.oid.toLowerCase(), query, subscriptions ? [...subscriptions].sort() : null]);
  return createHash("sha256").update(text).digest("hex");
}

/** Keeps an answer; the oldest one goes when there are too many. */
export function keepResult(call: Call, id: string, result: ResultTable): void {
  let store = stores.get(call.model);
  if (!store) {
    store = new Map();
    stores.set(call.model, store);
  }
  store.delete(id);
  store.set(id, result);
  const oldest = store.size > KEPT_MAX ? store.keys().next().value : undefined;
  if (oldest !== undefined) store.delete(oldest);
}

/** The kept answer, unless it had to go. */
export function keptResult(call: Call, id: string): ResultTable | undefined {
  return stores.get(call.model)?.get(id);
}

/** Where a further page begins. */
export interface PageToken {
  /** Of `queryKey`: a token is good only for the query that it came from. */
  key: string;
  /** Of the kept answer. */
  result: string;
  offset: number;
  /** Rows per page, as the first request asked for. */
  top: number;
}

const PURPOSE = "resource graph page";

export function sealToken(call: Call, { key, result, offset, top }: PageToken): string {
  return seal(call.identity, PURPOSE, [key, result, offset, top].join(" "));
}

/** The token's content; undefined when it was not made here. */
export function openToken(call: Call, text: string): PageToken | undefined {
  const [key = "", result = "", offset, top] = unseal(call.identity, PURPOSE, text)?.split(" ") ?? [];
  return key === "" ? undefined : { key, result, offset: Number(offset), top: Number(top) };
}
