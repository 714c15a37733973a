import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pause } from "./pause";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a pause ends after its time, and at once where there is nothing to wait for", async () => {
  const ended = vi.fn();
  void pause(1_000).then(ended);
  await vi.advanceTimersByTimeAsync(999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toHaveBeenCalledOnce();
  await pause(0);
  await pause(1_000, AbortSignal.abort());
});

test("a signal ends the pauses of all that sleep until it, has one listener for them and leaves no timer", async () => {
  const stopping = new AbortController();
  const awake = pause(1_000, stopping.signal);
  const sleeping = Array.from({ length: 100 }, () => pause(60_000, stopping.signal));
  await vi.advanceTimersByTimeAsync(1_000);
  await awake;
  expect(getEventListeners(stopping.signal, "abort")).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(100);
  stopping.abort();
  await Promise.all(sleeping);
  expect(vi.getTimerCount()).toBe(0);
});
