import { KqlError } from "../../errors";
import type { KqlType, Value } from "../../types";
import { exactLong } from "../../values/parse";
import { bool, type Compiled, isNumeric, number } from "../compiled";
import { call1, computed, type FunctionSpec, type FunctionTable, sameAsFirst } from "../function";

/** The type of a sum or product of two numbers: the wider of the two; a dynamic counts as what stands beside it. */
function widerOf(left: KqlType, right: KqlType): KqlType {
  if (left === "real" || right === "real" || (left === "dynamic" && right === "dynamic")) return "real";
  if (left === "decimal" || right === "decimal") return "decimal";
  return "long";
}

function isPlain(type: KqlType): boolean {
  return isNumeric(type) || type === "dynamic" || type === "bool";
}

/** The type of a result, or undefined when the two cannot be combined. */
type TypeRule = (left: KqlType, right: KqlType) => KqlType | undefined;

const sumType: TypeRule = (left, right) => {
  if (left === "datetime" || right === "datetime") return left === right ? undefined : "datetime";
  if (left === "timespan" || right === "timespan") return "timespan";
  return isPlain(left) && isPlain(right) ? widerOf(left, right) : undefined;
};

const differenceType: TypeRule = (left, right) => {
  if (left === "datetime") return right === "datetime" ? "timespan" : "datetime";
  if (left === "timespan" || right === "timespan") return "timespan";
  return isPlain(left) && isPlain(right) ? widerOf(left, right) : undefined;
};

const productType: TypeRule = (left, right) => {
  if (left === "timespan" || right === "timespan") return "timespan";
  return isPlain(left) && isPlain(right) ? widerOf(left, right) : undefined;
};

const quotientType: TypeRule = (left, right) => {
  if (left === "timespan") return right === "timespan" ? "real" : "timespan";
  return isPlain(left) && isPlain(right) ? widerOf(left, right) : undefined;
};

const remainderType: TypeRule = (left, right) => {
  if (left === "timespan" || left === "datetime") return "timespan";
  return isPlain(left) && isPlain(right) ? widerOf(left, right) : undefined;
};

function isWhole(type: KqlType): boolean {
  return type === "int" || type === "long" || type === "timespan" || type === "datetime";
}

function divide(a: number, b: number, whole: boolean): number | null {
  if (!whole) return a / b;
  return b === 0 ? null : Math.trunc(a / b) + 0;
}

/** Remainder that is never negative. */
function remainder(a: number, b: number): number | null {
  if (b === 0) return null;
  const rest = (a % b) + 0;
  return rest < 0 ? rest + Math.abs(b) : rest;
}

function arithmetic(rule: TypeRule, apply: (a: number, b: number, whole: boolean) => number | null): FunctionSpec {
  return {
    min: 2,
    max: 2,
    make: ([left, right], site) => {
      const type = left && right && rule(left.type, right.type);
      if (!type) {
        const types = `${left?.type} and ${right?.type}`;
        throw new KqlError("NotSupported", `'${site.name}' of ${types} is not supported`, site.at);
      }
      const a = number(left);
      const b = number(right);
      const whole = isWhole(type);
      const isLong = type === "long" || type === "int";
      return computed(type, (row, index) => {
        const first = a(row, index);
        const second = b(row, index);
        if (first === null || second === null) return null;
        const result = apply(first, second, whole);
        return isLong && result !== null ? exactLong(result) : result;
      });
    },
  };
}

/** `and` and `or` with three values: what one side decides, the other's null cannot undo. */
function logic(deciding: boolean): FunctionSpec {
  return {
    min: 2,
    max: 2,
    make: ([left, right]) => {
      const a = bool(left);
      const b = bool(right);
      return computed("bool", (row, index): Value => {
        const first = a(row, index);
        if (first === deciding) return deciding;
        const second = b(row, index);
        if (second === deciding) return deciding;
        return first === null || second === null ? null : !deciding;
      });
    },
  };
}

const negate: FunctionSpec = {
  min: 1,
  max: 1,
  make: ([value]: readonly Compiled[]) => {
    const read = number(value);
    return computed(value?.type ?? "long", (row, index) => {
      const each = read(row, index);
      return each === null ? null : 0 - each;
    });
  },
};

export const ARITHMETIC: FunctionTable = {
  "+": arithmetic(sumType, (a, b) => a + b),
  "-": arithmetic(differenceType, (a, b) => a - b),
  "*": arithmetic(productType, (a, b, whole) => (whole ? Math.trunc(a * b) + 0 : a * b)),
  "/": arithmetic(quotientType, divide),
  "%": arithmetic(remainderType, remainder),
  negate,
  and: logic(false),
  or: logic(true),
  not: call1("bool", bool, (value) => !value),
  abs: call1(sameAsFirst, number, Math.abs),
};
