import { KqlError } from "../errors";
import type { Limits } from "../types";

/** Budgets of a query that names none: the service's own caps on an answer, and what a small machine can bear. */
export const DEFAULT_LIMITS: Limits = { rows: 2_000_000, milliseconds: 30_000, cells: 60_000_000 };

/** How many steps pass between two looks at the clock. */
const STRIDE = 2048;

/** Stops a query that asks for too much. */
export class Budget {
  private readonly deadline: number;
  private steps = 0;

  constructor(private readonly limits: Limits) {
    this.deadline = performance.now() + limits.milliseconds;
  }

  /** To be called once per row of work. */
  step(): void {
    if (++this.steps % STRIDE === 0) this.checkTime();
  }

  checkTime(): void {
    if (performance.now() > this.deadline) {
      throw new KqlError("TimeLimitExceeded", `the query ran longer than ${this.limits.milliseconds} ms`);
    }
  }

  /** To be called with the size of an operator's output, also while it grows. */
  output(rows: number, columns: number): void {
    if (rows > this.limits.rows) {
      throw new KqlError("RowLimitExceeded", `an operator gave more than ${this.limits.rows} rows`);
    }
    this.cells(rows * columns);
  }

  /** To be called with the size of anything else that is being built. */
  cells(count: number): void {
    if (count > this.limits.cells) {
      throw new KqlError("MemoryLimitExceeded", `the query holds more than ${this.limits.cells} values at a time`);
    }
  }
}
