import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Slots } from "@/lib/slots";
import { Gather } from "./gather";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Answers with how many were asked together, when it is told to. */
function asked() {
  const groups: number[] = [];
  const open: (() => void)[] = [];
  const answer = (questions: readonly number[]): Promise<number> => {
    groups.push(questions.length);
    return new Promise((resolve) => open.push(() => resolve(questions.length)));
  };
  return { groups, answer, release: () => open.shift()?.() };
}

test("what comes within a moment is one question, and everybody gets the answer", async () => {
  const { groups, answer, release } = asked();
  const gather = new Gather(answer, 50, 100);
  const answers = Promise.all([gather.ask(1), gather.ask(2), gather.ask(3)]);
  await vi.advanceTimersByTimeAsync(50);
  release();
  expect(await answers).toEqual([3, 3, 3]);
  expect(groups).toEqual([3]);
});

test("one at a time: what comes while an answer is awaited is put together afterwards", async () => {
  const { groups, answer, release } = asked();
  const gather = new Gather(answer, 50, 100, 1);
  const first = gather.ask(1);
  await vi.advanceTimersByTimeAsync(50);
  const later = Promise.all(Array.from({ length: 20 }, (_, index) => gather.ask(index)));
  await vi.advanceTimersByTimeAsync(500);
  expect(groups).toEqual([1]);
  release();
  await first;
  await vi.advanceTimersByTimeAsync(50);
  expect(groups).toEqual([1, 20]);
  release();
  await later;
});

test("never more than the most at once, nobody is forgotten, and a failure is that of its own group", async () => {
  let calls = 0;
  const gather = new Gather(
    async (questions: readonly number[]) => {
      calls++;
      if (calls === 1) throw new Error("the first one fails");
      return questions.length;
    },
    50,
    2,
    1,
  );
  const all = Promise.allSettled([gather.ask(1), gather.ask(2), gather.ask(3), gather.ask(4), gather.ask(5)]);
  await vi.advanceTimersByTimeAsync(500);
  expect((await all).map(({ status }) => status)).toEqual([
    "rejected",
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
});

test("whoever waits for a group's answer keeps no slot from others", async () => {
  const { groups, answer, release } = asked();
  const gather = new Gather(answer, 50, 100);
  const slots = new Slots(1);
  const all = Promise.all(Array.from({ length: 5 }, (_, index) => slots.run(() => gather.ask(index))));
  await vi.advanceTimersByTimeAsync(50);
  expect(groups).toEqual([5]);
  release();
  await all;
});
