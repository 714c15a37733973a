import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TokenBucket } from "./token-bucket";

const SIZE = { burst: 3, perSecond: 10 };
let clock = 0;

beforeEach(() => {
  clock = 0;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Moves both clocks in steps, as time does. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 10) {
    clock += 10;
    await vi.advanceTimersByTimeAsync(10);
  }
}

/** Asks for so many tokens; how many calls have gone so far. */
function calls(bucket: TokenBucket, count: number): { gone: number[] } {
  const seen = { gone: Array.from({ length: 0 }, Number) };
  for (let call = 0; call < count; call++) {
    const turn = bucket.take();
    if (turn) void turn.then(() => seen.gone.push(call));
    else seen.gone.push(call);
  }
  return seen;
}

test("a burst goes at once, the rest one by one as the bucket fills, in order", async () => {
  const seen = calls(new TokenBucket(SIZE, () => clock), 6);
  expect(seen.gone).toEqual([0, 1, 2]);
  await pass(200);
  expect(seen.gone).toEqual([0, 1, 2, 3, 4]);
  await pass(100);
  expect(seen.gone).toEqual([0, 1, 2, 3, 4, 5]);
});

test("what was not used is kept, up to the burst", async () => {
  const bucket = new TokenBucket(SIZE, () => clock);
  calls(bucket, 3);
  await pass(10_000);
  expect(calls(bucket, 5).gone).toEqual([0, 1, 2]);
});

test("nobody overtakes those who wait", async () => {
  const bucket = new TokenBucket(SIZE, () => clock);
  const first = calls(bucket, 4);
  clock += 150;
  const later = calls(bucket, 1);
  expect([first.gone, later.gone]).toEqual([[0, 1, 2], []]);
  await pass(200);
  expect([first.gone, later.gone]).toEqual([[0, 1, 2, 3], [0]]);
});

test("a refusal holds everything back for as long as it says, then the bucket fills from nothing", async () => {
  const bucket = new TokenBucket(SIZE, () => clock);
  calls(bucket, 1);
  bucket.hold(2_000);
  const seen = calls(bucket, 3);
  await pass(2_000);
  expect(seen.gone).toEqual([]);
  await pass(110);
  expect(seen.gone).toEqual([0]);
  await pass(200);
  expect(seen.gone).toEqual([0, 1, 2]);
});

test("a refusal also holds back those who wait already", async () => {
  const bucket = new TokenBucket(SIZE, () => clock);
  const seen = calls(bucket, 4);
  bucket.hold(1_000);
  await pass(1_000);
  expect(seen.gone).toHaveLength(3);
  await pass(110);
  expect(seen.gone).toHaveLength(4);
});

test("what others have taken shows in Azure's answers; an answer as expected changes nothing", async () => {
  const alone = new TokenBucket({ burst: 200, perSecond: 10 }, () => clock);
  calls(alone, 100);
  clock += 500;
  alone.observe(100, 0);
  expect(calls(alone, 200).gone).toHaveLength(105);

  clock = 0;
  const shared = new TokenBucket({ burst: 200, perSecond: 10 }, () => clock);
  calls(shared, 100);
  clock += 500;
  // Refilled by 5 since the answer was made, and the header is rounded down.
  shared.observe(20, 0);
  expect(calls(shared, 200).gone).toHaveLength(26);
});
