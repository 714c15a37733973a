import type { Chore } from "../clock";
import type { Context } from "../context";
import { AzureError } from "../http";
import type { Model, Vault } from "../model";
import { contactMayRead } from "../world/rights";
import { planOf } from "../world/world";
import type { Play } from "./catalogue";
import { PlayError, perform, type StepDone } from "./perform";
import type { Script, Stage, Step, StepAnswer } from "./play";

/** Steps of one run at most; no play needs them all in a vault of the world. */
const STEPS_MAX = 5000;
/** Runs that are remembered; the oldest finished one makes room. */
const RUNS_MAX = 100;
/** Runs at a time. */
const RUNNING_MAX = 20;

/** One performance of a play. */
export interface Run {
  id: string;
  play: string;
  title: string;
  /** Name of the vault. */
  vault: string;
  parameters: Record<string, unknown>;
  startedAt: number;
  endedAt?: number;
  state: "running" | "done" | "failed";
  /** Why it ended early. */
  failure?: string;
  steps: StepDone[];
}

interface Performance {
  run: Run;
  stage: Stage;
  play: Play;
  script: Script;
  /** Milliseconds between two steps in place of the play's own pace. */
  spread: number | undefined;
  next: { step: Step; at: number } | undefined;
}

/**
 * Performs plays as time passes: a chore of the tenant's clock, each step a piece of work of its own. What is under way
 * ends with the process; the rows that it left stay.
 */
export class PlayRunner implements Chore {
  private readonly performances: Performance[] = [];
  private readonly runs = new Map<string, Run>();
  private count = 0;

  constructor(private readonly context: Context) {}

  /**
   * Begins a play on a vault; its first step is due at once.
   * @param spread Milliseconds between two steps; undefined is the play's own pace.
   * @throws AzureError 409 when too many are under way.
   */
  start(play: Play, vault: Vault, parameters: Record<string, unknown>, spread: number | undefined): Run {
    if (this.performances.length >= RUNNING_MAX)
      throw new AzureError(409, "TooManyPlays", `At most ${RUNNING_MAX} plays run at a time.`);
    const stage = stageOf(this.context, vault);
    const startedAt = this.context.now();
    const run: Run = {
      id: String(++this.count),
      play: play.name,
      title: play.title,
      vault: vault.name,
      parameters,
      startedAt,
      state: "running",
      steps: [],
    };
    const performance: Performance = {
      run,
      stage,
      play,
      script: play.begin(stage, parameters),
      spread,
      next: undefined,
    };
    this.runs.set(run.id, run);
    this.makeRoom();
    this.performances.push(performance);
    this.advance(performance, undefined, startedAt);
    return run;
  }

  /** Newest first. */
  list(): readonly Run[] {
    return [...this.runs.values()].reverse();
  }

  get(id: string): Run | undefined {
    return this.runs.get(id);
  }

  due(until: number): number | undefined {
    const next = this.first()?.next;
    return next && next.at <= until ? next.at : undefined;
  }

  async run(at: number): Promise<void> {
    const performance = this.first();
    if (!performance?.next || performance.next.at > at) return;
    const { step } = performance.next;
    try {
      const { answer, done } = await perform(this.context, performance, step);
      performance.run.steps.push(done);
      // From when it was due, not from now: a pace without pauses then takes no turns of the clock.
      this.advance(performance, answer, at);
    } catch (error) {
      this.end(performance, "failed", error instanceof PlayError ? error.message : "A fault of the simulator.");
      if (!(error instanceof PlayError)) throw error;
    }
  }

  /** Of all that is under way, what is due first. */
  private first(): Performance | undefined {
    let first: Performance | undefined;
    for (const one of this.performances) if (one.next && !(first?.next && first.next.at <= one.next.at)) first = one;
    return first;
  }

  /** Asks the script what comes next. */
  private advance(performance: Performance, answer: StepAnswer | undefined, now: number): void {
    const { run, script, spread } = performance;
    // What a script gets for its first step it never looks at.
    const next = script.next(answer ?? { status: 0, body: undefined });
    if (next.done) this.end(performance, "done");
    else if (run.steps.length >= STEPS_MAX) this.end(performance, "failed", `It had more than ${STEPS_MAX} steps.`);
    else {
      const gap = answer === undefined ? 0 : (spread ?? next.value.after);
      performance.next = { step: next.value, at: now + gap };
    }
  }

  private end(performance: Performance, state: "done" | "failed", failure?: string): void {
    const { run } = performance;
    this.performances.splice(this.performances.indexOf(performance), 1);
    run.state = state;
    run.endedAt = this.context.now();
    if (failure !== undefined) run.failure = failure;
  }

  private makeRoom(): void {
    for (const [id, { state }] of this.runs) {
      if (this.runs.size <= RUNS_MAX) return;
      if (state !== "running") this.runs.delete(id);
    }
  }
}

const runners = new WeakMap<Model, PlayRunner>();

/** The plays of this tenant. */
export function playsOf(context: Context): PlayRunner {
  let runner = runners.get(context.model);
  if (!runner) {
    runner = new PlayRunner(context);
    runners.set(context.model, runner);
  }
  return runner;
}

function stageOf(context: Context, vault: Vault): Stage {
  const group = planOf(context).groups.find(({ id }) => vault.id.toLowerCase().startsWith(`${id.toLowerCase()}/`));
  const others = [...context.model.vaults.values()].filter(({ id }) => id !== vault.id);
  return {
    vault,
    vaults: [vault, ...others],
    reader: group && contactMayRead(group) ? "person" : "workload",
    seed: context.settings.seed,
  };
}
