import type { Column, Value } from "../kql/types";
import { cellOf } from "./cells";

/** The cells of one column in one block of rows, as they were given and as a query reads them. */
export interface Encoded {
  raw(row: number): unknown;
  cell(row: number): Value;
}

/** Values that a column's dictionary holds at most; a column with more of them is mostly made of new ones. */
const DICTIONARY_MAX = 1 << 17;

/**
 * Turns blocks of one column's values into few bytes. Values that come again are kept once per column and named by
 * number; texts of which most are new (ids of requests, addresses of objects) are bytes outside the heap. Values are
 * plain JSON; `undefined` is an absent one.
 */
export class ColumnEncoder {
  private readonly codes = new Map<unknown, number>();
  private readonly raws: unknown[] = [];
  private readonly cells: Value[] = [];

  constructor(private readonly column: Column) {}

  encode(values: readonly unknown[]): Encoded {
    const [first] = values;
    if (values.every((value) => value === first)) return constant(first, cellOf(this.column, first));
    const keys = values.map(keyOf);
    const fresh = new Set<unknown>();
    for (const key of keys) if (!this.codes.has(key)) fresh.add(key);
    // By name a value costs what it weighs and as much again; that must be shared by a few rows to be worth it.
    const repeats = fresh.size <= keys.length / 4 && this.raws.length + fresh.size <= DICTIONARY_MAX;
    return (repeats ? undefined : this.spelledOut(values)) ?? this.named(values, keys);
  }

  private named(values: readonly unknown[], keys: readonly unknown[]): Encoded {
    let greatest = 0;
    const numbers = keys.map((key, row) => {
      const code = this.codes.get(key) ?? this.learn(key, values[row]);
      greatest = Math.max(greatest, code);
      return code;
    });
    return byCode(numbers, greatest, this.raws, this.cells);
  }

  private learn(key: unknown, value: unknown): number {
    const code = this.raws.length;
    this.codes.set(key, code);
    this.raws.push(value);
    this.cells.push(cellOf(this.column, value));
    return code;
  }

  /** Undefined where the values are not all of the one sort that has a form of its own. */
  private spelledOut(values: readonly unknown[]): Encoded | undefined {
    switch (this.column.type) {
      case "string":
      case "guid":
        return values.every(isText) ? texts(values, this.column) : undefined;
      case "dynamic":
        return values.every(isObject) ? documents(values) : undefined;
      case "long":
      case "int":
      case "real":
        return values.every(isNumber) ? numbers(values) : undefined;
      default:
        return undefined;
    }
  }
}

/*
 * What reads a block is made in functions that see nothing else: a closure keeps alive all that is around it, and that
 * would be the very rows that a block is made to replace.
 */

function byCode(numbers: readonly number[], greatest: number, raws: unknown[], cells: Value[]): Encoded {
  const codes =
    greatest < 1 << 8
      ? Uint8Array.from(numbers)
      : greatest < 1 << 16
        ? Uint16Array.from(numbers)
        : Uint32Array.from(numbers);
  return { raw: (row) => raws[codes[row] ?? 0], cell: (row) => cells[codes[row] ?? 0] ?? null };
}

function constant(raw: unknown, cell: Value): Encoded {
  return { raw: () => raw, cell: () => cell };
}

/** Text as it is, absent as the empty one; `undefined` and "" are the same here, as in the workspace. */
function texts(values: readonly (string | undefined)[], column: Column): Encoded {
  const read = packed(values.map((value) => value ?? ""));
  const none = cellOf(column, undefined);
  return { raw: (row) => read(row) || undefined, cell: (row) => read(row) || none };
}

/** Objects and lists as their JSON. */
function documents(values: readonly (object | undefined)[]): Encoded {
  const read = packed(values.map((value) => (value === undefined ? "" : JSON.stringify(value))));
  const parsed = (row: number): Value => {
    const text = read(row);
    return text === "" ? null : JSON.parse(text);
  };
  return { raw: (row) => parsed(row) ?? undefined, cell: parsed };
}

/** Absent numbers are NaN, which JSON does not have. */
function numbers(values: readonly (number | undefined)[]): Encoded {
  const all = Float64Array.from(values, (value) => value ?? Number.NaN);
  const read = (row: number): number | undefined => {
    const value = all[row] ?? Number.NaN;
    return Number.isNaN(value) ? undefined : value;
  };
  return { raw: read, cell: (row) => read(row) ?? null };
}

/** Texts one after another in one buffer, a byte per letter where that is enough. */
function packed(list: readonly string[]): (row: number) => string {
  const narrow = list.every((text) => !WIDE.test(text));
  const encoding = narrow ? "latin1" : "utf16le";
  const ends = new Uint32Array(list.length);
  let end = 0;
  for (const [row, text] of list.entries()) {
    end += narrow ? text.length : text.length * 2;
    ends[row] = end;
  }
  const bytes = Buffer.allocUnsafeSlow(end);
  for (const [row, text] of list.entries()) bytes.write(text, row === 0 ? 0 : (ends[row - 1] ?? 0), encoding);
  return textReader(bytes, ends, encoding);
}

function textReader(bytes: Buffer, ends: Uint32Array, encoding: "latin1" | "utf16le"): (row: number) => string {
  return (row) => bytes.toString(encoding, row === 0 ? 0 : ends[row - 1], ends[row]);
}

/** Letters that do not fit into one byte. */
const WIDE = /[\u0100-\uffff]/;

/** What tells two values apart: objects by their JSON behind a mark, which is doubled where a text begins with it. */
function keyOf(value: unknown): unknown {
  if (typeof value === "string") return value.startsWith("\u0000") ? `\u0000${value}` : value;
  return typeof value === "object" && value !== null ? `\u0000${JSON.stringify(value)}` : value;
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function isNumber(value: unknown): value is number | undefined {
  return value === undefined || typeof value === "number";
}

function isObject(value: unknown): value is object | undefined {
  return value === undefined || (typeof value === "object" && value !== null);
}
