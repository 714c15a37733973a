import { expect, test } from "vitest";
import { SingleFlight } from "./shared";

test("whoever asks while a question is under way gets the same answer", async () => {
  const flight = new SingleFlight<number>();
  let asked = 0;
  const ask = async () => ++asked;
  expect(await Promise.all([flight.get(100, 0, ask), flight.get(100, 0, ask)])).toEqual([1, 1]);
  expect(await flight.get(100, 50, ask)).toBe(1);
  expect(await flight.get(100, 101, ask)).toBe(2);
});

test("a failure is told to everybody who waits, and the next one asks again", async () => {
  const flight = new SingleFlight<number>();
  await expect(flight.get(100, 0, () => Promise.reject(new Error("down")))).rejects.toThrow("down");
  expect(await flight.get(100, 0, async () => 7)).toBe(7);
});

test("an answer that was under way when it was forgotten is not kept", async () => {
  const flight = new SingleFlight<string>();
  let answer = (_value: string) => {};
  const old = flight.get(100, 0, () => new Promise<string>((resolve) => (answer = resolve)));
  flight.forget();
  const fresh = flight.get(100, 1, async () => "new");
  answer("old");
  expect(await old).toBe("old");
  expect(await fresh).toBe("new");
  expect(await flight.get(100, 2, async () => "newer")).toBe("new");
});
