import "server-only";
import { setMaxListeners } from "node:events";
import type { JobQueue } from "../context";
import { storeFailure } from "./internal/failures";
import type { Store } from "./open";

/** Does one job. Throwing sends it again after a second; an aborted signal asks to stop at the next safe point. */
export type JobHandler = (data: Record<string, unknown>, signal: AbortSignal) => Promise<void>;

export interface JobSpec {
  run: JobHandler;
  /** Jobs of this queue at once in this process; 2 unless said. */
  concurrency?: number;
  /** Cron expression (UTC): also sends a job with the key "schedule" and no data at these times. */
  cron?: string;
}

/** One queued and one running job per key; failed jobs come back until they are done. */
const QUEUE = {
  policy: "stately",
  retryLimit: 1_000_000,
  retryDelay: 1,
  expireInSeconds: 3_600,
  deleteAfterSeconds: 3_600,
} as const;

/** pg-boss's minimum; without it a killed worker's job would wait for its expiry. */
const HEARTBEAT_SECONDS = 10;
const POLL_SECONDS = 0.5;

/**
 * Starts the job workers of this process. What a dead process left running is taken up again: at once in the embedded
 * store, where there can be no other process; after the heartbeat on a server.
 */
export async function startJobs(store: Store, specs: Record<string, JobSpec>): Promise<{ stop(): Promise<void> }> {
  await startBoss(store);
  if (store.kind === "embedded") await retakeJobs(store);
  const stopping = new AbortController();
  for (const [queue, spec] of Object.entries(specs)) {
    await ensureQueue(store, queue);
    const worker = await store.boss.work<Record<string, unknown> | null>(
      queue,
      {
        localConcurrency: spec.concurrency ?? 2,
        batchSize: 1,
        pollingIntervalSeconds: POLL_SECONDS,
        ...(store.kind === "server" ? { heartbeatRefreshSeconds: HEARTBEAT_SECONDS / 2 } : {}),
      },
      async ([job]) => {
        if (job) await spec.run(job.data ?? {}, anyOf(job.signal, stopping.signal));
      },
    );
    store.dispatch.workers.set(queue, worker);
    if (spec.cron !== undefined) await store.boss.schedule(queue, spec.cron, null, { key: "schedule", tz: "UTC" });
  }
  return {
    stop: async () => {
      stopping.abort();
      for (const queue of Object.keys(specs)) {
        store.dispatch.workers.delete(queue);
        await store.boss.offWork(queue, { wait: true });
      }
    },
  };
}

/** Aborted with the first of the signals. Each wait of a job listens to it, so it may have many listeners. */
export function anyOf(...signals: AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any(signals);
  setMaxListeners(0, signal);
  return signal;
}

/**
 * Hands a job to whichever process works on `queue`. Sending a key that already waits changes nothing; one that is
 * being worked on is queued once more, so that nothing sent is ever missed.
 *
 * @throws AppError `unavailable` when the store does not answer
 */
export async function enqueue(
  store: Store,
  queue: string,
  key: string,
  data: Record<string, unknown>,
  options: { startAfter?: Date } = {},
): Promise<void> {
  try {
    await startBoss(store);
    await ensureQueue(store, queue);
    const { startAfter } = options;
    await store.boss.send(queue, data, { singletonKey: key, ...(startAfter === undefined ? {} : { startAfter }) });
  } catch (error) {
    throw storeFailure(error);
  }
  const worker = store.dispatch.workers.get(queue);
  if (worker !== undefined) store.boss.notifyWorker(worker);
}

/** `enqueue` in the form that features get in their context. */
export function jobQueue(store: Store): JobQueue {
  return { enqueue: (queue, key, data, options) => enqueue(store, queue, key, data, options) };
}

async function startBoss(store: Store): Promise<void> {
  store.dispatch.started ??= store.boss.start().catch((error: unknown) => {
    store.dispatch.started = undefined;
    throw storeFailure(error);
  });
  await store.dispatch.started;
}

async function ensureQueue(store: Store, queue: string): Promise<void> {
  let made = store.dispatch.queues.get(queue);
  if (!made) {
    const heartbeat = store.kind === "server" ? { heartbeatSeconds: HEARTBEAT_SECONDS } : {};
    made = store.boss.createQueue(queue, { ...QUEUE, ...heartbeat }).catch((error: unknown) => {
      store.dispatch.queues.delete(queue);
      throw error;
    });
    store.dispatch.queues.set(queue, made);
  }
  await made;
}

/** Only this process can have had jobs running, and it has just started: they are the dead one's. */
async function retakeJobs(store: Store): Promise<void> {
  const { rows } = await store.boss
    .getDb()
    .executeSql("select name, array_agg(id::text) as ids from pgboss.job where state = 'active' group by name");
  for (const row of rows) await store.boss.fail(row.name, row.ids, { reason: "The process that worked on it ended." });
}
