import type { Row, Value } from "../../types";
import { bool, type CallSite, number, otherwise, raw } from "../compiled";
import { computed, type FunctionSpec, type FunctionTable, sameAsFirst } from "../function";

/** The value of an expression in a row before or after this one. */
function neighbour(direction: 1 | -1): FunctionSpec {
  return {
    min: 1,
    max: 3,
    volatile: true,
    make: ([value, offset, fallback], { scope }: CallSite) => {
      const read = raw(value);
      const distance = otherwise(number, 1)(offset);
      const absent = raw(fallback);
      return computed(value?.type ?? "dynamic", (row, index) => {
        const at = index + direction * (distance(row, index) ?? 1);
        const other = scope.current?.rows[at];
        if (other) return read(other, at);
        return fallback ? absent(row, index) : value?.type === "string" ? "" : null;
      });
    },
  };
}

/** Keeps a running value; rows are asked in order, and `index` 0 begins anew. */
function running<T>(begin: () => T, advance: (state: T, row: Row, index: number) => Value) {
  let state = begin();
  return (row: Row, index: number) => {
    if (index === 0) state = begin();
    return advance(state, row, index);
  };
}

const rowNumber: FunctionSpec = {
  min: 0,
  max: 2,
  volatile: true,
  make: ([start, restart]) => {
    const first = otherwise(number, 1)(start);
    const anew = otherwise(bool, false)(restart);
    const value = running(
      () => ({ next: 0 }),
      (state, row, index) => {
        if (index === 0 || anew(row, index) === true) state.next = first(row, index) ?? 1;
        return state.next++;
      },
    );
    return computed("long", value);
  },
};

const rowCumsum: FunctionSpec = {
  min: 1,
  max: 2,
  volatile: true,
  make: (args) => {
    const term = number(args[0]);
    const anew = otherwise(bool, false)(args[1]);
    const value = running(
      () => ({ sum: 0 }),
      (state, row, index) => {
        if (anew(row, index) === true) state.sum = 0;
        state.sum += term(row, index) ?? 0;
        return state.sum;
      },
    );
    return computed(typeof sameAsFirst === "function" ? sameAsFirst(args) : sameAsFirst, value);
  },
};

/** When the row came in, as its table says; null when the rows have lost it. */
const ingestionTime: FunctionSpec = {
  min: 0,
  max: 0,
  volatile: true,
  make: (_, { scope }: CallSite) => computed("datetime", (_row, index) => scope.current?.ingestedAt?.(index) ?? null),
};

export const ROWS: FunctionTable = {
  prev: neighbour(-1),
  next: neighbour(1),
  row_number: rowNumber,
  row_cumsum: rowCumsum,
  ingestion_time: ingestionTime,
};
