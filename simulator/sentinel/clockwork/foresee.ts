import type { Context } from "../../context";
import { databaseOf } from "../../loganalytics/database";
import type { CompiledQuery } from "../../loganalytics/kql/engine";
import { KqlError } from "../../loganalytics/kql/errors";
import type { Plan } from "../../loganalytics/kql/plan/plan";
import type { Workspace } from "../../model";
import { arrivalsOf } from "./foresight";
import { evaluateOver, prepareRule } from "./rule-query";
import { triggers } from "./rule-settings";
import type { RuleState } from "./rule-state";
import { paceOf, type Run } from "./schedule";
import { sieveOf } from "./sieve";

const DAY = 86_400_000;
/** Fewer runs than this are run instead of being looked at together. */
const FEW = 4;

/** Changes whenever what rules will find may be another than it was. */
export function stampOf({ model, settings }: Context): string {
  const { logRows, diagnosticSettings, endedLogging, vaults, watchlists, watchlistItems, alertRules, workspaces } =
    model;
  const versions = [diagnosticSettings, endedLogging, vaults, watchlists, watchlistItems, alertRules, workspaces];
  return [logRows.size, ...versions.map(({ version }) => version), ...Object.values(settings.delays)].join("/");
}

/**
 * When the rule's next run is due that may find something, by `until`; those before it are noted as foreseen. Each run is
 * answered for by itself: a run is passed over only when no rows it could read can give a result.
 */
export async function foresee(
  context: Context,
  state: RuleState,
  until: number,
  stamp: string,
): Promise<number | undefined> {
  for (;;) {
    const run = state.next();
    if (run.at > until) return undefined;
    const passed = await passOver(context, state, run, until);
    if (passed === undefined) return run.at;
    state.foreseen = { until: passed, stamp };
  }
}

/** The due time of the last of many runs, from `run` on, that find nothing; undefined when this one may. */
async function passOver(context: Context, state: RuleState, run: Run, until: number): Promise<number | undefined> {
  const { workspace, settings } = state;
  const { step } = paceOf(settings, context.settings.delays);
  const end = Math.min(until, (Math.floor(run.at / DAY) + 1) * DAY, nextWatchlistChange(context, run.at) - 1);
  const runs = Math.floor((end - run.at) / step) + 1;
  if (!workspace || runs < FEW || !state.provenPlan || triggers(settings, 0)) return undefined;
  const then = { ...context, now: () => run.at };
  const sieve = await sieveFor(then, workspace, state);
  if (!sieve) return undefined;
  for (let count = Math.min(runs, state.stride); count >= FEW; count = Math.floor(count / 2)) {
    const last = run.at + (count - 1) * step;
    if (findsNothing(context, state, workspace, sieve, { run, last })) {
      state.stride = count * 2;
      return last;
    }
    // A long query must not keep requests waiting while one stretch after the other is tried.
    await new Promise((resolve) => setImmediate(resolve));
  }
  state.stride = FEW;
  return undefined;
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

function findsNothing(
  context: Context,
  { settings }: RuleState,
  workspace: Workspace,
  sieve: CompiledQuery,
  span: { run: Run; last: number },
): boolean {
  const { run, last } = span;
  // What a scheduled run reads arrived after it happened, so after the beginning of its window, and before it runs.
  const until = settings.schedule ? last : run.until + (last - run.at);
  const after = settings.schedule ? run.after - 1 : run.after;
  const database = arrivalsOf(context, workspace, { after, until });
  const watchlists = databaseOf({ ...context, now: () => run.at }, workspace).functions;
  try {
    return evaluateOver(context, sieve, { ...database, functions: watchlists }, { now: run.at }).rows.length === 0;
  } catch (error) {
    if (error instanceof KqlError) return false;
    throw error;
  }
}

/** When `_GetWatchlist` next gives something else than at `at`. */
function nextWatchlistChange({ model }: Context, at: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { visibleAt } of model.watchlistItems.values()) if (visibleAt > at && visibleAt < next) next = visibleAt;
  return next;
}
