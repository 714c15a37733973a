import type { Context } from "../../context";
import type { AlertRule, Workspace } from "../../model";
import type { RuleProgress } from "../documents";
import { type RuleSettings, settingsOf } from "./rule-settings";
import { beginning, nextRun, paceOf, type Run, runsUntil } from "./schedule";

/** After a pause, runs that are older than this are left out: everyday traffic reaches back no further either. */
const MISSED_MAX_MS = 30 * 86_400_000;

/** One enabled rule and how far it has come. Most of it is in memory only: `keep` writes it down. */
export class RuleState {
  /**
   * Runs that are due by `until` are known to find nothing, as long as `stamp` stays what it was, save those whose window
   * holds one of the `arrivals` (in order).
   */
  foreseen: { until: number; stamp: string; arrivals: readonly number[] } | undefined;
  /** The plan of the query with which a run went well. */
  provenPlan: object | undefined;
  /** Tables that the query reads; known after its first run. */
  tables: readonly string[] | undefined;
  private changed = false;

  private constructor(
    readonly key: string,
    private readonly context: Context,
    public rule: AlertRule,
    public settings: RuleSettings,
    private progress: RuleProgress,
  ) {}

  /** The state of a rule as it was left, or as it begins. */
  static of(context: Context, key: string, rule: AlertRule, settings: RuleSettings): RuleState {
    const kept = context.model.ruleProgress.get(key);
    const { delays } = context.settings;
    const oldest = beginning(settings, context.now() - MISSED_MAX_MS, delays);
    const begun = beginning(settings, modifiedAt(context, rule), delays);
    const progress = kept ?? { workspaceId: rule.workspaceId, ruleId: rule.ruleId, ranUntil: begun };
    const state = new RuleState(key, context, rule, settings, progress);
    if (progress.ranUntil < oldest) state.move({ ranUntil: oldest });
    return state;
  }

  /** The rule was written anew: what was known of its query no longer holds, and what it has run stays run. */
  replace(rule: AlertRule, settings: RuleSettings): void {
    const { delays } = this.context.settings;
    const slower = paceOf(this.settings, delays).step !== paceOf(settings, delays).step;
    this.rule = rule;
    this.settings = settings;
    this.foreseen = undefined;
    this.provenPlan = undefined;
    this.tables = undefined;
    const begun = beginning(settings, modifiedAt(this.context, rule), delays);
    if (slower && begun > this.progress.ranUntil) this.move({ ranUntil: begun });
  }

  get workspace(): Workspace | undefined {
    return this.context.model.workspaces.get(this.rule.workspaceId);
  }

  get failures(): number {
    return this.progress.failures ?? 0;
  }

  /** The next run; with `foreseen`, the first one that is not known to find nothing. */
  next(): Run {
    this.skipSuppressed();
    const { delays } = this.context.settings;
    const { step } = paceOf(this.settings, delays);
    return nextRun(this.settings, { ranUntil: this.progress.ranUntil + this.runsForeseen() * step }, delays);
  }

  /** How many runs, from the next one on, are known to find nothing. */
  private runsForeseen(): number {
    if (!this.foreseen) return 0;
    const { delays } = this.context.settings;
    const { step } = paceOf(this.settings, delays);
    const run = nextRun(this.settings, this.progress, delays);
    const runs = this.runsDue(this.foreseen.until);
    const arrival = this.foreseen.arrivals.find((time) => time > run.after);
    return arrival === undefined ? runs : Math.min(runs, Math.max(0, Math.ceil((arrival - run.until) / step)));
  }

  /** How many runs are due by `until`. */
  runsDue(until: number): number {
    return runsUntil(this.settings, this.progress, until, this.context.settings.delays);
  }

  /** Counts the runs that were foreseen and due by `until` as done. */
  passForeseen(until: number): void {
    if (!this.foreseen) return;
    const runs = Math.min(this.runsDue(until), this.runsForeseen());
    if (runs > 0) this.skip(runs);
  }

  /** Counts a run as done, well or not. */
  ran(run: Run, outcome: { failed: boolean; suppressedUntil?: number | undefined }): void {
    const { failures, suppressedUntil: _, ...rest } = this.progress;
    const count = outcome.failed ? (failures ?? 0) + 1 : 0;
    this.progress = {
      ...rest,
      ranUntil: run.until,
      ...(count > 0 && { failures: count }),
      ...(outcome.suppressedUntil !== undefined && { suppressedUntil: outcome.suppressedUntil }),
    };
    this.changed = true;
  }

  /** Writes the progress into the journal's documents when it is not there yet. */
  keep(): void {
    if (!this.changed) return;
    this.context.model.ruleProgress.put(this.key, this.progress);
    this.changed = false;
  }

  private skipSuppressed(): void {
    const { suppressedUntil } = this.progress;
    if (suppressedUntil === undefined) return;
    const runs = this.runsDue(suppressedUntil - 1);
    if (runs > 0) this.skip(runs);
  }

  private skip(runs: number): void {
    const { step } = paceOf(this.settings, this.context.settings.delays);
    this.move({ ranUntil: this.progress.ranUntil + runs * step });
  }

  private move(change: Pick<RuleProgress, "ranUntil">): void {
    this.progress = { ...this.progress, ...change };
    this.changed = true;
  }
}

/** When a rule was last written; rules of the world were there from the beginning. */
function modifiedAt(context: Context, { properties }: AlertRule): number {
  const time = typeof properties.lastModifiedUtc === "string" ? Date.parse(properties.lastModifiedUtc) : Number.NaN;
  return Number.isNaN(time) ? context.identity.firstStart : time;
}

/** The states of all rules that run, by key, brought up to date with the rules' documents. */
export function syncStates(context: Context, states: Map<string, RuleState>): void {
  const { alertRules, workspaces, ruleProgress } = context.model;
  const found = new Map<string, RuleState>();
  for (const [key, rule] of alertRules.entries()) {
    const settings = settingsOf(rule);
    const workspace = workspaces.get(rule.workspaceId);
    if (!settings?.enabled || !workspace || workspace.sentinel === false) continue;
    const state = states.get(key) ?? RuleState.of(context, key, rule, settings);
    if (state.rule !== rule) state.replace(rule, settings);
    found.set(key, state);
  }
  // A rule that is switched off forgets where it was: switched on again, it does not make up for the time between.
  for (const [key] of ruleProgress.entries()) if (!found.has(key)) ruleProgress.delete(key);
  states.clear();
  for (const key of [...found.keys()].sort()) {
    const state = found.get(key);
    if (state) states.set(key, state);
  }
}
