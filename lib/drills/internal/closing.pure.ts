import type { IncidentState } from "@/lib/incidents/change.pure";
import type { DrillDecision } from "../drills.pure";
import { type AlertDetails, type Assigned, isBetween, type Touch } from "./evidence.pure";

/** An alert that an incident holds just now. */
export interface HeldAlert {
  id: string;
  /** Lower case; undefined when no rule of the workspace raised it. */
  ruleId: string | undefined;
  /** Undefined when only its id is known. */
  details: AlertDetails | undefined;
}

/** What an incident is, seen from the drills. */
export type Verdict =
  /** Every alert, and every touch in each, is a recorded drill's. */
  | { is: "drill" }
  /** The identity of the drills did what no drill recorded. */
  | { is: "stray"; touches: number }
  /** It holds something else beside, or something that cannot be seen to its end. */
  | { is: "mixed"; why: string };

/**
 * Judges an incident by what it holds: its alerts, and the rows of the audit log behind them. A doubt never closes:
 * an alert that says too little, or more touches than the log shows, makes it mixed.
 *
 * @param assigned of all rows of the drill identity in that time
 */
export function judge(
  identityOid: string,
  alerts: readonly HeldAlert[],
  { owners, touchesOf }: Assigned,
  ours: ReadonlySet<string>,
): Verdict {
  const stray = new Set<Touch>();
  let why: string | undefined;
  if (alerts.length === 0) why = "its alerts could not be read";
  for (const { ruleId, details } of alerts) {
    if (!details) {
      why ??= "one of its alerts could not be read";
      continue;
    }
    const { caller, tokenKeys, firstTouch, lastTouch, touches: counted } = details;
    if (ruleId === undefined || !ours.has(ruleId)) {
      why ??= "it holds an alert of another rule";
      continue;
    }
    if (caller !== identityOid) {
      why ??= "somebody else is in it";
      continue;
    }
    if (!tokenKeys || !firstTouch || !lastTouch || counted === undefined) {
      why ??= "one of its alerts does not say what it is about";
      continue;
    }
    const named = [...new Set(tokenKeys)].flatMap((key) => touchesOf.get(key) ?? []);
    const behind = named.filter(({ at }) => isBetween(at, firstTouch, lastTouch));
    for (const touch of behind) if (!owners.has(touch)) stray.add(touch);
    if (behind.length < counted) why ??= "one of its alerts counts more touches than the log shows";
  }
  if (stray.size > 0) return { is: "stray", touches: stray.size };
  return why === undefined ? { is: "drill" } : { is: "mixed", why };
}

export interface Deed {
  decision: DrillDecision;
  change:
    | { to: "close" }
    | { to: "raise"; reopen: boolean }
    | { to: "reopen" }
    /** Nothing but a comment, or nothing at all. */
    | undefined;
  comment: boolean;
}

const CLOSE: Deed = { decision: "closed", change: { to: "close" }, comment: true };

/** How a drill's incident is found again in Sentinel, and by which a closing is known as ours. */
export const LABEL = "drill";
export const CLASSIFICATION = "BenignPositive";

/** What is judged of an incident as it stands. */
export type Standing = Pick<IncidentState, "status" | "severity" | "labels" | "classification">;

/**
 * Whether we closed it: by our record, or where that was lost, by what only our closing leaves behind. After we opened
 * or raised it, a closing is a person's, though our label is still on it.
 */
function isClosedByUs({ status, labels, classification }: Standing, earlier: DrillDecision | undefined): boolean {
  if (status !== "Closed" || earlier === "raised" || earlier === "reopened") return false;
  return earlier === "closed" || (labels.includes(LABEL) && classification === CLASSIFICATION);
}

/**
 * What to do about an incident, from what it is and what was decided about it before. One that people have closed or opened again is theirs: it is neither closed nor opened.
 *
 * @returns undefined when there is nothing to do, and nothing to note
 */
export function deedFor(verdict: Verdict, incident: Standing, earlier: DrillDecision | undefined): Deed | undefined {
  const closed = incident.status === "Closed";
  const closedByUs = isClosedByUs(incident, earlier);
  switch (verdict.is) {
    case "drill":
      if (closedByUs && earlier !== "closed") return { decision: "closed", change: undefined, comment: false };
      if (closed) return earlier ? undefined : { decision: "closed_already", change: undefined, comment: false };
      // A closing that was recorded and left no label never arrived: it is made now.
      if (earlier === "closed" && !incident.labels.includes(LABEL)) return CLOSE;
      // Closed before and open now, or reopened or raised for a reason: a person decides.
      if (earlier && earlier !== "commented") return undefined;
      return CLOSE;
    case "stray":
      if (earlier === "raised") return undefined;
      if (closed && !closedByUs) return { decision: "raised", change: undefined, comment: true };
      if (incident.severity === "High" && !closedByUs) return { decision: "raised", change: undefined, comment: true };
      return { decision: "raised", change: { to: "raise", reopen: closedByUs }, comment: true };
    case "mixed":
      if (closedByUs) return { decision: "reopened", change: { to: "reopen" }, comment: true };
      // Of one that somebody had closed it was known only that it was a drill's: now they hear that it is not.
      if (earlier && earlier !== "closed_already") return undefined;
      return { decision: "commented", change: undefined, comment: true };
  }
}
