import "server-only";

/** What of a piece of work may leave the machine: fixed words, numbers, and ids that name nothing in a vault. */
export type SpanAttributes = Record<string, string | number | boolean>;

export interface SpanSpec {
  /** A word or a template, never a text that somebody gave. */
  name: string;
  kind: "server" | "client" | "consumer" | "internal";
  attributes: SpanAttributes;
  /** Only as a part of something larger: what runs by itself every two seconds would drown the rest. */
  partOnly?: boolean;
}

/** Adds what is known only later. */
export type AddAttributes = (attributes: SpanAttributes) => void;

/** The export of one process; see otlp.ts. */
export interface Telemetry {
  span<T>(spec: SpanSpec, work: (add: AddAttributes) => Promise<T>): Promise<T>;
  /** The trace that the caller runs in, as log lines name it. */
  trace(): { trace_id: string; span_id: string } | undefined;
  /** Sends what has been gathered. */
  stop(): Promise<void>;
}

/** On globalThis: Next loads modules more than once in a process. */
const KEY = Symbol.for("key-vault-honeytokens.telemetry");
const holder: typeof globalThis & { [KEY]?: Telemetry } = globalThis;

/** A collector that does not answer must not keep a process from ending in order. */
const STOP_WITHIN_MS = 2_000;

/**
 * Begins to export traces and metrics to the OTLP address; without one nothing is loaded, and `traced` only calls through.
 *
 * @param role which program this is, web or worker
 */
export async function startTelemetry(endpoint: string | undefined, role: "web" | "worker"): Promise<void> {
  if (endpoint === undefined || holder[KEY]) return;
  const { startExport } = await import("./internal/otlp");
  holder[KEY] = startExport(endpoint, role);
}

/** Sends what has been gathered, within two seconds, and ends the export. Never throws. */
export async function stopTelemetry(): Promise<void> {
  const telemetry = holder[KEY];
  delete holder[KEY];
  if (!telemetry) return;
  const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_WITHIN_MS).unref());
  await Promise.race([telemetry.stop().catch(() => {}), late]);
}

const addNothing: AddAttributes = () => {};

/** Does the work, as a span where traces are exported. A failure is marked without its words and thrown on. */
export function traced<T>(spec: SpanSpec, work: (add: AddAttributes) => Promise<T>): Promise<T> {
  const telemetry = holder[KEY];
  return telemetry ? telemetry.span(spec, work) : work(addNothing);
}

/** Ties a log line to the trace that it was written in; nothing where no trace is exported. */
export function currentTrace(): Record<string, string> {
  return holder[KEY]?.trace() ?? {};
}
