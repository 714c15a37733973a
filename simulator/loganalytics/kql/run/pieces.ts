import type { Row, Value } from "../types";
import type { Execution } from "./execution";
import type { Gatherer, PreparedStep } from "./prepared";
import { ownedRelation, type Relation, relationOf, sliceOf } from "./relation";
import type { Slices } from "./slices";

/** Rows of the first piece; the next are larger as long as they take little time. */
export const PIECE = 256;
/** Rows of the largest piece: what one piece leaves behind is free before the next is made. */
const PIECE_MAX = 8192;
/** Milliseconds that a piece should take, so that a pause can follow soon. */
const PIECE_MS = 10;

/**
 * Runs steps that look at one row at a time over a long input, piece by piece, so that no more than a piece is held
 * between them; the gatherer behind them, if any, may stop it early.
 */
export function* runPieces(
  steps: readonly PreparedStep[],
  gatherer: Gatherer | undefined,
  gathering: string,
  input: Relation,
  execution: Execution,
): Slices<Relation> {
  const joined = new Joined();
  const target = gatherer ?? joined;
  let size = PIECE;
  let next: number;
  for (let from = 0; from < input.length; from = next) {
    execution.budget.checkTime();
    if (execution.budget.isDue()) yield;
    next = Math.min(from + size, input.length);
    const began = performance.now();
    let piece = sliceOf(input, from, next);
    for (const step of steps) {
      execution.budget.operator = step.name ?? "";
      piece = step.run(piece);
    }
    execution.budget.operator = gatherer ? gathering : (steps.at(-1)?.name ?? "");
    if (!target.add(piece)) break;
    if (!gatherer) execution.budget.output(joined.length, piece.columns.length);
    size = performance.now() - began > PIECE_MS ? Math.max(1, size >> 1) : Math.min(PIECE_MAX, size * 2);
  }
  return target.finish();
}

/** Puts pieces together again. */
class Joined implements Gatherer {
  private first: Relation | undefined;
  private readonly rows: Row[] = [];
  private readonly owned: Value[][] = [];
  private readonly ingested: (number | null)[] = [];

  get length(): number {
    return this.rows.length;
  }

  add(piece: Relation): boolean {
    this.first ??= piece;
    const { rows, owned, ingestedAt } = piece;
    for (const row of rows) this.rows.push(row);
    for (const row of owned ?? []) this.owned.push(row);
    if (ingestedAt) for (let index = 0; index < piece.length; index++) this.ingested.push(ingestedAt(index));
    return true;
  }

  finish(): Relation {
    const { first, rows, owned, ingested } = this;
    const { columns = [], sortedBy } = first ?? {};
    const extras = {
      sortedBy,
      ingestedAt: first?.ingestedAt && ((index: number) => ingested[index] ?? null),
    };
    // Either all pieces are owned or none.
    return owned.length === rows.length ? ownedRelation(columns, owned, extras) : relationOf(columns, rows, extras);
  }
}
