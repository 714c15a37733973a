import type { Column, Json, KqlType, Row, Value } from "../types";
import { parseBool, parseReal } from "../values/parse";
import { jsonOf, textOf } from "../values/text";
import { parseDatetime, parseTimespan } from "../values/time";
import type { Execution } from "./execution";
import type { Relation } from "./relation";

/** Computes one value of a row; `index` is the row's position in its relation. */
export type Evaluate<T = Value> = (row: Row, index: number) => T;

/** An expression ready to run. */
export interface Compiled {
  readonly type: KqlType;
  readonly value: Evaluate;
  /** The same for every row of every relation. */
  readonly constant: boolean;
}

/** What an expression is compiled against: the columns of its rows, and the rows themselves while they are worked on. */
export interface RowScope {
  readonly columns: readonly Column[];
  readonly execution: Execution;
  /** The relation at hand; functions like `prev` look at its other rows. Set before the first row is evaluated. */
  current: Relation | undefined;
  /** Inside `summarize`: the results of its aggregates. */
  readonly aggregates?: readonly Compiled[];
}

/** Where a call stands, for functions that need more than their arguments. */
export interface CallSite {
  readonly scope: RowScope;
  readonly name: string;
  readonly at: number;
}

const NUMERIC: ReadonlySet<KqlType> = new Set(["int", "long", "real", "decimal"]);

export function isNumeric(type: KqlType): boolean {
  return NUMERIC.has(type);
}

/** Types held as numbers. */
export function isNumberLike(type: KqlType): boolean {
  return NUMERIC.has(type) || type === "datetime" || type === "timespan";
}

export function constant(type: KqlType, value: Value): Compiled {
  return { type, value: () => value, constant: true };
}

/** The value of a constant expression; undefined when it is none. */
export function constantValue(compiled: Compiled | undefined): Value | undefined {
  return compiled?.constant ? compiled.value([], 0) : undefined;
}

/** Reads an argument as one kind of value; null when it has none. */
export type Reader<T> = (argument: Compiled | undefined) => Evaluate<T | null>;

/** As text; null only for a dynamic null. */
const nullableText: Reader<string> = (argument) => {
  if (!argument) return () => "";
  const { type, value } = argument;
  return (row, index) => {
    const cell = value(row, index);
    if (typeof cell === "string") return cell;
    return cell === null && type !== "string" ? null : textOf(cell, type);
  };
};

/** As text; null is "". */
export const text: Reader<string> = (argument) => {
  if (argument?.type === "string") {
    const { value } = argument;
    return (row, index) => {
      const cell = value(row, index);
      return typeof cell === "string" ? cell : "";
    };
  }
  const read = nullableText(argument);
  return (row, index) => read(row, index) ?? "";
};

function numberOf(cell: Value): number | null {
  if (typeof cell === "number") return cell;
  if (typeof cell === "boolean") return cell ? 1 : 0;
  return typeof cell === "string" ? parseReal(cell) : null;
}

/** As a number; text that is one counts. */
export const number: Reader<number> = (argument) => {
  if (!argument) return () => null;
  const { value } = argument;
  return (row, index) => numberOf(value(row, index));
};

/** As a datetime; text that is one counts. */
export const datetime: Reader<number> = (argument) => {
  if (!argument) return () => null;
  const { value } = argument;
  return (row, index) => {
    const cell = value(row, index);
    return typeof cell === "string" ? parseDatetime(cell) : numberOf(cell);
  };
};

/** As a span; text that is one counts. */
export const timespan: Reader<number> = (argument) => {
  if (!argument) return () => null;
  const { value } = argument;
  return (row, index) => {
    const cell = value(row, index);
    return typeof cell === "string" ? parseTimespan(cell) : numberOf(cell);
  };
};

export const bool: Reader<boolean> = (argument) => {
  if (!argument) return () => null;
  const { value } = argument;
  return (row, index) => {
    const cell = value(row, index);
    if (typeof cell === "boolean") return cell;
    if (typeof cell === "number") return cell !== 0;
    return typeof cell === "string" ? parseBool(cell) : null;
  };
};

/** As it stands inside a dynamic. */
export const json: Reader<Json> = (argument) => {
  if (!argument) return () => null;
  const { type, value } = argument;
  if (type === "dynamic" || type === "string") return value;
  return (row, index) => jsonOf(value(row, index), type);
};

/** The bare value, whatever its type. */
export const raw: Reader<Value> = (argument) => argument?.value ?? (() => null);

/** A reader with a value to fall back on when the argument is left out. */
export function otherwise<T>(read: Reader<T>, fallback: T): Reader<T> {
  return (argument) => (argument ? read(argument) : () => fallback);
}

/** The reader that gives values of a type, for comparing and converting. */
export function readerOf(type: KqlType): Reader<Value> {
  if (type === "string" || type === "guid") return text;
  if (type === "datetime") return datetime;
  if (type === "timespan") return timespan;
  if (type === "bool") return bool;
  return type === "dynamic" ? json : number;
}
