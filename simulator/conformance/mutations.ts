import type { Exchange } from "./exchange";
import type { Fault, Oracle, SpecOperation } from "./oracle";
import { bodySchemas, flatten, type Schema } from "./schema";

/** The ways in which an answer or a request can be wrong. */
export const KINDS = [
  "wrong type",
  "missing required",
  "extra property",
  "bad date",
  "bad value of an enumeration",
  "wrong status",
] as const;
type Kind = (typeof KINDS)[number];

export interface Mutation {
  kind: Kind;
  side: "request" | "response";
  operation: SpecOperation;
  /** Where in the body: `/value/0/name`. */
  path: string;
  exchange: Exchange;
  /** What the validator said before. */
  before: readonly Fault[];
}

/** An exchange with the operation behind it and what the validator says of it. */
interface Pair {
  exchange: Exchange;
  operation: SpecOperation;
  faults: readonly Fault[];
}

/** What one change does to the value at a place; `undefined` takes the place away. */
interface Change {
  kind: Kind;
  path: string[];
  value: unknown;
}

/** Deeper places repeat what shallower ones show. */
const DEPTH_MAX = 6;

/**
 * One mutation of each kind for every operation and side that allows it, drawn by the seed from all places where the
 * description says that the value would be wrong.
 */
export function mutationsOf(pairs: readonly Pair[], seed: number): Mutation[] {
  const pools = new Map<string, Candidate[]>();
  for (const pair of pairs) {
    for (const candidate of candidatesOf(pair)) {
      const { id, version } = pair.operation;
      const key = [version, id, candidate.side, candidate.change.kind].join(" ");
      const pool = pools.get(key) ?? [];
      pools.set(key, pool);
      pool.push(candidate);
    }
  }
  return [...pools].flatMap(([key, pool]) => {
    const drawn = pool[hash(`${seed} ${key}`) % pool.length];
    return drawn ? [mutate(drawn)] : [];
  });
}

/** One change that could be made to one exchange. */
interface Candidate {
  pair: Pair;
  side: Mutation["side"];
  change: Change;
}

function mutate({ pair: { exchange, operation, faults }, side, change: { kind, path, value } }: Candidate): Mutation {
  const common = { kind, side, operation, path: path.length > 0 ? `/${path.join("/")}` : "", before: faults };
  if (kind === "wrong status") return { ...common, exchange: { ...exchange, status: UNDECLARED } };
  const key = side === "request" ? "requestBody" : "responseBody";
  return { ...common, exchange: { ...exchange, [key]: changed(exchange[key], path, value) } };
}

/** A status of success that no description declares. */
const UNDECLARED = 226;

/** Those that the validator does not flag, beyond what it had to say before the mutation. */
export async function missedOf(oracle: Oracle, mutations: readonly Mutation[]): Promise<Mutation[]> {
  const missed: Mutation[] = [];
  for (const mutation of mutations) {
    const before = new Set(mutation.before.map(keyOf));
    const { faults } = await oracle.check(mutation.exchange);
    if (!faults.some((fault) => fault.side === mutation.side && !before.has(keyOf(fault)))) missed.push(mutation);
  }
  return missed;
}

function keyOf({ side, code, path }: Fault): string {
  return `${side} ${code} ${path}`;
}

function candidatesOf(pair: Pair): Candidate[] {
  const { exchange, operation } = pair;
  const { request, response } = bodySchemas(operation, exchange.status);
  const within = (side: Mutation["side"], body: unknown, schema: Schema | undefined): Candidate[] =>
    schema === undefined || body === undefined
      ? []
      : changesOf(body, schema, side, []).map((change) => ({ pair, side, change }));
  return [
    ...within("request", exchange.requestBody, request),
    ...within("response", exchange.responseBody, response),
    { pair, side: "response", change: { kind: "wrong status", path: [], value: undefined } },
  ];
}

function changesOf(value: unknown, schema: Schema, side: Mutation["side"], path: string[]): Change[] {
  const here = valueChanges(value, schema).map((change) => ({ ...change, path }));
  if (path.length >= DEPTH_MAX || schema.discriminated) return here;
  if (Array.isArray(value)) {
    const { items } = schema;
    return value.length === 0 || items === undefined
      ? here
      : [...here, ...changesOf(value[0], flatten(items), side, [...path, "0"])];
  }
  if (typeof value !== "object" || value === null) return here;
  const inside = Object.entries(value).flatMap(([name, part]) => {
    const place = schema.properties[name];
    if (place === undefined) return [];
    const property = flatten(place);
    const hidden = side === "request" ? property.readOnly : property.secret;
    if (hidden || part === null) return [];
    // A request body that would be left empty counts as none, which is another matter.
    const only = path.length === 0 && side === "request" && Object.keys(value).length === 1;
    const missing: Change[] =
      schema.required.includes(name) && !only
        ? [{ kind: "missing required", path: [...path, name], value: undefined }]
        : [];
    return [...missing, ...changesOf(part, property, side, [...path, name])];
  });
  const extra: Change[] = schema.closed
    ? [{ kind: "extra property", path: [...path, "notInAnyDescription"], value: "one too many" }]
    : [];
  return [...here, ...inside, ...extra];
}

/** What makes this one value wrong. */
function valueChanges(value: unknown, schema: Schema): Omit<Change, "path">[] {
  const changes: Omit<Change, "path">[] = [];
  const wrong = WRONG_TYPE[schema.type ?? ""];
  if (wrong !== undefined) changes.push({ kind: "wrong type", value: wrong });
  if (schema.enum !== undefined && typeof value === "string")
    changes.push({ kind: "bad value of an enumeration", value: "NoSuchValue" });
  if (schema.type === "string" && schema.format === "date-time")
    changes.push({ kind: "bad date", value: "the day before yesterday" });
  return changes;
}

const WRONG_TYPE: Readonly<Record<string, unknown>> = {
  string: 12_345,
  integer: "a text",
  number: "a text",
  boolean: "a text",
  array: { not: "a list" },
};

function changed(value: unknown, [first, ...rest]: readonly string[], replacement: unknown): unknown {
  if (first === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item, index) => (index === Number(first) ? changed(item, rest, replacement) : item));
  const old: object = typeof value === "object" && value !== null ? value : {};
  const next = changed(Reflect.get(old, first), rest, replacement);
  const others = Object.entries(old).filter(([name]) => name !== first);
  return Object.fromEntries(next === undefined ? others : [...others, [first, next]]);
}

/** FNV-1a, for a choice that is the same for the same seed. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const char of text) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return state;
}
