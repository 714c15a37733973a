import "server-only";

/** Azure calls since the process started (or the last reset), by service. */
export type CallCounts = Record<"arm" | "resourceGraph" | "keyVault" | "logs" | "entra", number>;

const counts: CallCounts = { arm: 0, resourceGraph: 0, keyVault: 0, logs: 0, entra: 0 };

/** A copy of the counters; the difference of two copies is what a piece of work cost. */
export function callCounts(): CallCounts {
  return { ...counts };
}
