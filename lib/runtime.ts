import "server-only";
import type { TokenCredential } from "@azure/core-auth";
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Kysely } from "kysely";
import { identityCredential } from "./auth/identities";
import { httpClientFor } from "./azure/transport";
import { type Config, loadConfig, type ServiceIdentity } from "./config";
import type { AzureAccess, JobQueue, ServiceContext, User, UserContext } from "./context";
import { startCollector } from "./coverage/collector";
import { deploymentJobs } from "./deployments/jobs";
import { log } from "./log";
import { importRegister } from "./register/import";
import { registerJobs } from "./register/jobs";
import { jobQueue, startJobs } from "./store/jobs";
import { openStore, type Store } from "./store/open";
import type { Database } from "./store/schema";

/** The product of one process, put together once. */
export interface Runtime {
  config: Config;
  db: Kysely<Database>;
  store: Store;
  jobs: JobQueue;
  service: ServiceContext;
  /** Ends background work at safe points, then closes the store. */
  stop(): Promise<void>;
}

interface Held {
  config?: Config;
  wire?: HttpClient;
  runtime?: Promise<Runtime>;
  /** When the last start failed; it is tried again, so that a freed lock or a returned server needs no restart. */
  failedAt?: number;
}

const RETRY_START_AFTER_MS = 5_000;
/** The register is empty only once; a start waits this long for it, then goes on without. */
const REGISTER_WAIT_MS = 10_000;
const REGISTER_RETRY_MS = 30_000;
/** Background work gets this long to reach a safe point; what it leaves undone is found again at the next start. */
const STOP_WORK_WITHIN_MS = 3_000;

/** On globalThis: Next loads modules more than once in a process, and the store has one owner. */
const KEY = Symbol.for("key-vault-honeytokens.runtime");
const holder: typeof globalThis & { [KEY]?: Held } = globalThis;
function held(): Held {
  holder[KEY] ??= {};
  return holder[KEY];
}

/** The configuration of this process. Throws ConfigError. */
export function productConfig(): Config {
  const state = held();
  state.config ??= loadConfig();
  return state.config;
}

/**
 * The running product: opens the store, fills an empty register, starts background work; once per process.
 * A store that cannot be opened (held by another process, another tenant's, full disk) rejects with an AppError, which
 * every route then answers; a later call tries again.
 */
export function runtime(): Promise<Runtime> {
  const state = held();
  if (state.failedAt !== undefined && Date.now() - state.failedAt > RETRY_START_AFTER_MS) {
    delete state.runtime;
    delete state.failedAt;
  }
  state.runtime ??= start().catch((error: unknown) => {
    state.failedAt = Date.now();
    throw error;
  });
  return state.runtime;
}

/** What a feature gets for a call on behalf of a person. */
export async function contextFor(user: User, credential: TokenCredential, requestId: string): Promise<UserContext> {
  const { service, config } = await runtime();
  return { ...service, user, requestId, asUser: accessFor(config, credential) };
}

/** What the product itself works with, on an open store: also for a command that works without the product. */
export function serviceOn(config: Config, store: Store, jobs: JobQueue = jobQueue(store)): ServiceContext {
  return { config, db: store.db, jobs, azure: identities(config), now: () => new Date() };
}

async function start(): Promise<Runtime> {
  const config = productConfig();
  const store = await openStore(config, (what, error) => log.error({ err: error }, `${what} failed`));
  const jobs = jobQueue(store);
  const service = serviceOn(config, store, jobs);
  try {
    const register = fillRegister(service);
    await Promise.race([register.settled, pause(REGISTER_WAIT_MS)]);
    const jobSpecs = { ...(await deploymentJobs(service, store)), ...(await registerJobs(service, store)) };
    const workers = await startJobs(store, jobSpecs);
    const collector = startCollector(service);
    const stop = async () => {
      register.stop();
      // A query that Azure takes its time for must not keep the store from being closed in order.
      await Promise.race([Promise.all([collector.stop(), workers.stop()]), pause(STOP_WORK_WITHIN_MS)]);
      await store.close();
    };
    return { config, db: store.db, store, jobs, service, stop };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Imports the published register into an empty store. A tenant that does not answer now is asked again later. */
function fillRegister(service: ServiceContext): { settled: Promise<void>; stop(): void } {
  let again: NodeJS.Timeout | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await importRegister(service);
    } catch (error) {
      log.warn({ err: error }, "the published register could not be read; it is tried again");
      again = setTimeout(() => void attempt(), REGISTER_RETRY_MS);
      again.unref();
    }
  };
  return { settled: attempt(), stop: () => clearTimeout(again) };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

/** One access per identity; names that mean the same identity share one, and with it its clients and tokens. */
function identities(config: Config): Record<ServiceIdentity, AzureAccess> {
  const byClient = new Map<string, AzureAccess>();
  const access = (name: ServiceIdentity): AzureAccess => {
    const { clientId } = config.identities[name];
    const shared = byClient.get(clientId) ?? accessFor(config, identityCredential(config, name));
    byClient.set(clientId, shared);
    return shared;
  };
  return {
    collector: access("collector"),
    registrar: access("registrar"),
    planter: access("planter"),
    granter: access("granter"),
    drill: access("drill"),
  };
}

function accessFor(config: Config, credential: TokenCredential): AzureAccess {
  const state = held();
  state.wire ??= httpClientFor(config);
  return { credential, httpClient: state.wire, cloud: config.cloud };
}
