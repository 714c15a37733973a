import { KqlError } from "../../errors";
import type { KqlType, Value } from "../../types";
import { keyOf } from "../../values/compare";
import { isArray } from "../../values/parse";
import { hasTerm } from "../../values/term";
import { textOf } from "../../values/text";
import { type Compiled, type Evaluate, isNumberLike, readerOf } from "../compiled";
import { computed, type FunctionSpec, type FunctionTable } from "../function";

/** The elements of a list: arrays among the arguments are spread. */
function elementsOf(args: readonly Compiled[]): Evaluate<{ value: Value; type: KqlType }[]> {
  const read = args.map((argument): Evaluate<{ value: Value; type: KqlType }[]> => {
    const { type, value } = argument;
    return (row, index) => {
      const cell = value(row, index);
      return isArray(cell) ? cell.map((each) => ({ value: each, type: "dynamic" })) : [{ value: cell, type }];
    };
  });
  const [only] = read;
  if (read.length === 1 && only) return only;
  return (row, index) => read.flatMap((each) => each(row, index));
}

/** Keeps the list as one set when it is the same for every row. */
function settled<T>(args: readonly Compiled[], make: Evaluate<T>): Evaluate<T> {
  if (!args.every((argument) => argument.constant)) return make;
  let known: T | undefined;
  return (row, index) => {
    known ??= make(row, index);
    return known;
  };
}

/** How a value of one type is looked up in a list: the same text for the same value, numbers by size. */
function lookupKey(type: KqlType, ignoreCase: boolean): (value: Value, valueType: KqlType) => string | null {
  if (isNumberLike(type)) {
    const read = readerOf(type);
    return (value, valueType) => {
      if (typeof value === "number") return keyOf(value);
      const parsed = read({ type: valueType, value: () => value, constant: true })([], 0);
      return parsed === null ? null : keyOf(parsed);
    };
  }
  if (type === "bool") return (value) => (value === null ? null : String(value));
  const fold = (text: string) => (ignoreCase || type === "guid" ? text.toLowerCase() : text);
  return (value, valueType) => (value === null && valueType === "dynamic" ? null : fold(textOf(value, valueType)));
}

function membership(wanted: boolean, ignoreCase: boolean): FunctionSpec {
  return {
    min: 1,
    max: 1_000_000,
    make: ([value, ...elements], site) => {
      if (!value) throw new KqlError("ParserFailed", `'${site.name}' needs a value`, site.at);
      const key = lookupKey(value.type, ignoreCase);
      const list = elementsOf(elements);
      const set = settled(elements, (row, index) => {
        const keys = new Set<string>();
        for (const element of list(row, index)) {
          const each = key(element.value, element.type);
          if (each !== null) keys.add(each);
          // A number beside text counts by its digits, whichever way it is written.
          if (element.type !== "string" && typeof element.value === "number" && !isNumberLike(value.type)) {
            keys.add(String(element.value));
          }
        }
        return keys;
      });
      return computed("bool", (row, index) => {
        const each = key(value.value(row, index), value.type);
        return (each !== null && set(row, index).has(each)) === wanted;
      });
    },
  };
}

/** `has_any` and `has_all`: whole terms, case ignored. */
function terms(all: boolean): FunctionSpec {
  return {
    min: 2,
    max: 1_000_000,
    make: ([value, ...elements], site) => {
      if (!value) throw new KqlError("ParserFailed", `'${site.name}' needs a value`, site.at);
      const list = elementsOf(elements);
      const needles = settled(elements, (row, index) =>
        list(row, index).map((element) => textOf(element.value, element.type).toLowerCase()),
      );
      return computed("bool", (row, index) => {
        const text = textOf(value.value(row, index), value.type).toLowerCase();
        const found = needles(row, index);
        return all ? found.every((each) => hasTerm(text, each)) : found.some((each) => hasTerm(text, each));
      });
    },
  };
}

export const MEMBERSHIP: FunctionTable = {
  in: membership(true, false),
  "!in": membership(false, false),
  "in~": membership(true, true),
  "!in~": membership(false, true),
  has_any: terms(false),
  has_all: terms(true),
};
