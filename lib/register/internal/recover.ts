import "server-only";
import type { RegisterRow } from "../rows";

/** Azure's clocks and ours may differ by so much. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** One write that made an object, as the audit log tells it. */
export interface Creation {
  tokenKey: string;
  at: Date;
  /** Object id of the caller, lower case. */
  by: string;
  /** 32 hex digits, or empty when the row did not say. */
  version: string;
}

/** A decoy that comes back, with what proves it ours. */
export interface Recovered {
  row: RegisterRow;
  /** The one creation by the planter in its window; null = the log does not reach back, or it was never ours. */
  proof: Creation | null;
}

/** What a person has to decide. */
export interface Undecided {
  why: "never seen" | "also written by somebody else" | "not in the register";
  vaultId: string;
  kind: "secret" | "key";
  at: Date | undefined;
}

/**
 * Puts the register together again from the published rows (one per object) and the creations in the audit log. A row of
 * a planting comes back as live when the log shows exactly one creation by the planter in its window and nobody else's, or
 * when its window is over and from before the log's memory: large deployments leave their rows so. It does not come back
 * when the log would show its creation and has none. Data in, data out.
 */
export function recover(
  rows: readonly RegisterRow[],
  creations: readonly Creation[],
  planter: string,
  now: Date,
): { recovered: Recovered[]; undecided: Undecided[] } {
  const byKey = new Map<string, Creation[]>();
  for (const one of creations) byKey.set(one.tokenKey, [...(byKey.get(one.tokenKey) ?? []), one]);
  const remembered = creations.reduce<Date | undefined>(
    (oldest, { at }) => (oldest && oldest < at ? oldest : at),
    undefined,
  );
  const isForgotten = ({ windowStart, windowEnd }: RegisterRow) =>
    windowEnd !== undefined && windowEnd < now && !(remembered && windowStart && windowStart >= remembered);
  const recovered: Recovered[] = [];
  const undecided: Undecided[] = [];
  for (const row of rows) {
    const made = byKey.get(row.tokenKey) ?? [];
    const about = { vaultId: row.vaultId, kind: row.kind, at: row.windowStart };
    const [proof, ...more] = made.filter((one) => one.by === planter && inWindow(one, row));
    // Earlier ones by the planter are versions of before: a window is opened anew for each.
    const alone = made.every((one) => one === proof || (one.by === planter && proof && one.at < proof.at));
    if (proof && more.length === 0 && alone) {
      recovered.push({ row: row.state === "planting" ? { ...row, state: "live" } : row, proof });
    } else if (row.state === "planting" && !proof && (made.length > 0 || !isForgotten(row))) {
      undecided.push({ why: "never seen", ...about });
    } else {
      if (made.length > 0) undecided.push({ why: "also written by somebody else", ...about });
      recovered.push({ row: row.state === "planting" ? { ...row, state: "live" } : row, proof: null });
    }
  }
  return { recovered, undecided: [...undecided, ...unregistered(rows, creations, planter)] };
}

function inWindow({ at }: Creation, { windowStart, windowEnd }: RegisterRow): boolean {
  if (!windowStart || !windowEnd) return false;
  return at.getTime() >= windowStart.getTime() - CLOCK_SKEW_MS && at.getTime() <= windowEnd.getTime() + CLOCK_SKEW_MS;
}

/** What the planter made and no row names: a decoy whose row somebody deleted, or one that was retired. */
function unregistered(rows: readonly RegisterRow[], creations: readonly Creation[], planter: string): Undecided[] {
  const named = new Set<string>(rows.map(({ tokenKey }) => tokenKey));
  const newest = new Map<string, Creation>();
  for (const one of creations) {
    if (one.by !== planter || named.has(one.tokenKey)) continue;
    const known = newest.get(one.tokenKey);
    if (!known || known.at < one.at) newest.set(one.tokenKey, one);
  }
  return [...newest.values()].map(({ tokenKey, at }) => {
    const [vaultId = ""] = tokenKey.split(/\/(?:secrets|keys)\/[^/]*$/);
    return { why: "not in the register", vaultId, kind: tokenKey.includes("/keys/") ? "key" : "secret", at };
  });
}
