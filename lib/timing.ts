import "server-only";
import { z } from "zod";
import type { Config } from "./config";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Waits in a real tenant, milliseconds, from Azure's documented delays: a role assignment takes up to 10 minutes, a
 * watchlist change up to 5 (we allow 15), the first row of a new diagnostic setting up to 90.
 */
export const REAL_TIMING: Config["timing"] = {
  poll: 5 * SECOND,
  gatherWithin: SECOND,
  bulkFactsMaxAge: MINUTE,
  grantRetryFor: 10 * MINUTE,
  registerVisibleWithin: 15 * MINUTE,
  watchlistLag: 5 * MINUTE,
  grantLag: 10 * MINUTE,
  rowsAwaitedFor: 90 * MINUTE,
  factMaxAge: 24 * HOUR,
  // A row takes up to 10 minutes, and a scheduled rule reads what arrived in the last 10 every 5.
  rulesReadWithin: 30 * MINUTE,
  // A near-real-time rule runs within 3 minutes, and its alert has the same way into the workspace as any row.
  missedAfter: 25 * MINUTE,
  collectEvery: HOUR,
  heartbeatEvery: 6 * HOUR,
  ambiguousWriteSettle: 2 * MINUTE,
  // Log queries are sent with `wait=60`.
  requestTimeout: 100 * SECOND,
  // Rows take up to 10 minutes, a near-real-time rule 2 more, an incident a few; a row may be later than documented.
  drillLateAfter: 25 * MINUTE,
  drillFailsAfter: 2 * HOUR,
  drillLookAgainAfter: 30 * MINUTE,
  drillGap: 6 * SECOND,
};

/** Delays of the simulated tenant, milliseconds, as it reports them. */
export const SimulatedDelays = z.object({
  ingestionMax: z.number().nonnegative(),
  watchlist: z.number().nonnegative(),
  grant: z.number().nonnegative(),
  diagnostics: z.number().nonnegative(),
});

/**
 * Waits that fit the simulated tenant's delays: three times each and a margin, never longer than the real ones. What the
 * background asks for is asked for more often where a right takes less time than Azure's ten minutes to work.
 */
export function simulatedTiming(delays: z.infer<typeof SimulatedDelays>): Config["timing"] {
  const upTo = (real: number, wanted: number) => Math.min(real, wanted);
  return {
    poll: upTo(REAL_TIMING.poll, Math.max(500, delays.grant / 10)),
    gatherWithin: upTo(REAL_TIMING.gatherWithin, Math.max(250, delays.grant / 20)),
    bulkFactsMaxAge: upTo(REAL_TIMING.bulkFactsMaxAge, Math.max(3 * SECOND, delays.grant / 10)),
    grantRetryFor: upTo(REAL_TIMING.grantRetryFor, 3 * delays.grant + 20 * SECOND),
    registerVisibleWithin: upTo(REAL_TIMING.registerVisibleWithin, 3 * delays.watchlist + 20 * SECOND),
    watchlistLag: delays.watchlist,
    grantLag: delays.grant,
    rowsAwaitedFor: upTo(REAL_TIMING.rowsAwaitedFor, 3 * (delays.diagnostics + delays.ingestionMax) + 30 * SECOND),
    factMaxAge: REAL_TIMING.factMaxAge,
    rulesReadWithin: upTo(REAL_TIMING.rulesReadWithin, 3 * delays.ingestionMax + 5 * SECOND),
    missedAfter: upTo(REAL_TIMING.missedAfter, 3 * delays.ingestionMax + 20 * SECOND),
    collectEvery: upTo(REAL_TIMING.collectEvery, Math.max(30 * SECOND, 6 * delays.grant)),
    heartbeatEvery: upTo(REAL_TIMING.heartbeatEvery, Math.max(2 * MINUTE, 36 * delays.grant)),
    ambiguousWriteSettle: upTo(REAL_TIMING.ambiguousWriteSettle, Math.max(2 * SECOND, delays.grant / 5)),
    requestTimeout: 20 * SECOND,
    drillLateAfter: upTo(REAL_TIMING.drillLateAfter, 3 * delays.ingestionMax + 40 * SECOND),
    drillFailsAfter: upTo(REAL_TIMING.drillFailsAfter, 12 * delays.ingestionMax + 160 * SECOND),
    drillLookAgainAfter: upTo(REAL_TIMING.drillLookAgainAfter, 3 * delays.ingestionMax + 20 * SECOND),
    drillGap: upTo(REAL_TIMING.drillGap, delays.ingestionMax / 8),
  };
}
