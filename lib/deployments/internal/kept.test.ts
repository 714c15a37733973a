import { expect, test } from "vitest";
import { Kept } from "./kept";

const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), 1));

test("all who ask meanwhile and for so long after get one answer, by key", async () => {
  const kept = new Kept<string>(1_000);
  let reads = 0;
  const read = () => later(`answer ${++reads}`);
  expect(await Promise.all([kept.get("a", 0, read), kept.get("a", 999, read)])).toEqual(["answer 1", "answer 1"]);
  expect(await kept.get("b", 999, read)).toBe("answer 2");
  expect(await kept.get("a", 1_000, read)).toBe("answer 3");
});

test("a failure is told to who asked and not kept", async () => {
  const kept = new Kept<string>(1_000);
  await expect(kept.get("a", 0, () => Promise.reject(new Error("no answer")))).rejects.toThrow("no answer");
  expect(await kept.get("a", 1, () => later("an answer"))).toBe("an answer");
});

test("a failure that comes late does not take away the newer answer", async () => {
  const kept = new Kept<string>(1_000);
  let fail = (_: Error): void => {};
  const first = kept.get("a", 0, () => new Promise<string>((_, reject) => (fail = reject)));
  const second = kept.get("a", 1_000, () => later("newer"));
  fail(new Error("late"));
  await expect(first).rejects.toThrow("late");
  expect(await second).toBe("newer");
  expect(await kept.get("a", 1_001, () => later("another"))).toBe("newer");
});

test("a clock that was set back does not keep an answer for ever", async () => {
  const kept = new Kept<string>(1_000);
  await kept.get("a", 60_000, () => later("of the future"));
  expect(await kept.get("a", 0, () => later("of now"))).toBe("of now");
});
