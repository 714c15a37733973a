import type { DrillProblem, DrillState } from "../drills.pure";
import {
  type Assigned,
  isBetween,
  type RecordedDrill,
  requestIdsOf,
  type SeenAlert,
  type SeenIncident,
} from "./evidence.pure";

/** A drill that is followed. */
export interface FollowedDrill extends RecordedDrill {
  state: DrillState;
  refusedBy: "right" | "network" | undefined;
  row: { at: Date; ingested: Date; table: string } | undefined;
  alert: { id: string; at: Date } | undefined;
  incident: { name: string; number: number | undefined; at: Date } | undefined;
}

export interface Evidence {
  assigned: Pick<Assigned, "rowsOf">;
  /** Of our rules only. */
  alerts: readonly SeenAlert[];
  incidents: readonly SeenIncident[];
}

export interface Patience {
  drillLateAfter: number;
  drillFailsAfter: number;
}

/** What changes in a drill. */
export interface Step {
  state: DrillState;
  requestId?: string;
  refusedBy?: "right" | "network";
  row?: NonNullable<FollowedDrill["row"]>;
  alert?: NonNullable<FollowedDrill["alert"]>;
  incident?: NonNullable<FollowedDrill["incident"]>;
  problem?: DrillProblem;
  ended?: true;
  /** It left no trace: the touch is made once more, as a drill of its own. */
  repeat?: true;
}

/**
 * The next steps of a drill, from what the workspace shows: touched -> row seen -> alert -> incident. Several may be
 * reached at once; undefined when nothing is new and its time is not over. A drill whose answer was lost is looked for
 * by its identity, object and time.
 */
export function advance(drill: FollowedDrill, evidence: Evidence, now: Date, patience: Patience): Step | undefined {
  const found = find(drill, evidence);
  const reached = stateOf(found);
  const waited = now.getTime() - drill.intendedAt.getTime();
  const byNetwork = (found.refusedBy ?? drill.refusedBy) === "network";
  if (found.incident) {
    // What the network refused never came to the vault's own decision, so it proves less than was asked.
    return byNetwork
      ? { ...found, state: "unreachable", problem: "network", ended: true }
      : { ...found, state: "passed", ended: true };
  }
  if (drill.state === "recorded" && !found.row) {
    if (waited <= patience.drillLateAfter) return undefined;
    return { state: "failed", problem: "no_answer", ended: true, repeat: true };
  }
  if (waited > patience.drillFailsAfter) {
    if (byNetwork) return { ...found, state: "unreachable", problem: "network", ended: true };
    return { ...found, state: "failed", problem: MISSING[reached], ended: true };
  }
  const isNew = reached !== drill.state || (found.row !== undefined && drill.row === undefined);
  return isNew ? { ...found, state: reached } : undefined;
}

/** Whether it takes longer than is usual. */
export function isLate(drill: { intendedAt: Date | null; endedAt: Date | null }, now: Date, after: number): boolean {
  return drill.endedAt === null && drill.intendedAt !== null && now.getTime() - drill.intendedAt.getTime() > after;
}

type Found = Pick<Step, "row" | "alert" | "incident" | "requestId" | "refusedBy">;
type Reached = "touched" | "seen" | "alerted";

const MISSING: Record<Reached, DrillProblem> = { touched: "no_row", seen: "no_alert", alerted: "no_incident" };

function stateOf({ row, alert }: Found): Reached {
  return alert ? "alerted" : row ? "seen" : "touched";
}

function find(drill: FollowedDrill, evidence: Evidence): Found {
  const rows = evidence.assigned.rowsOf.get(drill.id) ?? [];
  const [first] = rows.toSorted((a, b) => a.ingested.getTime() - b.ingested.getTime());
  const row = drill.row ?? (first && { at: first.at, ingested: first.ingested, table: first.table });
  const requestId = drill.requestId ?? first?.requestId;
  const alert = drill.alert ?? (row && alertOf(drill, row.at, requestId, evidence.alerts));
  const incident = drill.incident ?? (alert && incidentOf(alert.id, evidence.incidents));
  return {
    ...(row && { row }),
    ...(alert && { alert }),
    ...(incident && { incident }),
    ...(requestId !== undefined && drill.requestId === undefined && { requestId }),
    ...(drill.refusedBy === undefined &&
      first &&
      (first.status ?? 0) >= 400 && {
        refusedBy: first.addressAllowed === false ? ("network" as const) : ("right" as const),
      }),
  };
}

/** The first alert that holds the request, or where its list of requests was cut short, caller, object and time. */
function alertOf(
  drill: RecordedDrill,
  touchedAt: Date,
  requestId: string | undefined,
  alerts: readonly SeenAlert[],
): { id: string; at: Date } | undefined {
  const fits = ({ details }: SeenAlert): boolean => {
    if (details.caller !== undefined && details.caller !== drill.identityOid) return false;
    if (details.requestIds !== undefined) {
      const ids = requestIdsOf({ id: drill.id, requestId });
      return details.requestIds.some((one) => ids.includes(one));
    }
    const { tokenKeys, firstTouch, lastTouch } = details;
    if (!tokenKeys?.includes(drill.tokenKey) || !firstTouch || !lastTouch) return false;
    return isBetween(touchedAt, firstTouch, lastTouch);
  };
  const [first] = alerts.filter(fits).toSorted((a, b) => a.at.getTime() - b.at.getTime());
  return first && { id: first.id, at: first.at };
}

function incidentOf(
  alertId: string,
  incidents: readonly SeenIncident[],
): { name: string; number: number | undefined; at: Date } | undefined {
  const [first] = incidents
    .filter(({ alertIds }) => alertIds.includes(alertId))
    .toSorted((a, b) => a.created.getTime() - b.created.getTime());
  return first && { name: first.name, number: first.number, at: first.created };
}
