import { KqlError } from "../../errors";
import type { KqlType } from "../../types";
import { compareValues } from "../../values/compare";
import { bool, type CallSite, type Compiled, constantValue, isNumeric, raw } from "../compiled";
import { computed, type FunctionSpec, type FunctionTable } from "../function";
import { converted } from "./convert";

/** The type that several branches share; a dynamic among others makes the whole dynamic. */
function commonType(branches: readonly Compiled[]): KqlType {
  const types = [...new Set(branches.map((branch) => branch.type))];
  const [only] = types;
  if (types.length === 1 && only) return only;
  if (types.every(isNumeric)) {
    return types.includes("real") ? "real" : types.includes("decimal") ? "decimal" : "long";
  }
  if (types.includes("dynamic")) return "dynamic";
  return types.includes("string") ? "string" : (only ?? "dynamic");
}

function alike(branches: readonly Compiled[]): { type: KqlType; branches: Compiled[] } {
  const type = commonType(branches);
  return { type, branches: branches.map((branch) => converted(branch, type)) };
}

const iff: FunctionSpec = {
  min: 3,
  max: 3,
  make: ([condition, ...rest]) => {
    const { type, branches } = alike(rest);
    const test = bool(condition);
    const [yes, no] = branches.map(raw);
    return computed(type, (row, index) => (test(row, index) === true ? yes?.(row, index) : no?.(row, index)) ?? null);
  },
};

const cases: FunctionSpec = {
  min: 3,
  max: 257,
  make: (args) => {
    const values = alike(args.filter((_, at) => at % 2 === 1 || at === args.length - 1));
    const tests = args.filter((_, at) => at % 2 === 0 && at < args.length - 1).map(bool);
    const reads = values.branches.map(raw);
    return computed(values.type, (row, index) => {
      const chosen = tests.findIndex((test) => test(row, index) === true);
      return reads.at(chosen)?.(row, index) ?? null;
    });
  },
};

/** The first argument that has a value; for texts, the first that is not empty. */
const coalesce: FunctionSpec = {
  min: 2,
  max: 64,
  make: (args) => {
    const { type, branches } = alike(args);
    const reads = branches.map(raw);
    return computed(type, (row, index) => {
      for (const read of reads) {
        const value = read(row, index);
        if (value !== null && value !== "") return value;
      }
      return type === "string" ? "" : null;
    });
  },
};

function extreme(wanted: 1 | -1): FunctionSpec {
  return {
    min: 1,
    max: 64,
    make: (args) => {
      const { type, branches } = alike(args);
      const reads = branches.map(raw);
      return computed(type, (row, index) => {
        let best = null;
        for (const read of reads) {
          const value = read(row, index);
          if (value !== null && (best === null || compareValues(value, best) * wanted > 0)) best = value;
        }
        return best;
      });
    },
  };
}

function nullTest(wanted: boolean): FunctionSpec {
  return {
    min: 1,
    max: 1,
    make: ([value]) => {
      const read = raw(value);
      return computed("bool", (row, index) => (read(row, index) === null) === wanted);
    },
  };
}

/** The column of that name when there is one, else the second argument; decided before the first row. */
const columnIfExists: FunctionSpec = {
  min: 2,
  max: 2,
  volatile: true,
  make: ([name, fallback], { scope, at }: CallSite) => {
    const wanted = constantValue(name);
    if (typeof wanted !== "string" || !fallback) {
      throw new KqlError("NotSupported", "column_ifexists() needs a constant name", at);
    }
    const position = scope.columns.findIndex((column) => column.name === wanted);
    const column = scope.columns[position];
    return column ? computed(column.type, (row) => row[position] ?? null) : computed(fallback.type, fallback.value);
  },
};

export const CONDITIONS: FunctionTable = {
  iff,
  iif: iff,
  case: cases,
  coalesce,
  max_of: extreme(1),
  min_of: extreme(-1),
  isnull: nullTest(true),
  isnotnull: nullTest(false),
  notnull: nullTest(false),
  column_ifexists: columnIfExists,
  columnifexists: columnIfExists,
};
