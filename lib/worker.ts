import "server-only";
import { type Background, startBackground } from "./background";
import { type Config, ConfigError, loadWorkerConfig, stopsWithParent } from "./config";
import { AppError } from "./errors";
import { log } from "./log";
import { pause } from "./pause";
import { openService } from "./service";
import { stopOnRequest } from "./stop";
import type { Store } from "./store/open";
import { startTelemetry, stopTelemetry } from "./telemetry/spans";

/** A database that is away is asked for again after this time; a process manager need not restart us. */
const RETRY_MS = 5_000;

/**
 * A process that does the product's background work and serves no page; any number of them share one PostgreSQL
 * server. Says in one line on standard output when it works. Exit codes: 0 stopped on request, 1 it failed or did not
 * end in time, 2 the configuration is wrong or names no server.
 */
export async function startWorker(): Promise<void> {
  let config: Config;
  try {
    config = loadWorkerConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  await startTelemetry(config.otlpEndpoint, "worker");
  const stopping = new AbortController();
  const starting = begin(config, stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    const started = await starting;
    await started?.background.stop();
    await started?.store.close();
    await stopTelemetry();
  };
  stopOnRequest(stop, { withParent: stopsWithParent() });
  try {
    const started = await starting;
    if (started) process.stdout.write(`${greeting(config, started.background.queues)}\n`);
  } catch (error) {
    process.stderr.write(`${sentence(error)}\n`);
    process.exit(1);
  }
}

interface Started {
  store: Store;
  background: Background;
}

/** Opens the store and starts to work; undefined when it was asked to stop before that. */
async function begin(config: Config, stopping: AbortSignal): Promise<Started | undefined> {
  let said = "";
  while (!stopping.aborted) {
    let store: Store | undefined;
    try {
      const opened = await openService(config);
      store = opened.store;
      return { store, background: await startBackground(opened.service, store) };
    } catch (error) {
      await store?.close();
      if (!(error instanceof AppError) || error.failure.code !== "unavailable") throw error;
      log.warn({ err: error }, "the worker could not start; it is tried again");
      // Whoever starts it by hand reads a sentence, once, and not the log.
      if (sentence(error) !== said) process.stderr.write(`${sentence(error)} It is tried again every 5 seconds.\n`);
      said = sentence(error);
      await pause(RETRY_MS, stopping);
    }
  }
  return undefined;
}

/** One line for people and health checks. Names the server, never the user or the password. */
function greeting({ databaseUrl, tenantId }: Config, queues: string[]): string {
  const { host, pathname } = new URL(databaseUrl ?? "");
  const store = `PostgreSQL at ${host}${pathname}`;
  return `Worker ${process.pid} is ready: queues ${queues.join(", ")}; store ${store}; tenant ${tenantId}.`;
}

function sentence(error: unknown): string {
  if (!(error instanceof AppError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [error.failure.message, error.failure.fix].filter(Boolean).join(" ");
}
