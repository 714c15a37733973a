import { alertsByKey, caseKey, type EverydayTouch, keyOf, namedBy } from "@/lib/detection/testing/replay/judge";
import type { Played } from "@/lib/detection/testing/replay/play";
import type { RaisedAlert } from "@/lib/detection/testing/replay/tenant";

/** What one set of rules made of the same happenings. */
export interface Figures {
  /** Share of the cases that should raise an alert and did, naming the decoy and the caller's address; 0 to 1. */
  recall: number;
  /** Alerts with no operation on a decoy behind them: what they name was not touched, or only by what counts as noise. */
  falseAlarms: number;
  /** Operations of everyday readers on decoys that an alert names. */
  benignTouches: number;
  /** How many cases should raise an alert. */
  cases: number;
}

export interface Judged extends Figures {
  alerts: number;
  missed: string[];
  /**
   * Share named of one decoy in each of many vaults within a minute; undefined where there are no such vaults. One run has
   * 30 alerts: not part of the recall.
   */
  swept: number | undefined;
  /** Share found of the cases of a group, by its name. */
  groups: Map<string, number>;
}

/** Judges the alerts of one set of rules. Our own work counts as noise: nobody is to be woken by it. */
export function judge(played: Played, everyday: readonly EverydayTouch[], alerts: readonly RaisedAlert[]): Judged {
  const named = alertsByKey(alerts);
  const all = [...played.cases, ...played.burst, ...played.own];
  const due = all.filter(({ expected }) => expected !== "nothing");
  const found = (one: (typeof due)[number]) => named.has(caseKey(one));
  const touched = new Set([...due, ...played.sweep].map(caseKey).concat(everyday.map(keyOf)));
  const share = (some: readonly (typeof due)[number][]) => some.filter(found).length / some.length;
  return {
    recall: share(due),
    falseAlarms: alerts.filter((alert) => !namedBy(alert).some((key) => touched.has(key))).length,
    benignTouches: everyday.filter((touch) => named.has(keyOf(touch))).length,
    cases: due.length,
    alerts: alerts.length,
    swept: played.sweep.length === 0 ? undefined : share(played.sweep),
    missed: due.filter((one) => !found(one)).map(({ title }) => title),
    groups: new Map([
      ...[...new Set(due.map(({ table }) => table))]
        .sort()
        .map((table): [string, number] => [`rows in ${table}`, share(due.filter((one) => one.table === table))]),
      ...[...new Set(due.map(({ lateMinutes }) => lateMinutes))]
        .sort((a, b) => a - b)
        .map((late): [string, number] => [`${late} min late`, share(due.filter((one) => one.lateMinutes === late))]),
      ["200 decoys in 20 vaults in a minute", share(played.burst)],
    ]),
  };
}
