const DAY = 24 * 60 * 60 * 1000;

/**
 * The latest moment at or before `now` at which a vault's turn came: every vault has its own, spread over the period by
 * a hash of its id, so that the fleet's drills are spread too and nobody can tell one vault's from another's.
 *
 * @param share the vault's place in the period, from 0 up to 1
 */
export function latestTurn(share: number, everyDays: number, now: Date): Date {
  const period = periodOf(everyDays);
  const phase = Math.floor(share * period);
  return new Date(Math.floor((now.getTime() - phase) / period) * period + phase);
}

/** A day less than asked for, where there is one: the proof of the last drill shall not end before the next has passed. */
function periodOf(everyDays: number): number {
  return Math.max(1, everyDays - 1) * DAY;
}

export interface Turn {
  vaultId: string;
  share: number;
  /** When its last drill was asked for, by anybody; undefined = never. */
  lastAt: Date | undefined;
  /** When that ended without its proof; undefined = it did not fail. */
  failedAt?: Date | undefined;
}

/** A drill that failed is made again after this, so that a passing fault does not leave a vault unproven for a period. */
const RETRY_AFTER = 20 * 60 * 60 * 1000;

/**
 * The vaults whose turn has come and was not taken yet, the longest ago first; then those whose last drill failed the
 * better part of a day ago, so that what fails every day takes no other's place. Turns before `since`, when the schedule
 * began, count for nobody: a new installation does not start all at once.
 */
export function dueTurns(turns: readonly Turn[], everyDays: number, since: Date, now: Date, limit: number): string[] {
  if (everyDays === 0 || limit <= 0) return [];
  const fresh = turns
    .map(({ vaultId, share, lastAt }) => ({ vaultId, lastAt, turn: latestTurn(share, everyDays, now) }))
    .filter(({ turn, lastAt }) => turn > since && (lastAt === undefined || lastAt < turn))
    .sort((a, b) => a.turn.getTime() - b.turn.getTime())
    .map(({ vaultId }) => vaultId);
  const chosen = new Set(fresh);
  const failed = turns
    .flatMap(({ vaultId, failedAt }) => (failedAt && !chosen.has(vaultId) ? [{ vaultId, failedAt }] : []))
    .filter(({ failedAt }) => now.getTime() - failedAt.getTime() >= RETRY_AFTER)
    .sort((a, b) => a.failedAt.getTime() - b.failedAt.getTime())
    .map(({ vaultId }) => vaultId);
  return [...fresh, ...failed].slice(0, limit);
}
