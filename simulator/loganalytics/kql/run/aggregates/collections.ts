import type { Json, Value } from "../../types";
import { keyOf } from "../../values/compare";
import { isBag } from "../../values/parse";
import { bool, type CallSite, type Compiled, constantValue, type Evaluate, json, number } from "../compiled";
import { type AggregateSpec, type AggregateTable, folding } from "./aggregate";

/** Elements that a list holds when the query names no number; the service's own cap. */
const DEFAULT_CAP = 1_048_576;

/** Arguments of a collecting aggregate: value, perhaps a condition, perhaps the greatest size. */
function collecting(args: readonly Compiled[], conditional: boolean) {
  const value = json(args[0]);
  const condition = conditional ? bool(args[1]) : undefined;
  const size = constantValue(args[conditional ? 2 : 1]);
  const cap = typeof size === "number" ? Math.max(0, size) : DEFAULT_CAP;
  const wanted: Evaluate<boolean> = (row, index) => condition === undefined || condition(row, index) === true;
  return { value, wanted, cap };
}

function list(conditional: boolean, nulls: boolean): AggregateSpec {
  return {
    min: conditional ? 2 : 1,
    max: conditional ? 3 : 2,
    make: (args, site) => {
      const { value, wanted, cap } = collecting(args, conditional);
      const { budget } = site.scope.execution;
      return folding<Json[]>(
        "dynamic",
        () => [],
        (items, row, index) => {
          if (items.length >= cap || !wanted(row, index)) return items;
          const each = value(row, index);
          if (each === null && !nulls) return items;
          items.push(each);
          budget.hold(1);
          return items;
        },
        (items) => items,
      );
    },
  };
}

function set(conditional: boolean): AggregateSpec {
  return {
    min: conditional ? 2 : 1,
    max: conditional ? 3 : 2,
    make: (args, site) => {
      const { value, wanted, cap } = collecting(args, conditional);
      const { budget } = site.scope.execution;
      return folding<Map<string, Json>>(
        "dynamic",
        () => new Map(),
        (items, row, index) => {
          if (items.size >= cap || !wanted(row, index)) return items;
          const each = value(row, index);
          // An array is taken apart: the set holds its elements.
          for (const element of Array.isArray(each) ? each : [each]) {
            if (element === null || items.size >= cap) continue;
            const before = items.size;
            items.set(keyOf(element), element);
            if (items.size > before) budget.hold(1);
          }
          return items;
        },
        (items) => [...items.values()],
      );
    },
  };
}

function bagOf(conditional: boolean): AggregateSpec {
  return {
    min: conditional ? 2 : 1,
    max: conditional ? 3 : 2,
    make: (args, site) => {
      const { value, wanted, cap } = collecting(args, conditional);
      const { budget } = site.scope.execution;
      return folding<Map<string, Json>>(
        "dynamic",
        () => new Map(),
        (bag, row, index) => {
          const each = wanted(row, index) ? value(row, index) : null;
          if (each === null || !isBag(each)) return bag;
          for (const [name, property] of Object.entries(each)) {
            if (bag.has(name) || bag.size >= cap) continue;
            bag.set(name, property);
            budget.hold(1);
          }
          return bag;
        },
        (bag) => Object.fromEntries(bag),
      );
    },
  };
}

/** Distinct values; exact here, approximate in the service. Nulls are not counted, empty texts are. */
function distinctCount(conditional: boolean): AggregateSpec {
  return {
    min: conditional ? 2 : 1,
    max: conditional ? 3 : 2,
    make: (args, site) => {
      const { budget } = site.scope.execution;
      const [argument] = args;
      const read: Evaluate = argument?.value ?? (() => null);
      const condition = conditional ? bool(args[1]) : undefined;
      return folding<Set<string>>(
        "long",
        () => new Set(),
        (seen, row, index) => {
          if (condition && condition(row, index) !== true) return seen;
          const value = read(row, index);
          const before = seen.size;
          if (value !== null && seen.add(keyOf(value)).size > before) budget.hold(1);
          return seen;
        },
        (seen) => seen.size,
      );
    },
  };
}

/** Percentiles by nearest rank: exact here, approximate in the service. */
function percentileOf(sorted: readonly number[], percent: number): number | null {
  if (sorted.length === 0) return null;
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? null;
}

function percentiles(asArray: boolean) {
  return (args: readonly Compiled[], site: CallSite) => {
    const [argument, ...rest] = args;
    const read = number(argument);
    const wanted = rest.flatMap((each) => {
      const value = constantValue(each);
      return Array.isArray(value) ? value.map(Number) : [Number(value)];
    });
    const { budget } = site.scope.execution;
    const type = argument?.type === "dynamic" || argument === undefined ? "real" : argument.type;
    return {
      types: asArray ? (["dynamic"] as const) : wanted.map(() => type),
      begin: () => {
        const values: number[] = [];
        return {
          add: (row: Parameters<typeof read>[0], index: number) => {
            const value = read(row, index);
            if (value === null) return;
            values.push(value);
            budget.hold(1);
          },
          results: (): Value[] => {
            const sorted = Float64Array.from(values).sort();
            const found = wanted.map((percent) => percentileOf(Array.from(sorted), percent));
            return asArray ? [found] : found;
          },
        };
      },
    };
  };
}

export const COLLECTION_AGGREGATES: AggregateTable = {
  make_list: list(false, false),
  makelist: list(false, false),
  make_list_if: list(true, false),
  make_list_with_nulls: list(false, true),
  make_set: set(false),
  makeset: set(false),
  make_set_if: set(true),
  make_bag: bagOf(false),
  make_dictionary: bagOf(false),
  make_bag_if: bagOf(true),
  dcount: distinctCount(false),
  dcountif: distinctCount(true),
  count_distinct: distinctCount(false),
  count_distinctif: distinctCount(true),
  percentile: { min: 2, max: 2, make: percentiles(false) },
  percentiles: { min: 2, max: 64, make: percentiles(false) },
  percentiles_array: { min: 2, max: 64, make: percentiles(true) },
};
