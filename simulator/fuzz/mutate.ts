import type { Exchange } from "../conformance/exchange";
import type { Random } from "../world/random";
import { hostileText, hostileValue, TEXTS } from "./hostile";

/** A request as it goes over the wire; `target` is raw, so that nothing tidies it up. */
export interface RawRequest {
  method: string;
  host: string;
  target: string;
  headers: Record<string, string>;
  body: Buffer;
}

const METHODS = ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"];
/** The tenant answers 414 from 16 KB on, whatever else is wrong; longer names go into bodies. */
const TARGET_TEXT_MAX = 6_000;

/** Deeper than any good request; what an earlier change nested far deeper is left alone. */
const DEPTH_MAX = 12;

/** A request that was fine, with one to three things about it made wrong. */
export function mutated(base: Exchange, random: Random): RawRequest {
  const url = new URL(base.url);
  const draft: Draft = {
    method: base.method,
    host: url.hostname,
    segments: url.pathname.split("/"),
    query: [...url.searchParams],
    headers: { ...base.requestHeaders },
    body: base.requestBody,
    raw: undefined,
  };
  const changes = random.int(1, 3);
  for (let number = 0; number < changes; number++) random.pick(CHANGES)(draft, random);
  return sealed(draft);
}

interface Draft {
  method: string;
  host: string;
  segments: string[];
  query: [name: string, value: string][];
  headers: Record<string, string>;
  body: unknown;
  /** Replaces the JSON of `body`. */
  raw: Buffer | undefined;
}

type Change = (draft: Draft, random: Random) => void;

const CHANGES: readonly Change[] = [
  (draft, random) => {
    draft.segments[random.int(0, draft.segments.length - 1)] = segment(hostileText(random));
  },
  (draft, random) => {
    draft.segments = draft.segments.map((part) => otherCase(part, random));
  },
  (draft, random) => {
    draft.segments.splice(
      random.int(0, draft.segments.length),
      0,
      random.pick(["", ".", "..", "%2e%2e", "%ff", "%00", "%", "a%2fb"]),
    );
  },
  (draft, random) => {
    draft.segments.length = random.int(1, draft.segments.length);
  },
  (draft, random) => {
    draft.method = random.pick(METHODS);
  },
  (draft, random) => {
    draft.query = draft.query.filter(() => random.chance(0.5));
  },
  (draft, random) => {
    const [name = "api-version", value = "1"] = draft.query[random.int(0, draft.query.length)] ?? [];
    draft.query.push([otherCase(name, random), random.chance(0.5) ? value : hostileText(random)]);
  },
  (draft, random) => {
    const names = [
      "$filter",
      "$top",
      "$skiptoken",
      "$orderby",
      "$select",
      "$expand",
      "maxresults",
      "timespan",
      "query",
    ];
    draft.query.push([random.pick(names), hostileText(random)]);
  },
  (draft, random) => {
    const names = ["authorization", "prefer", "if-match", "content-type", "x-ms-client-request-id", "x-forwarded-for"];
    draft.headers[random.pick(names)] = headerText(hostileText(random));
  },
  (draft, random) => {
    draft.headers.authorization = random.pick([
      "",
      "Bearer",
      "Bearer a.b.c",
      "Basic YTpi",
      `Bearer ${"x".repeat(5000)}`,
    ]);
  },
  ...Array.from({ length: 6 }, (): Change => changeBody),
  (draft, random) => {
    draft.raw = brokenText(JSON.stringify(draft.body ?? {}), random);
  },
];

/** The request once for each place in its body, with `value` there. */
export function everywhere(base: Exchange, value: unknown): RawRequest[] {
  const url = new URL(base.url);
  return leaves(base.requestBody)
    .filter((path) => path.length > 0)
    .map((path) =>
      sealed({
        method: base.method,
        host: url.hostname,
        segments: url.pathname.split("/"),
        query: [...url.searchParams],
        headers: { ...base.requestHeaders },
        body: replaced(base.requestBody, path, value),
        raw: undefined,
      }),
    );
}

function changeBody(draft: Draft, random: Random): void {
  const paths = leaves(draft.body);
  const path = paths.length > 0 ? random.pick(paths) : [];
  draft.body = random.chance(0.2) ? without(draft.body, path) : replaced(draft.body, path, hostileValue(random));
}

/** Paths of every value inside, the whole first. */
function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null || path.length > DEPTH_MAX) return [path];
  const inner = Object.entries(value).slice(0, 40);
  return [path, ...inner.flatMap(([key, child]) => leaves(child, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, by) : item));
  if (typeof value !== "object" || value === null) return by;
  return { ...value, [key]: replaced(Reflect.get(value, key), rest, by) };
}

function without(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return value.filter((_, index) => String(index) !== key);
  if (rest.length > 0) return { ...value, [key]: without(Reflect.get(value, key), rest) };
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function brokenText(text: string, random: Random): Buffer {
  const at = random.int(0, text.length);
  switch (random.int(0, 4)) {
    case 0:
      return Buffer.from(text.slice(0, at));
    case 1:
      return Buffer.from(`${text.slice(0, at)}${random.pick(TEXTS)}${text.slice(at)}`);
    case 2:
      return Buffer.from(`\ufeff${text}`);
    case 3:
      return Buffer.concat([
        Buffer.from(text.slice(0, at)),
        Buffer.from([0xff, 0xfe, 0x80]),
        Buffer.from(text.slice(at)),
      ]);
    default:
      return Buffer.from(`{"a":1,"a":2,"properties":{},"properties":[],"__proto__":{"x":1}}`);
  }
}

function otherCase(text: string, random: Random): string {
  return [...text].map((letter) => (random.chance(0.5) ? letter.toUpperCase() : letter.toLowerCase())).join("");
}

/** Percent-encoded and short enough for the head of a request; lone surrogates cannot be encoded and become one sign. */
function segment(text: string): string {
  return encodeURIComponent(text.slice(0, TARGET_TEXT_MAX / 3).replace(/\p{Surrogate}/gu, "?"));
}

/** What Node lets into a header. */
function headerText(text: string): string {
  return text.slice(0, TARGET_TEXT_MAX).replace(/[^\x20-\x7e]/g, "?");
}

function sealed({ method, host, segments, query, headers, body, raw }: Draft): RawRequest {
  const parts = query.map(([name, value]) => `${segment(name)}=${segment(value)}`);
  const path = segments.join("/");
  const target = `${path.startsWith("/") ? path : `/${path}`}${parts.length > 0 ? `?${parts.join("&")}` : ""}`;
  const { "content-length": _length, host: _host, ...rest } = headers;
  const bytes = raw ?? Buffer.from(body === undefined ? "" : (JSON.stringify(body) ?? ""));
  return { method, host, target: target.slice(0, 2 * TARGET_TEXT_MAX), headers: rest, body: bytes };
}
