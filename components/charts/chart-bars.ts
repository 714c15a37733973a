import type { CoverageState } from "@/lib/coverage/facts.pure";
import { noVaults, STATES, type SubscriptionCounts } from "@/lib/coverage/select.pure";

const BARS_MAX = 12;

/** From left to right: green first, so that the eye compares it from one line. */
export const CHART_STATES = ["protected", "exempt", "waiting", "unknown", "unprotected"] as const;

/** Those states that are worth a word: most fleets have no exempt vault. */
export function spokenOf<S extends CoverageState>(states: readonly S[], bars: readonly SubscriptionCounts[]): S[] {
  return states.filter((state) => state !== "exempt" || bars.some((bar) => bar.exempt > 0));
}

/** From so many bars on they stand closer, and the figures stand in one column beside them. */
export const MANY_BARS = 5;

const ROW_PX = 28;
const CLOSE_ROW_PX = 23;

/** The room that a chart of so many bars takes, pixels: known before its code has arrived, so that nothing moves then. */
export const chartHeight = (bars: number): number => bars * (bars < MANY_BARS ? ROW_PX : CLOSE_ROW_PX) + 8;

/** At most 12 bars and one for all others: the subscriptions with the most vaults that are not protected. */
export function chartBars(all: readonly SubscriptionCounts[]): SubscriptionCounts[] {
  if (all.length <= BARS_MAX) return [...all];
  const ranked = all.toSorted((a, b) => b.unprotected - a.unprotected || b.total - a.total);
  const others = {
    subscriptionId: "others",
    subscription: `${all.length - BARS_MAX} others`,
    total: 0,
    ...noVaults(),
  };
  for (const counts of ranked.slice(BARS_MAX)) {
    others.total += counts.total;
    for (const state of STATES) others[state] += counts[state];
  }
  return [...ranked.slice(0, BARS_MAX), others];
}
