import type { Chore } from "../../clock";
import type { Context } from "../../context";
import { KqlError } from "../../loganalytics/kql/errors";
import type { ResultTable } from "../../loganalytics/kql/types";
import { alertKey, putAlert } from "../alert-store";
import { alertsOfRun } from "./alerts";
import { foresee, forgetStale, stampOf } from "./foresee";
import { noteFailure } from "./health";
import { awaitIncident } from "./incidents";
import { evaluateRun, mayHaveRows, prepareRule } from "./rule-query";
import { triggers } from "./rule-settings";
import { type RuleState, syncStates } from "./rule-state";
import type { Run } from "./schedule";
import { tablesOf } from "./sieve";

/** Progress that nothing came of is written down this often only. */
const KEEP_EVERY_MS = 10 * 60_000;

/** Runs the enabled analytics rules of all workspaces, each run at its own time. */
export class Clockwork implements Chore {
  private readonly states = new Map<string, RuleState>();
  private synced = "";
  private chosen: RuleState | undefined;
  private keptAt: number;
  private reached: number;

  constructor(private readonly context: Context) {
    this.keptAt = context.now();
    this.reached = context.now();
  }

  async due(until: number, reached: number): Promise<number | undefined> {
    this.sync();
    this.reached = reached;
    this.chosen = undefined;
    let first: number | undefined;
    for (const state of this.states.values()) {
      const at = await foresee(this.context, state, { until: first === undefined ? until : first - 1, reached });
      if (at !== undefined) {
        first = at;
        this.chosen = state;
      }
    }
    return first;
  }

  async run(at: number): Promise<void> {
    const state = this.chosen;
    if (!state || this.states.get(state.key) !== state) return;
    for (const each of this.states.values()) forgetStale(this.context, each, this.reached);
    this.passOthers(state, at);
    const run = state.next();
    if (run.at !== at) return;
    await this.runRule(state, run);
    if (at - this.keptAt < KEEP_EVERY_MS) return;
    this.keptAt = at;
    for (const other of this.states.values()) other.keep();
  }

  settle(reached: number): void {
    for (const state of this.states.values()) {
      state.passForeseen(state.foreseen?.stamp === stampOf(this.context, state) ? reached : reached - 1);
      state.foreseen = undefined;
      state.keep();
    }
  }

  /** The rules and workspaces that there are now. */
  private sync(): void {
    const { alertRules, workspaces } = this.context.model;
    const version = `${alertRules.version}/${workspaces.version}`;
    if (version === this.synced) return;
    syncStates(this.context, this.states);
    this.synced = `${alertRules.version}/${workspaces.version}`;
  }

  /** What this run writes may concern every later run of the others, but none that came before it. */
  private passOthers(state: RuleState, at: number): void {
    let before = true;
    for (const other of this.states.values()) {
      if (other === state) before = false;
      other.passForeseen(before ? at : at - 1);
    }
  }

  private async runRule(state: RuleState, run: Run): Promise<void> {
    const { workspace, settings, rule } = state;
    if (!workspace) return;
    const context = { ...this.context, now: () => run.at };
    if (state.provenPlan && state.tables && !mayHaveRows(context, workspace, settings, run, state.tables)) {
      state.ran(run, { failed: false });
      return;
    }
    try {
      const query = await prepareRule(context, workspace, settings);
      state.tables = tablesOf(query.plan);
      const result = await evaluateRun(context, workspace, settings, run, query);
      state.provenPlan = query.plan;
      state.ran(run, { failed: false, suppressedUntil: this.raise(context, state, run, result) });
    } catch (error) {
      if (!(error instanceof KqlError)) throw error;
      state.ran(run, { failed: true });
      noteFailure(context, rule, state.failures, error);
    }
    state.keep();
  }

  /** Writes the alerts of a run. Answers until when the rule then rests. */
  private raise(context: Context, state: RuleState, run: Run, result: ResultTable): number | undefined {
    const { rule, settings } = state;
    if (!triggers(settings, result.rows.length)) return undefined;
    for (const alert of alertsOfRun({ context, rule, settings, run, result })) {
      // After a kill the same run may come again; what it raised then is there.
      if (context.model.alerts.get(alertKey(alert.workspaceId, alert.systemAlertId))) continue;
      putAlert(context, alert);
      if (settings.incidentConfiguration?.createIncident !== false) awaitIncident(context, alert);
    }
    return settings.suppressionEnabled ? run.at + settings.suppressionDuration : undefined;
  }
}
