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
  bulkFactsMaxAge: MINUTE,
  grantRetryFor: 10 * MINUTE,
  registerVisibleWithin: 15 * MINUTE,
  watchlistLag: 5 * MINUTE,
  grantLag: 10 * MINUTE,
  rowsAwaitedFor: 90 * MINUTE,
  factMaxAge: 24 * HOUR,
  collectEvery: HOUR,
  ambiguousWriteSettle: 2 * MINUTE,
  // Log queries are sent with `wait=60`.
  requestTimeout: 100 * SECOND,
};

/** Delays of the simulated tenant, milliseconds, as it reports them. */
export const SimulatedDelays = z.object({
  ingestionMax: z.number().nonnegative(),
  watchlist: z.number().nonnegative(),
  grant: z.number().nonnegative(),
  diagnostics: z.number().nonnegative(),
});

/** Waits that fit the simulated tenant's delays: three times each and a margin, never longer than the real ones. */
export function simulatedTiming(delays: z.infer<typeof SimulatedDelays>): Config["timing"] {
  const upTo = (real: number, wanted: number) => Math.min(real, wanted);
  return {
    poll: upTo(REAL_TIMING.poll, Math.max(500, delays.grant / 10)),
    bulkFactsMaxAge: 3 * SECOND,
    grantRetryFor: upTo(REAL_TIMING.grantRetryFor, 3 * delays.grant + 20 * SECOND),
    registerVisibleWithin: upTo(REAL_TIMING.registerVisibleWithin, 3 * delays.watchlist + 20 * SECOND),
    watchlistLag: delays.watchlist,
    grantLag: delays.grant,
    rowsAwaitedFor: upTo(REAL_TIMING.rowsAwaitedFor, 3 * (delays.diagnostics + delays.ingestionMax) + 30 * SECOND),
    factMaxAge: REAL_TIMING.factMaxAge,
    collectEvery: 30 * SECOND,
    ambiguousWriteSettle: 2 * SECOND,
    requestTimeout: 20 * SECOND,
  };
}
