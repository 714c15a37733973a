import { describe, expect, test } from "vitest";
import { RateWindow } from "./rate-window";

describe("a sliding window", () => {
  test("takes up to its limit per key, and again when the oldest is old enough", () => {
    const window = new RateWindow(2, 10_000);
    expect([window.take("a", 0), window.take("a", 4000), window.take("b", 4000)]).toEqual([0, 0, 0]);
    expect(window.take("a", 5000)).toBe(5);
    expect(window.take("a", 9999)).toBe(1);
    expect(window.take("a", 10_000)).toBe(0);
    expect(window.take("a", 10_000)).toBe(4);
  });

  test("refused requests do not count", () => {
    const window = new RateWindow(1, 10_000);
    window.take("a", 0);
    for (let at = 1; at < 10; at++) window.take("a", at * 1000);
    expect(window.take("a", 10_000)).toBe(0);
  });

  test("a heavy request waits until enough of the sum is free", () => {
    const window = new RateWindow(10, 10_000);
    for (let at = 0; at < 8; at++) window.take("a", at * 1000, 1);
    expect(window.wait("a", 8000, 2)).toBe(0);
    expect(window.wait("a", 8000, 4)).toBe(3);
    expect(window.take("a", 11_000, 4)).toBe(0);
  });

  test("stays right after thousands of requests", () => {
    const window = new RateWindow(5, 1000);
    let taken = 0;
    for (let at = 0; at < 20_000; at += 10) if (window.take("a", at) === 0) taken++;
    expect(taken).toBe(100);
  });
});
