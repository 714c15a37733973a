import type { Value } from "../../types";
import { compareValues } from "../../values/compare";
import { bool, type Compiled } from "../compiled";
import type { AggregateSpec, AggregateTable, PreparedAggregate } from "./aggregate";

function blank(argument: Compiled | undefined): Value {
  return argument?.type === "string" ? "" : null;
}

/**
 * The row with the greatest (smallest) first argument, and what the other arguments are there. A null never wins
 * against a value, but a group of nulls still gives a row.
 */
function argExtreme(wanted: 1 | -1): AggregateSpec {
  return {
    min: 1,
    max: 1024,
    make: (args): PreparedAggregate => ({
      types: args.map((argument) => argument.type),
      begin: () => {
        let best: Value = null;
        let kept: { values: Value[] } | undefined;
        const [key] = args;
        return {
          add: (row, index) => {
            const each = key?.value(row, index) ?? null;
            const better = each !== null && (best === null || compareValues(each, best) * wanted > 0);
            if (kept && !better) return;
            best = each;
            kept = { values: args.map((argument) => argument.value(row, index)) };
          },
          results: () => kept?.values ?? args.map(blank),
        };
      },
    }),
  };
}

/** The first row of the group, which is as good as any; a value is preferred to none. */
const takeAny: AggregateSpec = {
  min: 1,
  max: 1024,
  make: (args): PreparedAggregate => ({
    types: args.map((argument) => argument.type),
    begin: () => {
      let kept: Value[] | undefined;
      return {
        add: (row, index) => {
          const missing = kept && args.length === 1 && (kept[0] === null || kept[0] === "");
          if (!kept || missing) kept = args.map((argument) => argument.value(row, index));
        },
        results: () => kept ?? args.map(blank),
      };
    },
  }),
};

const takeAnyIf: AggregateSpec = {
  min: 2,
  max: 2,
  make: ([value, condition]): PreparedAggregate => {
    const wanted = bool(condition);
    return {
      types: [value?.type ?? "dynamic"],
      begin: () => {
        let kept: Value | undefined;
        return {
          add: (row, index) => {
            if (kept === undefined && wanted(row, index) === true) kept = value?.value(row, index) ?? null;
          },
          results: () => [kept ?? blank(value)],
        };
      },
    };
  },
};

export const PICK_AGGREGATES: AggregateTable = {
  arg_max: argExtreme(1),
  argmax: argExtreme(1),
  arg_min: argExtreme(-1),
  argmin: argExtreme(-1),
  take_any: takeAny,
  any: takeAny,
  take_anyif: takeAnyIf,
  anyif: takeAnyIf,
};
