import { KqlError } from "../errors";
import type { Limits, Value } from "../types";
import { isArray } from "../values/parse";

/** Budgets of a query that names none: the service's own caps on an answer, and what a small machine can bear. */
export const DEFAULT_LIMITS: Limits = {
  rows: 2_000_000,
  milliseconds: 30_000,
  cells: 30_000_000,
  characters: 500_000_000,
  stretch: 5000,
};

/** Milliseconds after which a query that is evaluated with pauses lets others have the thread. */
const SLICE_MS = 20;

/** How many steps pass between two looks at the clock. */
const STRIDE = 2048;
/** Characters that one value may have, a dynamic as its JSON; the service's own cap on a stored value is 1 MB. */
const VALUE_MAX = 16_000_000;
/** Shorter texts are not counted: they weigh no more than the row that holds them. */
const SMALL_TEXT = 64;
/** What a number or the like counts for within a dynamic. */
const SCALAR_CHARACTERS = 8;
/** Levels of a dynamic; deeper ones cannot be written as JSON without running out of stack. */
const DEPTH_MAX = 500;

/** Stops a query that asks for too much. */
export class Budget {
  /** The operator at work, for messages. */
  operator = "";
  private readonly deadline: number;
  /** When this stretch of work began; a query that is evaluated without pauses has none. */
  private resumed = Number.POSITIVE_INFINITY;
  private steps = 0;
  private held = 0;
  private characters = 0;
  /** How large the arrays and bags are that the query has built; each may stand in many others. */
  private readonly weights = new WeakMap<object, number>();

  constructor(private readonly limits: Limits) {
    this.deadline = performance.now() + limits.milliseconds;
  }

  /** To be called once per row of work. */
  step(): void {
    if (++this.steps % STRIDE === 0) this.checkTime();
  }

  checkTime(): void {
    const now = performance.now();
    const { milliseconds, stretch } = this.limits;
    if (now > this.deadline) throw new KqlError("TimeLimitExceeded", `the query ran longer than ${milliseconds} ms`);
    if (now - this.resumed > stretch) {
      throw new KqlError("TimeLimitExceeded", `${this.who()} ran longer than ${stretch} ms without a pause`);
    }
  }

  /** Begins a stretch of work. */
  resume(): void {
    this.resumed = performance.now();
  }

  /** Whether it is time for a pause. */
  isDue(): boolean {
    return performance.now() - this.resumed > SLICE_MS;
  }

  /** To be called with the size of an operator's output, also while it grows. */
  output(rows: number, columns: number): void {
    if (rows > this.limits.rows) {
      throw new KqlError("RowLimitExceeded", `${this.who()} gave more than ${this.limits.rows} rows`);
    }
    this.check(rows * columns);
  }

  /** To be called for every value that is kept until the query ends: of groups, of lists, of shared results. */
  hold(cells: number): void {
    this.held += cells;
    this.check(0);
  }

  /** To be called with a value that a function has built. @throws KqlError when it, or all so far, are too large. */
  built(value: Value): void {
    if (typeof value === "string") {
      if (value.length > SMALL_TEXT) this.charge(value.length);
    } else if (typeof value === "object" && value !== null) this.charge(this.weigh(value, 0));
  }

  /** To be called before a value of so many characters is made. */
  charge(characters: number): void {
    if (characters > VALUE_MAX) {
      throw new KqlError("MemoryLimitExceeded", `${this.who()} made a value of more than ${VALUE_MAX} characters`);
    }
    this.characters += characters;
    if (this.characters > this.limits.characters) {
      throw new KqlError("MemoryLimitExceeded", `${this.who()} made more than ${this.limits.characters} characters`);
    }
  }

  /** Characters of a dynamic as JSON, about; what stands in several places counts each time. */
  private weigh(value: Value, depth: number): number {
    if (typeof value === "string") return value.length + 2;
    if (typeof value !== "object" || value === null) return SCALAR_CHARACTERS;
    const known = this.weights.get(value);
    if (known !== undefined) return known;
    if (depth > DEPTH_MAX)
      throw new KqlError("MemoryLimitExceeded", `${this.who()} made a value that nests too deeply`);
    let weight = 2;
    if (isArray(value)) for (const each of value) weight += this.weighPart(each, depth, weight);
    else for (const [name, each] of Object.entries(value)) weight += name.length + this.weighPart(each, depth, weight);
    this.weights.set(value, weight);
    return weight;
  }

  private weighPart(part: Value, depth: number, sofar: number): number {
    if (sofar > VALUE_MAX) this.charge(sofar);
    return this.weigh(part, depth + 1);
  }

  private check(cells: number): void {
    if (this.held + cells > this.limits.cells) {
      throw new KqlError("MemoryLimitExceeded", `${this.who()} holds more than ${this.limits.cells} values at a time`);
    }
  }

  private who(): string {
    return this.operator === "" ? "the query" : `'${this.operator}' operator`;
  }
}
