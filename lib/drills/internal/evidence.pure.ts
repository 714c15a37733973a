import { groupBy } from "@/lib/group-by.pure";
import type { DrillRead } from "../drills.pure";

/* What the workspace shows of the drill identity, and what we recorded of its drills. */

/** One row of the audit log: the identity did something to a named object. */
export interface Touch {
  at: Date;
  ingested: Date;
  table: string;
  operation: string;
  tokenKey: string;
  /** Lower case; callers may choose what stands here in some requests, so it never decides alone. */
  requestId: string;
  status: number | undefined;
  /** Whether the vault's network let the request in; undefined where the row does not say. */
  addressAllowed: boolean | undefined;
  /** Of the caller, as the row has it. */
  address: string | undefined;
}

/** What one of our rules says in an alert; undefined where it says nothing, or not in a form that we know. */
export interface AlertDetails {
  /** Lower-case object id. */
  caller: string | undefined;
  tokenKeys: readonly string[] | undefined;
  requestIds: readonly string[] | undefined;
  touches: number | undefined;
  firstTouch: Date | undefined;
  lastTouch: Date | undefined;
}

export interface SeenAlert {
  id: string;
  at: Date;
  ruleId: string;
  details: AlertDetails;
}

export interface SeenIncident {
  name: string;
  number: number | undefined;
  created: Date;
  alertIds: readonly string[];
}

/** A drill as recorded: the touch that it intended, and what the service answered. */
export interface RecordedDrill {
  id: string;
  identityOid: string;
  tokenKey: string;
  kind: "secret" | "key";
  /** What was asked for. A permitted read may have been refused nevertheless. */
  read: DrillRead;
  intendedAt: Date;
  answeredAt: Date | undefined;
  status: number | undefined;
  requestId: string | undefined;
}

/** Our clock and Azure's may differ by so much, and an answer may be late by as much; milliseconds. */
const CLOCK_SKEW = 5 * 60_000;

/**
 * What the log may call a drill's request: by the id that the service gave to it, or by the one that we sent along, the
 * drill's own. Key Vault's documentation has the column as the caller's; what is seen in practice is the service's.
 */
export function requestIdsOf({ id, requestId }: Pick<RecordedDrill, "id" | "requestId">): string[] {
  return requestId === undefined ? [id] : [requestId, id];
}

/** Alerts may carry times in whole seconds only. */
const ALERT_TIME_PRECISION = 1_000;

/** Whether a touch lies in the time that an alert names. */
export function isBetween(at: Date, first: Date, last: Date): boolean {
  return at.getTime() > first.getTime() - ALERT_TIME_PRECISION && at.getTime() < last.getTime() + ALERT_TIME_PRECISION;
}

const OPERATION = { secret: "SecretGet", key: "KeyGet" } as const;

/**
 * Whether this row is the touch that the drill recorded: same object, the one operation, answered only where a permitted
 * read was recorded, at the recorded time and, where an answer came, with its status and the id that the service gave to
 * it. The caller is the drill identity already.
 */
function isTouchOf(touch: Touch, drill: RecordedDrill): boolean {
  const from = drill.intendedAt.getTime() - CLOCK_SKEW;
  const until = (drill.answeredAt ?? drill.intendedAt).getTime() + CLOCK_SKEW;
  return (
    touch.tokenKey === drill.tokenKey &&
    touch.operation === OPERATION[drill.kind] &&
    touch.status !== undefined &&
    // What the vault said when its answer was lost is not known.
    (drill.read === "permitted" || touch.status >= 400) &&
    (drill.status === undefined || touch.status === drill.status) &&
    touch.at.getTime() >= from &&
    touch.at.getTime() <= until &&
    (drill.requestId === undefined || requestIdsOf(drill).includes(touch.requestId))
  );
}

/** The log may hold one row several times, since it is delivered at least once: only its ingestion differs then. */
function rowOf({ at, table, operation, tokenKey, requestId, status, addressAllowed, address }: Touch): string {
  return JSON.stringify([at.getTime(), table, operation, tokenKey, requestId, status, addressAllowed, address]);
}

/** Whose the rows are. It takes a look at every drill and every row, so it is found out once in a round. */
export interface Assigned {
  /** The drill that made a touch; none for one that no drill has recorded. */
  owners: ReadonlyMap<Touch, RecordedDrill>;
  /** The rows of a drill, by its id. */
  rowsOf: ReadonlyMap<string, readonly Touch[]>;
  /** Every touch of an object, by its token key. */
  touchesOf: ReadonlyMap<string, readonly Touch[]>;
}

/**
 * Which row belongs to which drill; copies of a row belong to its drill too. A drill made one request, so it has at most one row in each of the two tables: a
 * second one is not its own, and where the answer was lost and several rows fit, none is taken for it.
 *
 * @param drills all drills of that time, so that none takes another's row
 */
export function assign(touches: readonly Touch[], drills: readonly RecordedDrill[]): Assigned {
  const copies = [...groupBy(touches, rowOf).values()];
  const rows = copies.flatMap(([first]) => first ?? []);
  const ownerOf = assignRows(groupBy(rows, keyOf), drills);
  const owners = new Map<Touch, RecordedDrill>();
  const rowsOf = new Map<string, Touch[]>();
  for (const same of copies) {
    const owner = same[0] && ownerOf.get(same[0]);
    if (!owner) continue;
    for (const touch of same) owners.set(touch, owner);
    rowsOf.set(owner.id, [...(rowsOf.get(owner.id) ?? []), ...same]);
  }
  return { owners, rowsOf, touchesOf: groupBy(touches, keyOf) };
}

const keyOf = ({ tokenKey }: Touch): string => tokenKey;

function assignRows(
  rowsAt: ReadonlyMap<string, readonly Touch[]>,
  drills: readonly RecordedDrill[],
): Map<Touch, RecordedDrill> {
  const owners = new Map<Touch, RecordedDrill>();
  // Those whose request id is known first, so that one without an answer takes no other's row.
  for (const drill of drills.toSorted(
    (a, b) => Number(a.requestId === undefined) - Number(b.requestId === undefined),
  )) {
    const there = rowsAt.get(drill.tokenKey) ?? [];
    const fitting = there.filter((touch) => !owners.has(touch) && isTouchOf(touch, drill));
    const requests = new Set(fitting.map(({ requestId }) => requestId));
    if (requests.size !== 1) continue;
    for (const table of new Set(fitting.map((touch) => touch.table))) {
      const rows = fitting.filter((touch) => touch.table === table);
      const [row] = rows;
      if (row && rows.length === 1) owners.set(row, drill);
      // Two rows of one request in one table: which one is real cannot be told, so a person looks at both.
    }
  }
  return owners;
}
