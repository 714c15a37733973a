import "server-only";
import type { EmbeddedDatabase } from "./embedded";

const CHECKPOINT_EVERY_MS = 60_000;
/** Local time of the nightly clean-up: after midnight jobs, before people come. */
const NIGHT_HOUR = 3;

/**
 * Does what an embedded PostgreSQL does not do by itself: it has neither autovacuum nor a checkpointer, so the log of
 * changes and the time to recover would grow without end. Each minute a checkpoint when something was written, each
 * night a vacuum with fresh statistics.
 */
export function startMaintenance(
  database: Pick<EmbeddedDatabase, "query" | "exec">,
  onProblem: (what: string, error: unknown) => void,
): () => void {
  let written = "";
  let busy = false;

  const checkpoint = async (): Promise<void> => {
    if ((await position(database)) === written) return;
    await database.exec("checkpoint");
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
    await database.exec("vacuum (analyze)");
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

async function position(database: Pick<EmbeddedDatabase, "query">): Promise<string> {
  const { rows } = await database.query<{ position: string }>("select pg_current_wal_insert_lsn()::text as position");
  return rows[0]?.position ?? "";
}

/** Milliseconds from `now` to the next clean-up. */
function untilNight(now: Date): number {
  const next = new Date(now);
  next.setHours(NIGHT_HOUR, 10, 0, 0);
  if (next <= now) next.setDate(next.getDate() + 1);
  return next.getTime() - now.getTime();
}
