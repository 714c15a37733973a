/*
 * The tenant's time, and what happens in it by itself: rules run, alerts become incidents, policies are scanned. Handlers
 * read the time from `context.now()`, which is this clock's; work that falls due is a `Chore`.
 */

/** Where `context.now()` comes from. */
export interface Clock {
  /** A real clock goes by itself; a virtual one stands still until it is advanced. */
  readonly mode: "real" | "virtual";
  /** Milliseconds since 1970. */
  now(): number;
}

/** Work that falls due at known times, each piece at its own. */
export interface Chore {
  /**
   * When the next piece falls due, milliseconds since 1970; undefined when nothing does by `until` (included). Asked
   * again after every piece, so it must cost next to nothing when nothing is due. All that was due before `reached` is
   * done; `until` may lie ahead, and other work before it may still change what falls due.
   */
  due(until: number, reached: number): number | undefined | Promise<number | undefined>;
  /** Does the piece that `due` named, as if it were `at` now. What it changes it changes without waiting in between. */
  run(at: number): void | Promise<void>;
  /** All that was due until `reached` is done, and the clock stands or the tenant stops: what is in memory only is kept now. */
  settle?(reached: number): void;
}

/** The machine's clock, or whatever `source` says instead. */
export function realClock(source: () => number = Date.now): Clock {
  return { mode: "real", now: source };
}

/** A clock that stands at `start` (milliseconds since 1970) until `moveTo`. */
export class VirtualClock implements Clock {
  readonly mode = "virtual";

  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  /** Never goes back. */
  moveTo(time: number): void {
    this.time = Math.max(this.time, time);
  }
}

/** A wrong wish for the clock; the message is a sentence. */
export class ClockError extends Error {}

/** How often a real clock is looked at for work that is due. */
const LOOK_EVERY_MS = 250;
/** After a fault of a chore the others wait this long, so that it does not fill the screen. */
const AFTER_FAULT_MS = 10_000;
/** One call moves a virtual clock by a year at most. */
const ADVANCE_MAX_MS = 366 * 86_400_000;

interface TimekeeperOptions {
  clock: Clock;
  chores: readonly Chore[];
  /** Called after every piece of work, with nothing in between: it writes the journal. */
  commit(): void;
  onFault(error: unknown): void;
}

/** Does what falls due, one piece at a time and in the order of the due times. */
export class Timekeeper {
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private stopped = false;
  private reached: number;

  constructor(private readonly options: TimekeeperOptions) {
    this.reached = options.clock.now();
  }

  get clock(): Clock {
    return this.options.clock;
  }

  /** Under a real clock: looks for due work from now on. A virtual one waits to be advanced. */
  start(): void {
    if (this.clock.mode === "real" && this.options.chores.length > 0) this.lookIn(0);
  }

  /**
   * Moves a virtual clock to `until`, doing everything that falls due on the way at its own time. Answers when done;
   * calls wait for each other.
   * @throws ClockError for a real clock, a moment that has passed, or more than a year.
   */
  async advanceTo(until: number): Promise<void> {
    const { clock } = this.options;
    if (!(clock instanceof VirtualClock)) throw new ClockError("The clock is real: it cannot be advanced.");
    await this.inTurn(async () => {
      if (!(until >= clock.now())) throw new ClockError("The clock cannot go back.");
      if (until - clock.now() > ADVANCE_MAX_MS) throw new ClockError("The clock moves by at most 366 days at a time.");
      await this.doDue(until, (at) => clock.moveTo(at));
      clock.moveTo(until);
      this.settle();
    });
  }

  /** Ends the timers and waits for the piece of work that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.inTurn(() => this.settle());
  }

  private settle(): void {
    for (const chore of this.options.chores) chore.settle?.(this.reached);
    this.options.commit();
  }

  private lookIn(milliseconds: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.inTurn(() => this.doDue(this.clock.now(), () => {})).then(
        () => this.lookIn(LOOK_EVERY_MS),
        (error: unknown) => {
          this.options.onFault(error);
          this.lookIn(AFTER_FAULT_MS);
        },
      );
    }, milliseconds).unref();
  }

  private async doDue(until: number, reached: (at: number) => void): Promise<void> {
    while (!this.stopped) {
      const next = await this.next(until);
      if (!next) {
        this.reached = Math.max(this.reached, until);
        return;
      }
      this.reached = Math.max(this.reached, next.at);
      reached(next.at);
      await next.chore.run(next.at);
      this.options.commit();
      // A request that came in meanwhile is answered before the next piece.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The earliest piece of work; of several at one moment, that of the chore that was named first. */
  private async next(until: number): Promise<{ at: number; chore: Chore } | undefined> {
    let first: { at: number; chore: Chore } | undefined;
    for (const chore of this.options.chores) {
      const at = await chore.due(first === undefined ? until : Math.min(until, first.at), this.reached);
      if (at !== undefined && at <= until && (!first || at < first.at)) first = { at, chore };
    }
    return first;
  }

  private inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => {});
    return mine;
  }
}
