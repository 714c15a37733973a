import type { KqlType, Row, Value } from "../../types";
import type { CallSite, Compiled } from "../compiled";

/** Gathers the rows of one group. */
export interface Accumulator {
  add(row: Row, index: number): void;
  /** One value per type of the aggregate. */
  results(): Value[];
}

/** An aggregate whose arguments are compiled. */
export interface PreparedAggregate {
  readonly types: readonly KqlType[];
  begin(): Accumulator;
}

export interface AggregateSpec {
  readonly min: number;
  readonly max: number;
  make(args: readonly Compiled[], site: CallSite): PreparedAggregate;
}

export type AggregateTable = Readonly<Record<string, AggregateSpec>>;

/** An aggregate that gives one value, kept as a state that every row changes. */
export function folding<S>(
  type: KqlType,
  begin: () => S,
  add: (state: S, row: Row, index: number) => S,
  result: (state: S) => Value,
): PreparedAggregate {
  return {
    types: [type],
    begin: () => {
      let state = begin();
      return {
        add: (row, index) => {
          state = add(state, row, index);
        },
        results: () => [result(state)],
      };
    },
  };
}
