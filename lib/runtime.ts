import "server-only";
import type { TokenCredential } from "@azure/core-auth";
import type { Kysely } from "kysely";
import { startBackground } from "./background";
import { type Config, loadConfig } from "./config";
import type { JobQueue, ServiceContext, User, UserContext } from "./context";
import { accessOf, openService } from "./service";
import type { Store } from "./store/open";
import type { Database } from "./store/schema";

/** The product of one web process, put together once. */
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
  runtime?: Promise<Runtime>;
  /** When the last start failed; it is tried again, so that a freed lock or a returned server needs no restart. */
  failedAt?: number;
}

const RETRY_START_AFTER_MS = 5_000;

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
 * The running product: opens the store and, unless RUN_JOBS says no, starts background work; once per process.
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
  const { service } = await runtime();
  return { ...service, user, requestId, asUser: accessOf(service, credential) };
}

async function start(): Promise<Runtime> {
  const config = productConfig();
  const { store, service } = await openService(config);
  try {
    const background = config.runJobs ? await startBackground(service, store) : undefined;
    const stop = async () => {
      await background?.stop();
      await store.close();
    };
    return { config, db: store.db, store, jobs: service.jobs, service, stop };
  } catch (error) {
    await store.close();
    throw error;
  }
}
