import { expect, test } from "vitest";
import { Spread } from "./spread";

const POLL = 5_000;

/** A right that was given at `givenAt`, asked about again and again as the steps of a deployment do. */
function rights(count: number) {
  const store = {};
  return Array.from({ length: count }, (_, index) => ({
    tries: Array.from({ length: 0 }, Number),
    worked: Number.NaN,
    ask: () => new Spread(store, `right ${index}`, { givenAt: 0, pauseMs: POLL }),
  }));
}

/** Lets time pass in polls; every right works from `after` milliseconds on. */
function live(all: ReturnType<typeof rights>, after: number): void {
  for (let now = 0; now < 2 * after; now += POLL) {
    for (const right of all) {
      const spread = right.ask();
      if (!Number.isNaN(right.worked) || !spread.mayTry(now)) continue;
      right.tries.push(now);
      if (now < after) {
        spread.refused(now);
        continue;
      }
      right.worked = now;
      spread.works(now);
    }
  }
}

test("of many rights a few find out when they work, and the others try then", () => {
  const all = rights(200);
  live(all, 600_000);
  for (const { worked } of all) expect(worked).toBeLessThanOrEqual(600_000 + 2 * POLL);
  const tries = all.reduce((sum, one) => sum + one.tries.length, 0);
  // Every right by itself would have been tried 121 times.
  expect(tries / all.length).toBeLessThan(20);
});

test("a right that takes longer than the others is found by itself", () => {
  const [slow = expect.fail(), ...others] = rights(30);
  live(others, 60_000);
  live([slow], 400_000);
  expect(slow.worked).toBeLessThan(400_000 * 1.5 + POLL);
});

test("one of all that share a right asks, the others when it works", () => {
  const store = {};
  const shared = () => new Spread(store, "group", { givenAt: 0, pauseMs: POLL });
  expect(shared().mayTry(0)).toBe(true);
  expect(shared().mayTry(1)).toBe(false);
  shared().refused(1);
  expect(shared().mayTry(POLL)).toBe(true);
  shared().works(POLL);
  expect([shared().mayTry(POLL), shared().mayTry(POLL + 1)]).toEqual([true, true]);
});

test("a try of which nothing was heard is made again after a pause, however long the right has been there", () => {
  const store = {};
  const late = () => new Spread(store, "late", { givenAt: 0, pauseMs: POLL });
  expect(late().mayTry(400_000)).toBe(true);
  expect(late().mayTry(400_000 + POLL - 1)).toBe(false);
  expect(late().mayTry(400_000 + POLL)).toBe(true);
});

test("whoever may not try looks again when that may be of use, and after three pauses at most", () => {
  const store = {};
  const right = (key: string) => new Spread(store, key, { givenAt: 0, pauseMs: POLL });
  // Eight others find out how long rights take.
  const others = (now: number) => {
    for (let index = 0; index < 8; index++) right(`scout ${index}`).mayTry(now);
  };
  others(0);
  expect(right("group").mayTry(0)).toBe(true);
  expect(right("group").mayTry(1)).toBe(false);
  expect(right("group").waitFor(1)).toBe(POLL);
  right("group").refused(100_000);
  others(100_000);
  expect(right("group").mayTry(100_001)).toBe(false);
  expect(right("group").waitFor(100_001)).toBe(3 * POLL);
  expect(right("group").waitFor(150_000 - 2 * POLL)).toBe(2 * POLL);
  expect(right("group").waitFor(150_000)).toBe(POLL);
});

test("a success that was seen late does not make the others wait as long", () => {
  const store = {};
  const right = (key: string, givenAt = 0) => new Spread(store, key, { givenAt, pauseMs: POLL });
  const others = (now: number) => {
    for (let index = 0; index < 8; index++) right(`scout ${index}`).mayTry(now);
  };
  const seen = (key: string, refusedAt: number, workedAt: number) => {
    others(workedAt);
    right(key).refused(refusedAt);
    right(key).works(workedAt);
  };
  seen("soon", 400_000, 610_000);
  seen("late", 400_000, 700_000);
  const refused = (key: string, at: number) => {
    others(at);
    right(key, 100_000).mayTry(at);
    right(key, 100_000).refused(at);
  };
  refused("next", 520_000);
  others(709_999);
  expect(right("next", 100_000).mayTry(709_999)).toBe(false);
  others(710_000);
  expect(right("next", 100_000).mayTry(710_000)).toBe(true);
  // Azure has become slower, as one shows that was tried all the time.
  seen("scout", 795_000, 800_000);
  refused("slower", 720_000);
  others(899_999);
  expect(right("slower", 100_000).mayTry(899_999)).toBe(false);
  others(900_000);
  expect(right("slower", 100_000).mayTry(900_000)).toBe(true);
});
