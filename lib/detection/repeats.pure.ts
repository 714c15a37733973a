/** What an alert of a rule says of the touches behind it, as far as two runs over the same rows say the same. */
export interface ToldTouches {
  /** Lower-case id; two rules that tell of the same touches raise two alerts. */
  rule: string;
  vaults: readonly string[];
  callers: readonly string[];
  /** As the alert has them. */
  first: string;
  last: string;
  touches: number;
  /** Alerts that are in different ones are kept apart, such as in incidents of which each is to be shown whole. */
  within?: string | null;
}

/**
 * Puts alerts together that tell of the same touches, in the order of the first of each: a scheduled rule runs every five
 * minutes over what arrived in the last ten, so it sees each row in two runs, and what it raises then is the same but for
 * its id. An alert of which `toldBy` knows nothing is nobody's repeat.
 */
export function byTouches<T>(alerts: readonly T[], toldBy: (alert: T) => ToldTouches | undefined): T[][] {
  const groups: T[][] = [];
  const known = new Map<string, T[]>();
  for (const alert of alerts) {
    const told = toldBy(alert);
    const key = told && keyOf(told);
    const same = key === undefined ? undefined : known.get(key);
    if (same) {
      same.push(alert);
      continue;
    }
    const group = [alert];
    groups.push(group);
    if (key !== undefined) known.set(key, group);
  }
  return groups;
}

function keyOf({ rule, vaults, callers, first, last, touches, within }: ToldTouches): string {
  return JSON.stringify([rule, vaults, callers, first, last, touches, within ?? null]);
}
