import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startMaintenance } from "./maintenance";

const MINUTE = 60_000;
const MB = 1024 * 1024;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 4, 4, 12) });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A database of which only the size of its log of changes is known. */
function database() {
  const done: string[] = [];
  const written = { bytes: 100 * MB };
  const stop = startMaintenance(
    {
      query: async <T>() => ({ rows: [{ position: String(written.bytes) } as T] }),
      exec: async (sql) => {
        done.push(sql);
        return [];
      },
    },
    (what, error) => expect.fail(`${what}: ${String(error)}`),
  );
  return { done, written, stop };
}

test("a checkpoint each minute in which something was written, fresh statistics when it was much", async () => {
  const { done, written, stop } = database();
  const minute = async (bytes: number) => {
    written.bytes += bytes;
    await vi.advanceTimersByTimeAsync(MINUTE);
    return done.splice(0);
  };
  expect(await minute(1)).toEqual(["checkpoint"]);
  expect(await minute(0)).toEqual([]);
  expect(await minute(10 * MB)).toEqual(["checkpoint"]);
  expect(await minute(10 * MB)).toEqual(["checkpoint", "analyze"]);
  expect(await minute(10 * MB)).toEqual(["checkpoint"]);
  stop();
  expect(await minute(100 * MB)).toEqual([]);
});

test("each night what is dead is cleaned up", async () => {
  const { done, stop } = database();
  await vi.advanceTimersByTimeAsync(16 * 60 * MINUTE);
  expect(done).toContain("vacuum");
  expect(done[done.indexOf("vacuum") + 1]).toBe("analyze");
  stop();
});
