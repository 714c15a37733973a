import { expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { pause } from "@/lib/pause";
import { runLanes } from "./lanes";

const options = { perSecond: 1000, inFlight: 4, signal: new AbortController().signal, onFailure: () => {} };

test("every item of every lane is worked off, lanes side by side and each in order", async () => {
  const seen: string[] = [];
  let together = 0;
  let most = 0;
  await runLanes(
    [["a1", "a2", "a3"], ["b1", "b2"], []],
    async (item) => {
      together++;
      most = Math.max(most, together);
      seen.push(item);
      await pause(5, options.signal);
      together--;
    },
    { ...options, inFlight: 1 },
  );
  expect(seen.filter((item) => item.startsWith("a"))).toEqual(["a1", "a2", "a3"]);
  expect(seen).toHaveLength(5);
  expect(most).toBe(2);
});

test("a lane starts no faster than its rate", async () => {
  const started: number[] = [];
  await runLanes([[1, 2, 3, 4]], async () => void started.push(performance.now()), { ...options, perSecond: 50 });
  expect((started.at(-1) ?? 0) - (started[0] ?? 0)).toBeGreaterThanOrEqual(50);
});

test("an item that Azure asked to slow down for is tried again, and its lane waits", async () => {
  const tries: string[] = [];
  const throttled = new AppError("throttled", "slow down", { retryAfterSeconds: 0.05 });
  await runLanes(
    [["x", "y"]],
    async (item) => {
      tries.push(item);
      if (item === "x" && tries.length === 1) throw throttled;
    },
    { ...options, inFlight: 1 },
  );
  expect(tries).toEqual(["x", "x", "y"]);
});

test("an item that is always throttled is given up and reported, the others are not", async () => {
  const failures: string[] = [];
  const done: string[] = [];
  await runLanes(
    [["x", "y"]],
    async (item) => {
      if (item === "x") throw new AppError("throttled", "slow down", { retryAfterSeconds: 0.001 });
      done.push(item);
    },
    { ...options, throttledMax: 2, onFailure: (item) => void failures.push(item) },
  );
  expect(failures).toEqual(["x"]);
  expect(done).toEqual(["y"]);
});

test("a failure is reported and does not stop the lane", async () => {
  const failures: unknown[] = [];
  const done: number[] = [];
  await runLanes(
    [[1, 2, 3]],
    async (item) => {
      if (item === 2) throw new Error("broken");
      done.push(item);
    },
    { ...options, onFailure: (_item, error) => void failures.push(error) },
  );
  expect(done).toEqual([1, 3]);
  expect(failures).toHaveLength(1);
});

test("told to stop, it starts nothing more and waits for what is under way", async () => {
  const ending = new AbortController();
  let under = 0;
  const done = runLanes(
    [[1, 2, 3, 4, 5, 6, 7, 8]],
    async (item) => {
      under++;
      if (item === 2) ending.abort();
      await pause(10, new AbortController().signal);
      under--;
    },
    { ...options, signal: ending.signal, inFlight: 2 },
  );
  await done;
  expect(under).toBe(0);
});
