import { KqlError } from "../../errors";
import type { Json, KqlType } from "../../types";
import { keyOf } from "../../values/compare";
import { isArray, isBag } from "../../values/parse";
import { jsonOf } from "../../values/text";
import { json, number, otherwise } from "../compiled";
import { call1, call2, callAll, computed, type FunctionSpec, type FunctionTable } from "../function";

/** Elements that one array may have; the service's own cap for functions that make some. */
const LENGTH_MAX = 1_048_576;

/** Moves an array round (`wrap`) or out at one end, gaps filled with a value. */
function shifted(values: readonly Json[], by: number, wrap: boolean, fill: Json): Json[] {
  const { length } = values;
  return values.map((_, at) => {
    const from = at + by;
    if (wrap) return values[((from % length) + length) % length] ?? null;
    return from >= 0 && from < length ? (values[from] ?? null) : fill;
  });
}

function rotation(direction: 1 | -1): FunctionSpec {
  return call2("dynamic", [json, number], (list, by) =>
    isArray(list) ? shifted(list, direction * Math.trunc(by), true, null) : null,
  );
}

/** Shifts of which the fill may be left out: a null there must not void the call. */
function shift(direction: 1 | -1): FunctionSpec {
  return {
    min: 2,
    max: 3,
    make: ([list, by, fill]) => {
      const [read, distance, rest] = [json(list), number(by), json(fill)];
      return computed("dynamic", (row, index) => {
        const values = read(row, index);
        const steps = distance(row, index);
        if (!isArray(values) || steps === null) return null;
        return shifted(values, direction * Math.trunc(steps), false, rest(row, index));
      });
    },
  };
}

/** Cuts an array at positions; negative ones count from the end. */
function splitAt(values: readonly Json[], positions: readonly number[]): Json[] {
  const cuts = positions.map((at) => Math.min(values.length, Math.max(0, at < 0 ? values.length + at : at)));
  const bounds = [0, ...cuts, values.length];
  return bounds.slice(1).map((end, at) => values.slice(bounds[at] ?? 0, end));
}

/** `range(from, to, step)` as an array. */
const rangeArray: FunctionSpec = {
  min: 2,
  max: 3,
  make: ([from, to, step], site) => {
    const [first, last] = [number(from), number(to)];
    const width = otherwise(number, from?.type === "datetime" || from?.type === "timespan" ? 3_600_000_000 : 1)(step);
    const type: KqlType = from?.type ?? "long";
    return computed("dynamic", (row, index) => {
      const [start, end, by] = [first(row, index), last(row, index), width(row, index)];
      if (start === null || end === null || by === null || by === 0) return null;
      const count = Math.floor((end - start) / by) + 1;
      if (count > LENGTH_MAX) {
        throw new KqlError("EvaluationFailed", `${site.name}() would make more than ${LENGTH_MAX} elements`, site.at);
      }
      return Array.from({ length: Math.max(0, count) }, (_, at) => jsonOf(start + at * by, type));
    });
  },
};

/** The condition's elements choose between those of two others, or two plain values. */
const arrayIff: FunctionSpec = callAll(
  "dynamic",
  json,
  ([conditions = null, yes = null, no = null]) => {
    if (!isArray(conditions)) return null;
    const pick = (from: Json, at: number) => (isArray(from) ? (from[at] ?? null) : from);
    return conditions.map((each, at) => {
      const wanted = typeof each === "boolean" ? each : typeof each === "number" ? each !== 0 : null;
      return wanted === null ? null : pick(wanted ? yes : no, at);
    });
  },
  3,
  3,
);

function sameSet(left: Json, right: Json): boolean | null {
  if (!isArray(left) || !isArray(right)) return null;
  const [a, b] = [new Set(left.map(keyOf)), new Set(right.map(keyOf))];
  return a.size === b.size && [...a].every((key) => b.has(key));
}

/** Every path within a dynamic, in the notation of the service. */
function pathsOf(value: Json, path: string, found: string[]): string[] {
  if (found.length >= LENGTH_MAX) return found;
  if (isArray(value)) {
    const [first] = value;
    if (first !== undefined) {
      found.push(`${path}[0]`);
      pathsOf(first, `${path}[0]`, found);
    }
  } else if (isBag(value)) {
    for (const [name, each] of Object.entries(value)) {
      const inner = `${path}['${name}']`;
      found.push(inner);
      pathsOf(each, inner, found);
    }
  }
  return found;
}

export const ARRAYS: FunctionTable = {
  array_rotate_left: rotation(1),
  array_rotate_right: rotation(-1),
  array_shift_left: shift(1),
  array_shift_right: shift(-1),
  array_split: call2("dynamic", [json, json], (list, at) => {
    if (!isArray(list)) return null;
    return splitAt(list, (isArray(at) ? at : [at]).map(Number).filter(Number.isInteger));
  }),
  array_iff: arrayIff,
  array_iif: arrayIff,
  arraylength: call1("long", json, (list) => (isArray(list) ? list.length : null)),
  array_strcat: call2("string", [json, json], (list, delimiter) =>
    isArray(list)
      ? list.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(String(delimiter))
      : null,
  ),
  range: rangeArray,
  repeat: {
    min: 2,
    max: 2,
    make: ([value, count], site) => {
      const [read, times] = [json(value), number(count)];
      return computed("dynamic", (row, index) => {
        const length = times(row, index);
        if (length === null || length < 0) return null;
        if (length > LENGTH_MAX) {
          throw new KqlError("EvaluationFailed", `repeat() would make more than ${LENGTH_MAX} elements`, site.at);
        }
        return Array.from({ length: Math.trunc(length) }, () => read(row, index));
      });
    },
  },
  zip: callAll(
    "dynamic",
    json,
    (lists) => {
      const length = Math.max(...lists.map((list) => (isArray(list) ? list.length : 0)));
      return Array.from({ length }, (_, at) => lists.map((list) => (isArray(list) ? (list[at] ?? null) : null)));
    },
    2,
    16,
  ),
  bag_zip: call2("dynamic", [json, json], (keys, values) => {
    if (!isArray(keys) || !isArray(values)) return null;
    return Object.fromEntries(keys.flatMap((key, at) => (typeof key === "string" ? [[key, values[at] ?? null]] : [])));
  }),
  set_equals: call2("bool", [json, json], sameSet),
  treepath: call1("dynamic", json, (value) => pathsOf(value, "", [])),
  dynamic_to_json: call1("string", json, (value) => JSON.stringify(sortedKeys(value))),
};

/** Bags with their names in order, as `dynamic_to_json()` writes them. */
function sortedKeys(value: Json): Json {
  if (isArray(value)) return value.map(sortedKeys);
  if (!isBag(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([name, each]) => [name, sortedKeys(each)]));
}
