import { KqlError } from "../../errors";
import type { KqlType, Value } from "../../types";
import { compareValues, sameValue } from "../../values/compare";
import { parseReal } from "../../values/parse";
import { jsonText, textOf } from "../../values/text";
import { type CallSite, type Compiled, isNumberLike, readerOf } from "../compiled";
import { computed, type FunctionSpec, type FunctionTable } from "../function";

/** A pair of columns brought to the same kind of value. */
interface Pair {
  left: Compiled["value"];
  right: Compiled["value"];
}

function isText(type: KqlType): boolean {
  return type === "string" || type === "guid";
}

/** How a dynamic is seen beside a value of a plain type. */
function dynamicAs(argument: Compiled, type: KqlType): Compiled["value"] {
  if (!isText(type)) return readerOf(type)(argument);
  return (row, index) => {
    const cell = argument.value(row, index);
    return cell === null ? null : jsonText(cell);
  };
}

/** Text that is compared with a number counts by its own number, as `ResultType == 0` on a text column needs. */
function textAsNumber(argument: Compiled): Compiled["value"] {
  return (row, index) => {
    const cell = argument.value(row, index);
    if (typeof cell !== "string") return cell;
    return parseReal(cell) ?? Number.NaN;
  };
}

function pairOf(left: Compiled, right: Compiled, site: CallSite): Pair {
  if (left.type === right.type) return { left: left.value, right: right.value };
  if (left.type === "dynamic") return { left: dynamicAs(left, right.type), right: right.value };
  if (right.type === "dynamic") return { left: left.value, right: dynamicAs(right, left.type) };
  if (isText(left.type) && isText(right.type)) return { left: lowered(left), right: lowered(right) };
  if (isNumberLike(left.type) && isNumberLike(right.type)) return { left: left.value, right: right.value };
  if (isText(left.type) && right.type === "datetime") return { left: readerOf("datetime")(left), right: right.value };
  if (isText(right.type) && left.type === "datetime") return { left: left.value, right: readerOf("datetime")(right) };
  if (isText(left.type) && isNumberLike(right.type)) return { left: textAsNumber(left), right: right.value };
  if (isText(right.type) && isNumberLike(left.type)) return { left: left.value, right: textAsNumber(right) };
  if (left.type === "bool" || right.type === "bool")
    return { left: readerOf("bool")(left), right: readerOf("bool")(right) };
  throw new KqlError("NotSupported", `'${site.name}' between ${left.type} and ${right.type} is not supported`, site.at);
}

/** A guid column against text: guids are held in lower case. */
function lowered(argument: Compiled): Compiled["value"] {
  if (argument.type === "guid") return argument.value;
  return (row, index) => textOf(argument.value(row, index), "string").toLowerCase();
}

function comparison(decide: (order: number) => boolean): FunctionSpec {
  return {
    min: 2,
    max: 2,
    make: ([a, b], site) => {
      if (!a || !b) throw new KqlError("ParserFailed", `'${site.name}' needs two sides`, site.at);
      const { left, right } = pairOf(a, b, site);
      return computed("bool", (row, index) => {
        const first = left(row, index);
        const second = right(row, index);
        if (first === null || second === null) return null;
        return decide(compareValues(first, second));
      });
    },
  };
}

/** `==` and `!=`: with one null they are decided, with two they are null. */
function equality(wanted: boolean): FunctionSpec {
  return {
    min: 2,
    max: 2,
    make: ([a, b], site) => {
      if (!a || !b) throw new KqlError("ParserFailed", `'${site.name}' needs two sides`, site.at);
      const { left, right } = pairOf(a, b, site);
      return computed("bool", (row, index) => {
        const first = left(row, index);
        const second = right(row, index);
        if (first === null || second === null) return first === second ? null : !wanted;
        return sameValue(first, second) === wanted;
      });
    },
  };
}

/** `between (a .. b)`; a span as the second bound counts from the first. */
function between(wanted: boolean): FunctionSpec {
  return {
    min: 3,
    max: 3,
    make: ([value, low, high], site) => {
      if (!value || !low || !high) throw new KqlError("ParserFailed", "'between' needs two bounds", site.at);
      const bottom = pairOf(value, low, site);
      const span = low.type === "datetime" && high.type === "timespan";
      const top = span ? { left: value.value, right: high.value } : pairOf(value, high, site);
      return computed("bool", (row, index) => {
        const [a, b] = [bottom.left(row, index), bottom.right(row, index)];
        const [c, d] = [top.left(row, index), top.right(row, index)];
        if (a === null || b === null || c === null || d === null) return null;
        const end: Value = span && typeof b === "number" && typeof d === "number" ? b + d : d;
        return (compareValues(a, b) >= 0 && compareValues(c, end) <= 0) === wanted;
      });
    },
  };
}

export const COMPARISONS: FunctionTable = {
  "==": equality(true),
  "!=": equality(false),
  "<": comparison((order) => order < 0),
  "<=": comparison((order) => order <= 0),
  ">": comparison((order) => order > 0),
  ">=": comparison((order) => order >= 0),
  between: between(true),
  "!between": between(false),
};
