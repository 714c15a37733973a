import type { Context } from "../../context";
import { databaseOf } from "../../loganalytics/database";
import type { CompiledQuery } from "../../loganalytics/kql/engine";
import { Reuse } from "../../loganalytics/kql/run/reuse";
import type { Database, QueryOptions, ResultTable } from "../../loganalytics/kql/types";
import { sharedEngine } from "../../loganalytics/shared-engine";
import type { Workspace } from "../../model";
import type { RuleSettings } from "./rule-settings";
import { NEAR_REAL_TIME_AGE_MAX_MS, type Run } from "./schedule";

/** A rule's query takes this long at most: requests are answered meanwhile, but nothing else that falls due happens. */
const MILLISECONDS_MAX = 10_000;
const LIMITS = { milliseconds: MILLISECONDS_MAX };
/** A rule's runs differ in their rows, not in the register that they compare them with. */
const reuse = new Reuse();

/** What a run of a rule may read, and the time range of its tables. `context.now()` is the time of the run. */
function inputOf(context: Context, workspace: Workspace, { schedule }: RuleSettings, run: Run) {
  const window = schedule
    ? { ingestedUntil: run.at }
    : { ingestedAfter: run.after, ingestedUntil: Math.min(run.until, run.at) };
  const timespan = schedule
    ? { start: run.after, end: run.until }
    : { start: run.at - NEAR_REAL_TIME_AGE_MAX_MS, end: run.at + 1 };
  return { database: seenByRules(databaseOf(context, workspace, window), workspace), timespan };
}

/** Rules read tables of the Analytics plan only; they see nothing of the others. */
export function seenByRules(database: Database, workspace: Workspace): Database {
  return {
    ...database,
    table: (name) => {
      const table = database.table(name);
      const plan = Object.entries(workspace.tablePlans).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
      return table && (plan ?? "Analytics") !== "Analytics" ? { ...table, rows: [], ingestedAt: () => null } : table;
    },
  };
}

/** Makes a rule's query ready. @throws KqlError when it is none. */
export function prepareRule(context: Context, workspace: Workspace, { query }: RuleSettings): Promise<CompiledQuery> {
  return sharedEngine(context).compile(query, databaseOf(context, workspace));
}

/** Whether any of these tables has a row that a near-real-time run would read; a scheduled one is never told apart. */
export function mayHaveRows(
  context: Context,
  workspace: Workspace,
  settings: RuleSettings,
  run: Run,
  tables: readonly string[],
): boolean {
  if (settings.schedule) return true;
  const { database } = inputOf(context, workspace, settings, run);
  return tables.some((name) => (database.table(name)?.rows.length ?? 0) > 0);
}

/** One run. @throws KqlError */
export function evaluateRun(
  context: Context,
  workspace: Workspace,
  settings: RuleSettings,
  run: Run,
  query: CompiledQuery,
): Promise<ResultTable> {
  const { database, timespan } = inputOf(context, workspace, settings, run);
  return sharedEngine(context).evaluateWithPauses(query, database, { now: run.at, timespan, limits: LIMITS, reuse });
}

/** Evaluates a query over any database, as of `now`. @throws KqlError */
export function evaluateOver(
  context: Context,
  query: CompiledQuery,
  database: Database,
  options: Pick<QueryOptions, "now">,
): Promise<ResultTable> {
  return sharedEngine(context).evaluateWithPauses(query, database, { ...options, limits: LIMITS, reuse });
}
