import "server-only";
import type { Attributes } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** Scope of the product's own spans, whose attributes are written by us alone. */
export const OURS = "key-vault-honeytokens";
const NEXT = "next.js";

/** Next's attributes that hold no part of an address but its template, by the name that they are sent under. */
const FROM_NEXT: Readonly<Record<string, string>> = {
  "http.method": "http.request.method",
  "http.route": "http.route",
  "http.status_code": "http.response.status_code",
};
const METHOD = /^[A-Z]{1,10}$/;
/** A template of ours: `/api/vaults/[id]`. A parameter's value could not stand in it: the brackets are its place. */
const ROUTE = /^\/[\w()[\].@/-]*$/;
const SPAN_TYPE = /^[A-Za-z]+\.[A-Za-z]+$/;

/**
 * The span as it may leave the process, or undefined when it may not: spans of others (the SDKs', the job engine's) are
 * dropped, Next's keep their kind and three attributes, and no span keeps the words of an error, which quote names.
 */
export function presentable(span: ReadableSpan): ReadableSpan | undefined {
  const scope = span.instrumentationScope.name;
  if (scope === OURS) return copyOf(span, span.name, span.attributes);
  if (scope !== NEXT) return undefined;
  const attributes = nextAttributes(span.attributes);
  const type = span.attributes["next.span_type"];
  if (typeof type !== "string" || !SPAN_TYPE.test(type)) return undefined;
  const method = attributes["http.request.method"];
  const name = method === undefined ? type : [method, attributes["http.route"]].filter(Boolean).join(" ");
  return copyOf(span, name, attributes);
}

function nextAttributes(given: Attributes): Attributes {
  const kept: Attributes = {};
  for (const [theirs, ours] of Object.entries(FROM_NEXT)) {
    const value = given[theirs];
    if (typeof value === "number") kept[ours] = value;
    if (typeof value === "string" && (ours === "http.route" ? ROUTE : METHOD).test(value)) kept[ours] = value;
  }
  return kept;
}

function copyOf(span: ReadableSpan, name: string, attributes: Attributes): ReadableSpan {
  const { kind, startTime, endTime, duration, ended, resource, instrumentationScope, parentSpanContext } = span;
  return {
    ...{ name, attributes, kind, startTime, endTime, duration, ended, resource, instrumentationScope },
    ...(parentSpanContext && { parentSpanContext }),
    spanContext: () => span.spanContext(),
    status: { code: span.status.code },
    links: [],
    events: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
