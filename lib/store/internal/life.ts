import "server-only";
import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { connectionOf, type ServerAddress } from "../connection";
import { storeFailure } from "./failures";
import type { OnProblem } from "./parts";

/** Marks our advisory locks among those of others on the same database (pg-boss, Kysely's migrations). */
export const LIFE_CLASS = 0x4b56;
const RETRY_MS = 1_000;

/** What others see this process's life or death by. */
export interface Life {
  /** Names this process, and no other that lives, in what it claims. */
  worker: string;
  /**
   * From now on its death is seen.
   *
   * @throws AppError `unavailable` when the server does not answer
   */
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** In the embedded store nobody else is there to see. */
export function aloneLife(): Life {
  return { worker: newWorker(), begin: async () => {}, end: async () => {} };
}

/**
 * A session of its own on the server that holds an advisory lock of the process's number for as long as the process lives:
 * the server gives the lock free within moments of a `kill -9`, and within half a minute when the host is gone. A session
 * that breaks is made again; a process that meanwhile was taken for dead has lost its claims, and every write finds out.
 */
export function serverLife(server: ServerAddress, onProblem: OnProblem): Life {
  const worker = newWorker();
  let session: pg.Client | undefined;
  let ended = false;
  let holding: Promise<void> | undefined;

  const hold = async (): Promise<void> => {
    const client = new pg.Client({ ...connectionOf(server), connectionTimeoutMillis: 10_000, keepAlive: true });
    let over = false;
    const lost = (): void => {
      if (over) return;
      over = true;
      if (!ended) holding = keepTrying();
    };
    client.on("error", (error) => onProblem("the session that shows that this process lives", error));
    try {
      await client.connect();
      // A host that is cut off must not be taken for alive for hours.
      await client.query("set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3");
      const { rows } = await client.query("select pg_try_advisory_lock($1, $2) as held", [LIFE_CLASS, Number(worker)]);
      if (rows[0]?.held !== true) throw new Error("An earlier session of this process is still there.");
    } catch (error) {
      over = true;
      await client.end().catch(() => {});
      throw storeFailure(error);
    }
    session = client;
    client.on("end", lost);
    // Asked to end while it was being made.
    if (ended) await client.end().catch(() => {});
  };
  const keepTrying = async (): Promise<void> => {
    while (!ended) {
      try {
        return await hold();
      } catch {
        // Said once, when it broke.
        await pause(RETRY_MS, undefined, { ref: false });
      }
    }
  };
  return {
    worker,
    begin: () => {
      holding ??= hold().catch((error: unknown) => {
        holding = undefined;
        throw error;
      });
      return holding;
    },
    end: async () => {
      ended = true;
      await session?.end().catch(() => {});
    },
  };
}

/** A number that fits an advisory lock. */
function newWorker(): string {
  return String(randomInt(1, 2 ** 31 - 1));
}
