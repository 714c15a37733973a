import "server-only";
import { type Attributes, type HrTime, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** One value of a metric; names and attributes are OpenTelemetry's where it has one. */
export interface Measure {
  name: string;
  seconds: number;
  attributes: Attributes;
}

/** By the attribute that tells which kind of work it was: the metric, and the attributes with few values. */
const METRICS = [
  [
    "azure.service",
    "http.client.request.duration",
    ["azure.service", "http.request.method", "http.response.status_code"],
  ],
  ["db.operation.name", "db.client.operation.duration", ["db.system.name", "db.operation.name", "db.collection.name"]],
  ["job.queue", "job.duration", ["job.queue"]],
  [
    "http.request.method",
    "http.server.request.duration",
    ["http.request.method", "http.route", "http.response.status_code"],
  ],
] as const;

/** What a span counts as; undefined for one that is only a part of another's time. */
export function measureOf({ attributes, duration, status }: ReadableSpan): Measure | undefined {
  const metric = METRICS.find(([sign]) => attributes[sign] !== undefined);
  if (!metric) return undefined;
  const [, name, kept] = metric;
  const chosen: Attributes = Object.fromEntries(
    kept.flatMap((one) => (one in attributes ? [[one, attributes[one]]] : [])),
  );
  if (status.code === SpanStatusCode.ERROR) chosen["error.type"] = "_OTHER";
  return { name, seconds: secondsOf(duration), attributes: chosen };
}

function secondsOf([seconds, nanoseconds]: HrTime): number {
  return seconds + nanoseconds / 1e9;
}
