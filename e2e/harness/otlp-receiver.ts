import http from "node:http";
import { z } from "zod";
import { portOf } from "../../scripts/test/loopback";

const Attribute = z.object({
  key: z.string(),
  value: z.looseObject({ stringValue: z.string().optional(), intValue: z.union([z.string(), z.number()]).optional() }),
});
const Span = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z.array(Attribute).default([]),
});
const Traces = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(Span) })) })),
});
const Metrics = z.object({
  resourceMetrics: z.array(
    z.object({ scopeMetrics: z.array(z.object({ metrics: z.array(z.looseObject({ name: z.string() })) })) }),
  ),
});

export interface ReceivedSpan {
  traceId: string;
  name: string;
  attributes: Record<string, string>;
}

/** A collector on a free loopback port that keeps what it is sent (OTLP over HTTP, JSON). */
export interface OtlpReceiver {
  url: string;
  /** Everything that arrived, as it arrived. */
  texts: string[];
  spans(): ReceivedSpan[];
  metricNames(): Set<string>;
  close(): void;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const received: { path: string; text: string }[] = [];
  const texts: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      received.push({ path: request.url ?? "", text });
      texts.push(text);
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bodies = (path: string) => received.filter((one) => one.path === path).map(({ text }) => JSON.parse(text));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    texts,
    spans: () =>
      bodies("/v1/traces")
        .flatMap((body) => Traces.parse(body).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
        .map(({ traceId, name, attributes }) => ({
          traceId,
          name,
          attributes: Object.fromEntries(
            attributes.map(({ key, value }) => [key, String(value.stringValue ?? value.intValue ?? "")]),
          ),
        })),
    metricNames: () =>
      new Set(
        bodies("/v1/metrics")
          .flatMap((body) => Metrics.parse(body).resourceMetrics)
          .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name))),
      ),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
