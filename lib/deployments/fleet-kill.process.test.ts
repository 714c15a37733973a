import pg from "pg";
import { describe, expect, test } from "vitest";
import { NO_SERVER, serverPlace, serverReachable, storeKinds } from "@/lib/store/testing/stores";
import { startMember } from "./testing/crew";
import { fleetAftermath, killFleet } from "./testing/kill-fleet";

const PATIENCE = { timeout: 300_000, interval: 50 };

/** Numbers in [0, 1) that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Long enough that three processes die before the work is done. */
const SIMULATOR = ["--no-throttle", "--delay-ingestion", "3000-5000", "--delay-watchlist", "4000"];

/** Two vaults of this world have a setting that sends their log on, and it stopped arriving days before. */
const LOG_STOPPED =
  "The honeytoken is planted and registered, but the vault's audit log did not reach the workspace. Check the vault's diagnostic setting.";

describe.each(await storeKinds())("on the $kind store", ({ kind, available, make }) => {
  if (!available) {
    test.skip(NO_SERVER, () => {});
    return;
  }

  test("a deployment to dozens of vaults ends as if nothing had happened, though processes were killed three times", async () => {
    const place = kind === "server" ? await make() : undefined;
    const databaseUrl = place?.config.databaseUrl;
    try {
      const result = await killFleet(
        { vaults: 90, simulator: SIMULATOR, ...(databaseUrl !== undefined && { databaseUrl }) },
        { workers: kind === "server" ? 2 : 1, kills: 3, lives: [1_000, 4_000], random: seeded(5) },
      );
      expect(result.planned).toBeGreaterThan(20);
      expect(result).toMatchObject({ lost: 0, duplicated: 0, versioned: 0, grantsLeft: 0, unregistered: 0, killed: 3 });
      expect(result.atWork).toBeGreaterThan(0);
      expect(result.rowsWithoutObject).toBe(0);
      expect(result.ended.failed ?? 0, JSON.stringify(result.problems)).toBe(0);
    } finally {
      await place?.remove();
    }
  }, 900_000);
});

test("a process that was stopped and taken for dead does nothing more to what others took over", async (context) => {
  if (!(await serverReachable())) return context.skip(NO_SERVER);
  const place = await serverPlace();
  const databaseUrl = place.config.databaseUrl ?? "";
  try {
    const result = await fleetAftermath({ vaults: 60, simulator: SIMULATOR, databaseUrl }, async (carried) => {
      const stopped = startMember(carried.program, carried.environment);
      await expect.poll(() => (stopped.progress?.inHand ?? 0) > 0, PATIENCE).toBe(true);
      stopped.signal("SIGSTOP");
      const inHand = stopped.progress?.inHand;
      await cutOff(databaseUrl);
      const other = startMember(carried.program, carried.environment);
      await other.gone;
      stopped.signal("SIGCONT");
      await stopped.gone;
      return { inHand, finished: [other.finished, stopped.finished] };
    });
    expect(result.inHand).toBeGreaterThan(20);
    expect(result.finished).toEqual([true, true]);
    expect(result).toMatchObject({ lost: 0, duplicated: 0, versioned: 0, grantsLeft: 0, unregistered: 0 });
    const { blocked: _, skipped: __, ...carried } = result.ended;
    expect(carried, JSON.stringify(result.problems)).toEqual({ done: result.planned - 2, needs_person: 2 });
    expect(result.problems).toEqual({ [`needs_person: ${LOG_STOPPED}`]: 2 });
  } finally {
    await place.remove();
  }
}, 900_000);

/** Ends the sessions by which the one process there is shows its life, or holds rows in a transaction. */
async function cutOff(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rowCount } = await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
     and (state = 'idle in transaction' or pid in (select pid from pg_locks where locktype = 'advisory'))`,
  );
  await client.end();
  expect(rowCount).toBeGreaterThan(0);
}
