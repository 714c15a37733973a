import { expect, test } from "vitest";
import type { SubscriptionCounts } from "@/lib/coverage/select.pure";
import { chartBars } from "./chart-bars";

const subscription = (number: number): SubscriptionCounts => ({
  subscriptionId: `s${number}`,
  subscription: `Subscription ${number}`,
  total: number + 1,
  protected: 1,
  unprotected: number,
  waiting: 0,
  unknown: 0,
  exempt: 0,
});

test("a few subscriptions keep their order and none is left out", () => {
  const few = [subscription(3), subscription(1)];
  expect(chartBars(few)).toEqual(few);
});

test("of many, the twelve with the most unprotected vaults stand alone and no vault is lost", () => {
  const all = Array.from({ length: 30 }, (_, index) => subscription(index));
  const bars = chartBars(all);
  expect(bars).toHaveLength(13);
  expect(bars[0]?.subscription).toBe("Subscription 29");
  expect(bars.at(-1)?.subscription).toBe("18 others");
  expect(bars.reduce((sum, bar) => sum + bar.total, 0)).toBe(all.reduce((sum, one) => sum + one.total, 0));
});
