import "server-only";
import type { EmbeddedDatabase } from "./embedded";

const CHECKPOINT_EVERY_MS = 60_000;
/** After so much was written the planner's statistics are of another database: it then takes seconds where it could take none. */
const FRESH_STATISTICS_BYTES = 16 * 1024 * 1024;
/** Local time of the nightly clean-up: after midnight jobs, before people come. */
const NIGHT_HOUR = 3;

/**
 * Does what an embedded PostgreSQL does not do by itself: it has neither autovacuum nor a checkpointer, so the log of
 * changes and the time to recover would grow without end. Each minute a checkpoint when something was written, and fresh
 * statistics when it was much; each night a vacuum.
 */
export function startMaintenance(
  database: Pick<EmbeddedDatabase, "query" | "exec">,
  onProblem: (what: string, error: unknown) => void,
): () => void {
  let written = 0;
  let analysed: number | undefined;
  let busy = false;

  const analyse = async (): Promise<void> => {
    await database.exec("analyze");
    analysed = await position(database);
  };
  const checkpoint = async (): Promise<void> => {
    const at = await position(database);
    if (at === written) return;
    await database.exec("checkpoint");
    analysed ??= at;
    if (at - analysed > FRESH_STATISTICS_BYTES) await analyse();
    written = await position(database);
  };
  const guarded = (what: string, work: () => Promise<void>) => async () => {
    if (busy) return;
    busy = true;
    try {
      await work();
    } catch (error) {
      onProblem(what, error);
    } finally {
      busy = false;
    }
  };

  const minutely = setInterval(guarded("checkpoint of the embedded database", checkpoint), CHECKPOINT_EVERY_MS);
  const vacuum = guarded("nightly clean-up of the embedded database", async () => {
    // A statement of its own: VACUUM refuses to run in a transaction block.
    await database.exec("vacuum");
    await analyse();
    await checkpoint();
  });
  let nightly = setTimeout(night, untilNight(new Date()));
  function night(): void {
    void vacuum();
    nightly = setTimeout(night, untilNight(new Date()));
    nightly.unref();
  }
  minutely.unref();
  nightly.unref();
  return () => {
    clearInterval(minutely);
    clearTimeout(nightly);
  };
}

/** Bytes that were ever written to the log of changes. */
async function position(database: Pick<EmbeddedDatabase, "query">): Promise<number> {
  const { rows } = await database.query<{ position: string }>(
    "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text as position",
  );
  return Number(rows[0]?.position ?? 0);
}

/** Milliseconds from `now` to the next clean-up. */
function untilNight(now: Date): number {
  const next = new Date(now);
  next.setHours(NIGHT_HOUR, 10, 0, 0);
  if (next <= now) next.setDate(next.getDate() + 1);
  return next.getTime() - now.getTime();
}
