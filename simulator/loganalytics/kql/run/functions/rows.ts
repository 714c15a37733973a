import type { Row, Value } from "../../types";
import { sameValue } from "../../values/compare";
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

/** How many different values of an ordered column came before (`dense`), or how many rows. */
function rank(dense: boolean): FunctionSpec {
  return {
    min: 1,
    max: 2,
    volatile: true,
    make: ([term, restart]) => {
      const read = raw(term);
      const anew = otherwise(bool, false)(restart);
      const value = running(
        (): { last?: Value; rank: number; seen: number } => ({ rank: 0, seen: 0 }),
        (state, row, index) => {
          if (anew(row, index) === true) Object.assign(state, { last: undefined, rank: 0, seen: 0 });
          const each = read(row, index);
          state.seen++;
          if (state.last === undefined || !sameValue(state.last, each))
            state.rank = dense ? state.rank + 1 : state.seen;
          state.last = each;
          return state.rank;
        },
      );
      return computed("long", value);
    },
  };
}

/** The start of the session that a moment belongs to: one ends after a gap, or when it has lasted too long. */
const windowSession: FunctionSpec = {
  min: 3,
  max: 4,
  volatile: true,
  make: ([moment, longest, gap, restart]) => {
    const [read, span, pause] = [number(moment), number(longest), number(gap)];
    const anew = otherwise(bool, false)(restart);
    const value = running(
      () => ({ start: Number.NaN, last: Number.NaN }),
      (state, row, index) => {
        const each = read(row, index);
        if (each === null) return null;
        const within = each - state.start <= (span(row, index) ?? 0) && each - state.last <= (pause(row, index) ?? 0);
        if (!within || anew(row, index) === true) state.start = each;
        state.last = each;
        return state.start;
      },
    );
    return computed("datetime", value);
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
  row_rank: rank(true),
  row_rank_dense: rank(true),
  row_rank_min: rank(false),
  row_window_session: windowSession,
  ingestion_time: ingestionTime,
};
