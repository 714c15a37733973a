import type { Context } from "../../context";
import { databaseOf } from "../../loganalytics/database";
import type { CompiledQuery } from "../../loganalytics/kql/engine";
import { KqlError } from "../../loganalytics/kql/errors";
import type { Plan } from "../../loganalytics/kql/plan/plan";
import { rowsStamp } from "../../loganalytics/workspace";
import type { Workspace } from "../../model";
import { arrivalsOf } from "./foresight";
import { resultRows } from "./result-rows";
import { evaluateOver, prepareRule } from "./rule-query";
import { triggers } from "./rule-settings";
import type { RuleState } from "./rule-state";
import { paceOf, type Run } from "./schedule";
import { ARRIVAL, sieveOf } from "./sieve";

const DAY = 86_400_000;
/** Fewer runs than this are run instead of being looked at together. */
const FEW = 4;

/** Changes whenever what the rule will find may be another than it was. */
export function stampOf(context: Context, { tables = [] }: Pick<RuleState, "tables">): string {
  const { model, settings } = context;
  const { diagnosticSettings, endedLogging, vaults, watchlists, watchlistItems, alertRules, workspaces } = model;
  const versions = [diagnosticSettings, endedLogging, vaults, watchlists, watchlistItems, alertRules, workspaces];
  const parts = [rowsStamp(context, tables), ...versions.map(({ version }) => version)];
  return [...parts, ...Object.values(settings.delays)].join("/");
}

/**
 * When the rule's next run is due that may find something, by `until`; those before it are noted as foreseen. Each run is
 * answered for by itself: a run is passed over only when no rows it could read can give a result.
 */
export async function foresee(
  context: Context,
  state: RuleState,
  { until, reached }: { until: number; reached: number },
): Promise<number | undefined> {
  for (;;) {
    forgetStale(context, state, reached);
    const run = state.next();
    if (run.at > until) return undefined;
    const { foreseen } = state;
    const seen = await lookAhead(context, state, run, until);
    if (!seen) return run.at;
    // A look begins where the last one ended; what was written meanwhile makes the last one worth nothing.
    if (foreseen === undefined) state.foreseen = seen;
    else if (foreseen.stamp === seen.stamp) {
      state.foreseen = { ...seen, arrivals: [...foreseen.arrivals, ...seen.arrivals] };
    }
  }
}

/** Forgets what was foreseen of a future that has become another one; what lies before `reached` stays done. */
export function forgetStale(context: Context, state: RuleState, reached: number): void {
  if (state.foreseen === undefined || state.foreseen.stamp === stampOf(context, state)) return;
  state.passForeseen(reached - 1);
  state.foreseen = undefined;
}

/** What can be said of many runs, from `run` on, at once; undefined when nothing can, or when they are few. */
async function lookAhead(context: Context, state: RuleState, run: Run, until: number): Promise<RuleState["foreseen"]> {
  const { workspace, settings, foreseen } = state;
  if (foreseen && run.at <= foreseen.until) return undefined;
  const { step } = paceOf(settings, context.settings.delays);
  const end = Math.min(until, (Math.floor(run.at / DAY) + 1) * DAY, nextWatchlistChange(context, run.at) - 1);
  const runs = Math.floor((end - run.at) / step) + 1;
  if (!workspace || runs < FEW || !state.provenPlan || triggers(settings, 0)) return undefined;
  const sieve = await sieveFor({ ...context, now: () => run.at }, workspace, state);
  const last = run.at + (runs - 1) * step;
  const stamp = stampOf(context, state);
  const arrivals = sieve && (await arrivalsFound(context, state, workspace, sieve, { run, last }));
  // A request that has come in is answered before the next look.
  await new Promise((resolve) => setImmediate(resolve));
  if (!arrivals) return undefined;
  if (!settings.schedule) return { until: last, stamp, arrivals };
  // A scheduled run sees everything that has arrived before it, as long as its window reaches back to it.
  const [first = last + 1] = arrivals;
  return first > run.at ? { until: first - 1, stamp, arrivals: [] } : undefined;
}

const sieves = new WeakMap<Plan, { plan: Plan | undefined }>();

/** The sieve of the rule's query as it would be planned at the time of the run, if that is the one that went well. */
async function sieveFor(context: Context, workspace: Workspace, state: RuleState): Promise<CompiledQuery | undefined> {
  const query = await prepareRule(context, workspace, state.settings).catch(() => undefined);
  if (!query || query.plan !== state.provenPlan) return undefined;
  let known = sieves.get(query.plan);
  if (!known) {
    known = { plan: sieveOf(query.plan) };
    sieves.set(query.plan, known);
  }
  return known.plan && { ...query, plan: known.plan };
}

/** When the rows arrived, in order, that a run until `last` may find something in; undefined when it cannot be told. */
async function arrivalsFound(
  context: Context,
  { settings }: RuleState,
  workspace: Workspace,
  sieve: CompiledQuery,
  { run, last }: { run: Run; last: number },
): Promise<number[] | undefined> {
  // What a scheduled run reads arrived after it happened, so after the beginning of its window, and before it runs.
  const until = settings.schedule ? last : run.until + (last - run.at);
  const after = settings.schedule ? run.after - 1 : run.after;
  const database = arrivalsOf(context, workspace, { after, until });
  const watchlists = databaseOf({ ...context, now: () => run.at }, workspace).functions;
  try {
    const result = await evaluateOver(context, sieve, { ...database, functions: watchlists }, { now: run.at });
    const times = resultRows(result).map((row) => row.time(ARRIVAL));
    const known = times.filter((time) => time !== undefined);
    return known.length < times.length ? undefined : known.sort((a, b) => a - b);
  } catch (error) {
    if (error instanceof KqlError) return undefined;
    throw error;
  }
}

/** When `_GetWatchlist` next gives something else than at `at`. */
function nextWatchlistChange({ model }: Context, at: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { visibleAt } of model.watchlistItems.values()) if (visibleAt > at && visibleAt < next) next = visibleAt;
  return next;
}
