import "server-only";
import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { pause } from "@/lib/pause";
import type { Database } from "@/lib/store/schema";

/** As long as a vault's claim: what a killed process held is free after a minute. */
const LEASE_MS = 60_000;
/** Its holder gives signs of life, since an upload and the listing after it take minutes. */
const BEAT_MS = LEASE_MS / 4;
/** How long a caller waits for others before it is told to come back. */
const WAIT_MS = 60_000;
const RETRY_AFTER_SECONDS = 30;

export interface UploadLock {
  /** Holds the lock for longer. Throws AppError `throttled` when it was lost: whoever has it is waited for. */
  renew(): Promise<void>;
}

/**
 * Does `work` while no other process of this store uploads: Sentinel takes one upload at a time. The lock is a row with
 * a lease, so that it works on either store and a killed process gives it back.
 *
 * @throws AppError `throttled` when others keep it for a minute
 */
export async function withUploadLock<T>(
  service: Pick<ServiceContext, "db" | "now" | "config">,
  work: (lock: UploadLock) => Promise<T>,
): Promise<T> {
  const { db, config } = service;
  const holder = randomUUID();
  const until = service.now().getTime() + WAIT_MS;
  while (!(await take(db, holder, service.now()))) {
    if (service.now().getTime() > until) {
      throw new AppError("throttled", "Another upload to the register is under way.", {
        fix: "It goes on by itself when that one is done.",
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    await pause(config.timing.poll);
  }
  let lastBeat: Promise<unknown> = Promise.resolve();
  const beat = setInterval(() => {
    lastBeat = prolong(db, holder, service.now()).catch((error: unknown) =>
      log.warn({ err: error }, "the lock on uploads could not be held for longer"),
    );
  }, BEAT_MS);
  const renew = async () => {
    if (await prolong(db, holder, service.now())) return;
    throw new AppError("throttled", "The upload took so long that another process has taken over.", {
      fix: "It goes on by itself when that one is done.",
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  };
  try {
    return await work({ renew });
  } finally {
    clearInterval(beat);
    await lastBeat;
    await db
      .updateTable("register_state")
      .set({ upload_by: null, upload_until: null })
      .where("upload_by", "=", holder)
      .execute();
  }
}

/** With the embedded store there is one process, which has just started: a lock in it is a dead one's. */
export async function releaseDeadLock(db: Kysely<Database>): Promise<void> {
  await db.updateTable("register_state").set({ upload_by: null, upload_until: null }).execute();
}

async function take(db: Kysely<Database>, holder: string, now: Date): Promise<boolean> {
  const taken = await db
    .updateTable("register_state")
    .set({ upload_by: holder, upload_until: leaseFrom(now) })
    .where((where) => where.or([where("upload_by", "is", null), where("upload_until", "<", sql.val(now))]))
    .executeTakeFirst();
  return taken.numUpdatedRows > 0n;
}

/**
 * Only what the holder still has. One that stood still may have lost it to a process that is done by now: that it is free
 * again does not mean that nothing was uploaded meanwhile.
 */
async function prolong(db: Kysely<Database>, holder: string, now: Date): Promise<boolean> {
  const kept = await db
    .updateTable("register_state")
    .set({ upload_until: leaseFrom(now) })
    .where("upload_by", "=", holder)
    .executeTakeFirst();
  return kept.numUpdatedRows > 0n;
}

const leaseFrom = (now: Date): Date => new Date(now.getTime() + LEASE_MS);
