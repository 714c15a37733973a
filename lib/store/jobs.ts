import "server-only";
import { sql } from "kysely";
import type { JobQueue } from "../context";
import { traced } from "../telemetry/spans";
import { storeFailure } from "./internal/failures";
import { LIFE_CLASS } from "./internal/life";
import type { Store } from "./open";

/** Does one job. Throwing sends it again after a second; an aborted signal asks to stop at the next safe point. */
export type JobHandler = (data: Record<string, unknown>, signal: AbortSignal) => Promise<void>;

export interface JobSpec {
  run: JobHandler;
  /** Jobs of this queue at once in this process; 2 unless said. */
  concurrency?: number;
  /** Cron expression (UTC): also sends a job with the key "schedule" and no data at these times. */
  cron?: string;
  /** Called every two seconds while this process works on the queue, never twice at once. Must not throw. */
  watch?: () => Promise<void>;
}

/**
 * One waiting job per key; failed jobs come back until they are done. That only one of a key runs is kept by the group,
 * which has the key's name: pg-boss's own policy for it (`stately`) goes by a list of running keys that is up to two
 * minutes old, so a key that waits for itself would hold up the others, and a killed process's keys would not be handed out.
 */
const QUEUE = {
  policy: "short",
  retryLimit: 1_000_000,
  retryDelay: 1,
  expireInSeconds: 3_600,
  deleteAfterSeconds: 3_600,
} as const;

/** pg-boss's minimum; without it a killed worker's job would wait for its expiry. */
const HEARTBEAT_SECONDS = 10;
const POLL_SECONDS = 0.5;
/** What runs by the clock is looked for less often; what this process sends itself is begun at once in any case. */
const POLL_SCHEDULED_SECONDS = 2;
const WATCH_MS = 2_000;
const SCHEDULED = "schedule";

/**
 * Starts the job workers of this process. What a dead process left running is taken up again: at once in the embedded
 * store, where there can be no other process; after the heartbeat on a server.
 */
export async function startJobs(store: Store, specs: Record<string, JobSpec>): Promise<{ stop(): Promise<void> }> {
  await startBoss(store);
  if (store.kind === "embedded") await retakeJobs(store);
  else await store.life.begin();
  const stopping = new AbortController();
  const watches: NodeJS.Timeout[] = [];
  for (const [queue, spec] of Object.entries(specs)) {
    await ensureQueue(store, queue);
    const worker = await store.boss.work<Record<string, unknown> | null>(
      queue,
      {
        localConcurrency: spec.concurrency ?? 2,
        groupConcurrency: 1,
        batchSize: 1,
        pollingIntervalSeconds: spec.cron === undefined ? POLL_SECONDS : POLL_SCHEDULED_SECONDS,
        ...(store.kind === "server" ? { heartbeatRefreshSeconds: HEARTBEAT_SECONDS / 2 } : {}),
      },
      async ([job]) => {
        if (!job) return;
        const span = { name: `job ${queue}`, kind: "consumer", attributes: { "job.queue": queue } } as const;
        await traced(span, () => spec.run(job.data ?? {}, AbortSignal.any([job.signal, stopping.signal])));
      },
    );
    store.dispatch.workers.set(queue, worker);
    if (spec.watch) watches.push(everyWatch(spec.watch));
    if (spec.cron !== undefined) {
      await store.boss.schedule(queue, spec.cron, null, { key: SCHEDULED, tz: "UTC", ...onePerKey(SCHEDULED) });
    }
  }
  return {
    stop: async () => {
      stopping.abort();
      for (const timer of watches) clearInterval(timer);
      for (const queue of Object.keys(specs)) {
        store.dispatch.workers.delete(queue);
        await store.boss.offWork(queue, { wait: true });
      }
    },
  };
}

const onePerKey = (key: string) => ({ singletonKey: key, group: { id: key } });

function everyWatch(watch: () => Promise<void>): NodeJS.Timeout {
  let busy = false;
  return setInterval(() => {
    if (busy) return;
    busy = true;
    void watch().finally(() => {
      busy = false;
    });
  }, WATCH_MS);
}

/**
 * Hands a job to whichever process works on `queue`. A key that already waits stays one job, with the data it has, and
 * comes at the earliest time that was asked for; one that is being worked on is queued once more. So nothing sent is ever
 * missed.
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
    const sent = await store.boss.send(queue, data, { ...onePerKey(key), ...(startAfter && { startAfter }) });
    if (sent === null) await pullForward(store, queue, key, startAfter);
  } catch (error) {
    throw storeFailure(error);
  }
  const worker = store.dispatch.workers.get(queue);
  if (worker !== undefined) store.boss.notifyWorker(worker);
}

/**
 * Lets the job of this key that waits come at `startAfter`, or at once, unless it comes sooner anyway. In one statement of
 * our own: pg-boss's `update` sets a time and knows no earlier of two, so of two senders the later time could win. One that
 * has begun since it was found waiting needs nothing: it began after what it was sent for. Like pg-boss itself it keeps
 * the time for which the job may wait to be fetched.
 */
async function pullForward({ boss }: Store, queue: string, key: string, startAfter: Date | undefined): Promise<void> {
  await boss.getDb().executeSql(
    `update pgboss.job set start_after = wanted.at, keep_until = wanted.at + (keep_until - start_after)
     from (select coalesce($3::timestamptz, now()) as at) as wanted
     where name = $1 and coalesce(singleton_key, '') = $2 and state = 'created' and policy = $4 and start_after > wanted.at`,
    [queue, key, startAfter?.toISOString() ?? null, QUEUE.policy],
  );
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
    made = makeQueue(store, queue).catch((error: unknown) => {
      store.dispatch.queues.delete(queue);
      throw error;
    });
    store.dispatch.queues.set(queue, made);
  }
  await made;
}

async function makeQueue({ boss, kind }: Store, queue: string): Promise<void> {
  // An earlier version's queue cannot be changed. Its jobs are made anew, like all jobs, from what the tables say.
  const known = await boss.getQueue(queue);
  if (known && known.policy !== QUEUE.policy) await boss.deleteQueue(queue);
  await boss.createQueue(queue, { ...QUEUE, ...(kind === "server" ? { heartbeatSeconds: HEARTBEAT_SECONDS } : {}) });
}

/** Only this process can have had jobs running, and it has just started: they are the dead one's. */
async function retakeJobs(store: Store): Promise<void> {
  const { rows } = await store.boss
    .getDb()
    .executeSql("select name, array_agg(id::text) as ids from pgboss.job where state = 'active' group by name");
  for (const row of rows) await store.boss.fail(row.name, row.ids, { reason: LOST });
}

/** Numbers of the processes that work on a server's jobs now. */
async function living({ db }: Store): Promise<Set<string>> {
  const { rows } = await sql<{ worker: string }>`
    select l.objid::text worker from pg_locks l
    where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = ${LIFE_CLASS}
      and l.database = (select oid from pg_database where datname = current_database())`.execute(db);
  return new Set(rows.map(({ worker }) => worker));
}

/** How many processes work on a server's jobs now. In the embedded store it is the one that has it open. */
export async function livingWorkers(store: Store): Promise<number> {
  return store.kind === "embedded" ? 1 : (await living(store)).size;
}

/** Which of these workers (`store.life.worker`) live no more. In the embedded store that is not asked: see `startJobs`. */
export async function lostWorkers(store: Store, workers: readonly string[]): Promise<string[]> {
  if (store.kind === "embedded" || workers.length === 0) return [];
  const alive = await living(store);
  return workers.filter((worker) => !alive.has(worker));
}

/** Hands out again, at once rather than after the heartbeat, the running jobs of these keys, whose process has died. */
export async function retakeKeys(store: Store, queue: string, keys: readonly string[]): Promise<void> {
  const { rows } = await store.boss
    .getDb()
    .executeSql("select id::text from pgboss.job where state = 'active' and name = $1 and singleton_key = any($2)", [
      queue,
      [...keys],
    ]);
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) await store.boss.fail(queue, ids, { reason: LOST });
}

const LOST = "The process that worked on it ended.";
