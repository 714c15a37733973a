import type { Json, Value } from "../../types";
import { compareValues, keyOf } from "../../values/compare";
import { isArray, isBag } from "../../values/parse";
import { type CallSite, type Compiled, json, number, otherwise, raw, text } from "../compiled";
import { call1, call2, callAll, computed, type FunctionSpec, type FunctionTable } from "../function";

/** `pack('a', 1, 'b', x)`: names and values in turn. */
const pack: FunctionSpec = {
  min: 0,
  max: 128,
  make: (args) => {
    const reads = args.map((argument, index) => (index % 2 === 0 ? text(argument) : json(argument)));
    return computed("dynamic", (row, index) => {
      const entries: [string, Json][] = [];
      for (let at = 0; at + 1 < reads.length; at += 2) {
        entries.push([String(reads[at]?.(row, index) ?? ""), reads[at + 1]?.(row, index) ?? null]);
      }
      return Object.fromEntries(entries);
    });
  },
};

/** All columns of the row as one bag; with `true`, those without a value are left out. */
const packAll: FunctionSpec = {
  min: 0,
  max: 1,
  volatile: true,
  make: ([ignoreEmpty], { scope }: CallSite) => {
    const skip = ignoreEmpty?.value([], 0) === true;
    const reads = scope.columns.map(
      (column, at) =>
        [column.name, json({ type: column.type, value: (row) => row[at] ?? null, constant: false })] as const,
    );
    return computed("dynamic", (row, index) => {
      const entries = reads.map(([name, read]) => [name, read(row, index)] as const);
      return Object.fromEntries(skip ? entries.filter(([, value]) => value !== null && value !== "") : entries);
    });
  },
};

function merge(values: readonly Value[]): Json {
  const merged: Record<string, Json> = {};
  for (const value of values) {
    if (value === null || !isBag(value)) continue;
    for (const [name, each] of Object.entries(value)) if (!Object.hasOwn(merged, name)) define(merged, name, each);
  }
  return merged;
}

/** Sets a property whatever its name: `__proto__` is a name like any other. */
function define(bag: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(bag, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Elements without repeats, the first of each kept. */
function distinctOf(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}

function sets(combine: (first: readonly Json[], rest: (readonly Json[])[]) => Json[]): FunctionSpec {
  return callAll(
    "dynamic",
    json,
    (values) => {
      const lists = values.map((value) => (isArray(value) ? value : value === null ? [] : [value]));
      const [first = [], ...rest] = lists;
      return values[0] === null ? null : distinctOf(combine(first, rest));
    },
    2,
  );
}

function keysOf(values: readonly Json[]): Set<string> {
  return new Set(values.map(keyOf));
}

function sorted(descending: boolean): FunctionSpec {
  return {
    min: 1,
    max: 2,
    make: ([list, nullsLast]) => {
      const read = json(list);
      const last = otherwise(raw, true)(nullsLast);
      return computed("dynamic", (row, index) => {
        const value = read(row, index);
        if (!isArray(value)) return null;
        const present = value.filter((each) => each !== null);
        const absent = value.filter((each) => each === null);
        const ordered = present.sort((a, b) => (descending ? compareValues(b, a) : compareValues(a, b)));
        return last(row, index) === false ? [...absent, ...ordered] : [...ordered, ...absent];
      });
    },
  };
}

function keysAtDepth(value: Json): Json {
  return isBag(value) ? Object.keys(value) : null;
}

const arraySlice: FunctionSpec = {
  min: 3,
  max: 3,
  make: ([list, from, to]) => {
    const [read, first, last] = [json(list), number(from), number(to)];
    return computed("dynamic", (row, index) => {
      const value = read(row, index);
      const start = first(row, index);
      const end = last(row, index);
      if (!isArray(value) || start === null || end === null) return null;
      const at = (position: number) => (position < 0 ? value.length + position : position);
      return value.slice(Math.max(0, at(start)), at(end) + 1);
    });
  },
};

function indexIn(list: Json, sought: Json): number | null {
  if (!isArray(list)) return null;
  const key = keyOf(sought);
  return list.findIndex((each) => keyOf(each) === key);
}

/** The kind of a value at run time, in the words of `gettype()`. */
function kindOf(argument: Compiled | undefined): (value: Value) => string {
  const type = argument?.type ?? "dynamic";
  return (value) => {
    if (type !== "dynamic") return value === null ? "null" : type === "real" ? "double" : type;
    if (value === null) return "null";
    if (isArray(value)) return "array";
    if (typeof value === "number") return Number.isInteger(value) ? "long" : "double";
    return typeof value === "object" ? "dictionary" : typeof value === "boolean" ? "bool" : "string";
  };
}

export const DYNAMICS: FunctionTable = {
  pack,
  bag_pack: pack,
  pack_dictionary: pack,
  pack_all: packAll,
  pack_array: callAll("dynamic", json, (values) => values, 0, 1024),
  bag_keys: call1("dynamic", json, keysAtDepth),
  bag_merge: callAll("dynamic", json, merge, 2),
  bag_has_key: call2("bool", [json, text], (bag, key) => isBag(bag) && Object.hasOwn(bag, key)),
  bag_remove_keys: call2("dynamic", [json, json], (bag, keys) => {
    if (!isBag(bag) || !isArray(keys)) return bag;
    const removed = new Set(keys.map(String));
    return Object.fromEntries(Object.entries(bag).filter(([name]) => !removed.has(name)));
  }),
  bag_set_key: {
    min: 3,
    max: 3,
    make: ([bag, key, value]) => {
      const [read, name, each] = [json(bag), text(key), json(value)];
      return computed("dynamic", (row, index) => {
        const present = read(row, index);
        const changed: Record<string, Json> = isBag(present) ? { ...present } : {};
        define(changed, name(row, index) ?? "", each(row, index));
        return changed;
      });
    },
  },
  array_length: call1("long", json, (list) => (isArray(list) ? list.length : null)),
  array_concat: callAll("dynamic", json, (values) =>
    values.flatMap((value) => (isArray(value) ? [...value] : value === null ? [] : [value])),
  ),
  array_index_of: call2("long", [json, json], indexIn),
  array_reverse: call1("dynamic", json, (list) => (isArray(list) ? [...list].reverse() : null)),
  array_slice: arraySlice,
  array_sort_asc: sorted(false),
  array_sort_desc: sorted(true),
  array_sum: call1("real", json, (list) =>
    isArray(list) ? list.reduce<number>((sum, each) => sum + (typeof each === "number" ? each : 0), 0) : null,
  ),
  strcat_array: call2("string", [json, text], (list, delimiter) =>
    isArray(list) ? list.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(delimiter) : null,
  ),
  set_union: sets((first, rest) => [first, ...rest].flat()),
  set_intersect: sets((first, rest) => {
    const others = rest.map(keysOf);
    return first.filter((each) => others.every((keys) => keys.has(keyOf(each))));
  }),
  set_difference: sets((first, rest) => {
    const others = rest.map(keysOf);
    return first.filter((each) => !others.some((keys) => keys.has(keyOf(each))));
  }),
  set_has_element: call2("bool", [json, json], (list, sought) => (indexIn(list, sought) ?? -1) >= 0),
  jaccard_index: call2("real", [json, json], (left, right) => {
    if (!isArray(left) || !isArray(right)) return null;
    const [a, b] = [keysOf(left), keysOf(right)];
    const shared = [...a].filter((key) => b.has(key)).length;
    return shared / (a.size + b.size - shared);
  }),
  gettype: {
    min: 1,
    max: 1,
    make: ([argument]) => {
      const kind = kindOf(argument);
      const read = raw(argument);
      return computed("string", (row, index) => kind(read(row, index)));
    },
  },
};
