import { type Attributes, ROOT_CONTEXT } from "@opentelemetry/api";
import { type ReadableSpan, TracerProvider } from "@opentelemetry/sdk-trace";
import { expect, test } from "vitest";
import { OURS, presentable } from "./internal/gate";
import { measureOf } from "./internal/measures";

const SECRET = "db-password-of-payroll";

/** A span as the named library would have ended it, with everything that may give a name away. */
function ended(scope: string, name: string, attributes: Attributes): ReadableSpan {
  const spans: ReadableSpan[] = [];
  const keep = { onStart: () => {}, onEnd: (span: ReadableSpan) => void spans.push(span) };
  const nothing = async () => {};
  const provider = new TracerProvider({ spanProcessors: [{ ...keep, forceFlush: nothing, shutdown: nothing }] });
  const span = provider.getTracer(scope).startSpan(name, { attributes }, ROOT_CONTEXT);
  span.recordException(new Error(SECRET));
  span.setStatus({ code: 2, message: SECRET });
  span.end();
  const [only] = spans;
  if (!only) throw new Error("no span");
  return only;
}

const REQUEST = {
  "next.span_type": "BaseServer.handleRequest",
  "http.method": "GET",
  "http.route": "/api/vaults/[subscription]",
  "http.target": `/api/vaults/x?search=${SECRET}`,
  "http.status_code": 200,
};

test("of a request its template, method and status remain", () => {
  const shown = presentable(ended("next.js", `GET /api?search=${SECRET}`, REQUEST));
  expect(shown?.name).toBe("GET /api/vaults/[subscription]");
  expect(shown?.attributes).toEqual({
    "http.request.method": "GET",
    "http.route": "/api/vaults/[subscription]",
    "http.response.status_code": 200,
  });
  expect(JSON.stringify({ ...shown, resource: null })).not.toContain(SECRET);
  if (!shown) throw new Error("no span");
  expect(measureOf(shown)).toMatchObject({
    name: "http.server.request.duration",
    attributes: { "error.type": "_OTHER" },
  });
});

test.each([
  ["a route that holds a query", { ...REQUEST, "http.route": `/api?search=${SECRET}` }, "GET"],
  [
    "a call that Next made itself",
    { "next.span_type": "AppRender.fetch", "http.url": `https://x/${SECRET}` },
    "AppRender.fetch",
  ],
])("%s leaves no word of it", (_, attributes, name) => {
  const shown = presentable(ended("next.js", SECRET, attributes));
  expect(shown?.name).toBe(name);
  expect(JSON.stringify({ ...shown, resource: null })).not.toContain(SECRET);
});

test("a span of ours loses the words of its error, one of a library is not sent at all", () => {
  const shown = presentable(ended(OURS, "job deployment", { "job.queue": "deployment" }));
  expect(shown).toMatchObject({ name: "job deployment", events: [], status: { code: 2 } });
  expect(JSON.stringify({ ...shown, resource: null })).not.toContain(SECRET);
  for (const scope of ["@azure/core-tracing", "pg-boss", "pg"])
    expect(presentable(ended(scope, "x", {}))).toBeUndefined();
});
