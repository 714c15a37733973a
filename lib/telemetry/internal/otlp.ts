import "server-only";
import { context, type Histogram, isSpanContextValid, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { SpanSpec, Telemetry } from "../spans";
import { OURS, presentable } from "./gate";
import { type Measure, measureOf } from "./measures";

const KINDS: Record<SpanSpec["kind"], SpanKind> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

/**
 * Exports to an OTLP collector over HTTP (JSON). Only what `presentable` lets through leaves the process: Next's own spans
 * carry whole addresses and the words of errors. No context is taken from requests nor sent to Azure: a caller must not
 * choose our ids, and Azure needs none of them. Headers, intervals and sampling follow OpenTelemetry's own OTEL_ variables.
 */
export function startExport(endpoint: string, role: string): Telemetry {
  const base = endpoint.replace(/\/+$/, "");
  const resource = defaultResource()
    .merge(resourceFromAttributes({ "service.name": "key-vault-honeytokens", "service.role": role }))
    .merge(detectResources({ detectors: [envDetector] }));
  const meters = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }) })],
  });
  const batch = new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${base}/v1/traces` }) });
  const tracers = new TracerProvider({ resource, spanProcessors: [gateBefore(batch, recorder(meters))] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracers);
  const tracer = tracers.getTracer(OURS);

  return {
    span: (spec, work) => {
      if (spec.partOnly && !trace.getActiveSpan()) return work(() => {});
      const { name, kind, attributes } = spec;
      return tracer.startActiveSpan(name, { kind: KINDS[kind], attributes }, async (span) => {
        try {
          return await work((more) => span.setAttributes(more));
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    trace: () => {
      const active = trace.getActiveSpan()?.spanContext();
      return active && isSpanContextValid(active) ? { trace_id: active.traceId, span_id: active.spanId } : undefined;
    },
    stop: async () => {
      await Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
    },
  };
}

/** Spans pass cleaned, or not at all; each that passes is measured. */
function gateBefore(next: SpanProcessor, record: (measure: Measure) => void): SpanProcessor {
  return {
    onStart: (span, parent) => next.onStart(span, parent),
    onEnd: (span) => {
      const shown = presentable(span);
      if (!shown) return;
      const measure = measureOf(shown);
      if (measure) record(measure);
      next.onEnd(shown);
    },
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  };
}

/** OpenTelemetry's own advice for durations in seconds, and two more, since jobs take their time. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 60, 600];

function recorder(meters: MeterProvider): (measure: Measure) => void {
  const meter = meters.getMeter(OURS);
  const histograms = new Map<string, Histogram>();
  return ({ name, seconds, attributes }) => {
    let histogram = histograms.get(name);
    if (!histogram) {
      histogram = meter.createHistogram(name, { unit: "s", advice: { explicitBucketBoundaries: SECONDS } });
      histograms.set(name, histogram);
    }
    histogram.record(seconds, attributes);
  };
}
