import "server-only";
import { z } from "zod";
import { ExceptableText, TAKEN_OVER_DAYS } from "@/lib/detection/alert-exceptions.pure";
import { LOWERABLE } from "@/lib/detection/lowerable.pure";
import { type ExceptionRow, exceptionOf } from "../rows";
import { isPlace } from "./recover-exceptions";

const DAY_MS = 24 * 60 * 60_000;
/** The rules let no row hold for longer: lib/detection/rules/honeytoken-touched.kql. */
const RULES_MAX_MS = 366 * DAY_MS;
/** An exception of ours holds no longer. */
const YEAR_MS = 365 * DAY_MS;
const CallerOid = z.guid();
const lowerable: ReadonlySet<string> = new Set(LOWERABLE.map((one) => one.toLowerCase()));

/** What a row of an exception says, whatever that is. */
interface SaidByRow {
  /** Lower case. */
  caller: string;
  operation: string;
  /** Normalised; understood or not. */
  scope: string;
  from: Date | undefined;
  until: Date | undefined;
  effect: "lowers" | "later" | "over" | "none" | "unclear";
}

/** Reads a row as the rules do; where only they can say what it does, it says so. Data in, data out. */
export function saidBy(row: ExceptionRow, now: Date): SaidByRow {
  const { operation } = exceptionOf(row.columns);
  const said = {
    caller: row.columns.PlanterOid.trim().toLowerCase(),
    operation,
    scope: row.scope,
    from: timeIn(row.columns.WindowStart),
    until: timeIn(row.columns.WindowEnd),
  };
  return { ...said, effect: effectOf(said, exceptionOf(row.columns).id !== "", now) };
}

function effectOf(
  { caller, operation, from, until }: Omit<SaidByRow, "effect">,
  hasId: boolean,
  now: Date,
): SaidByRow["effect"] {
  if (caller === "" || !hasId || !lowerable.has(operation.toLowerCase())) return "none";
  if (!from || !until) return "unclear";
  const end = Math.min(until.getTime(), from.getTime() + RULES_MAX_MS);
  if (end < now.getTime()) return "over";
  return from > now ? "later" : "lowers";
}

/** What an exception of ours says that takes a row's place. */
interface TakenOver {
  callerOid: string;
  operation: string;
  scope: string;
  from: Date;
  until: Date;
}

/**
 * The exception that a row becomes when it is taken over: for the days that it has, but for two weeks at most, since nobody
 * has confirmed it. Or why it cannot become one, in a sentence. Data in, data out.
 */
export function takenOver(said: SaidByRow, now: Date, isOurs: (callerOid: string) => boolean): TakenOver | string {
  const { caller, operation, scope, from, until } = said;
  if (!CallerOid.safeParse(caller).success) return "It names no object id, so it cannot be an exception.";
  if (isOurs(caller)) return "It names an identity of this product, for which no exception is made.";
  if (!ExceptableText.safeParse(operation).success) return "No exception is made for its operation.";
  if (!isPlace(scope)) return "It names no vault and no object, so it cannot be an exception.";
  if (!from || !until || from >= until) return "It does not say from when until when it holds.";
  if (until <= now) return "Its time is over.";
  const begin = Math.max(from.getTime(), now.getTime());
  const end = Math.min(until.getTime(), begin + TAKEN_OVER_DAYS * DAY_MS);
  // It keeps its beginning, so that a row of the log that arrives late is judged as it would have been.
  return {
    callerOid: caller,
    operation,
    scope,
    from: new Date(Math.max(from.getTime(), end - YEAR_MS)),
    until: new Date(end),
  };
}

function timeIn(text: string): Date | undefined {
  const time = new Date(text.trim());
  return Number.isNaN(time.getTime()) ? undefined : time;
}
