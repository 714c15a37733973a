import type { Json, KqlType, Value } from "../../types";
import { exactLong, parseBool, parseGuid, parseJson, parseLong, parseReal } from "../../values/parse";
import { jsonOf, textOf } from "../../values/text";
import { parseDatetime, parseTimespan, spanOfTicks, ticksOfSpan } from "../../values/time";
import { type Compiled, type Evaluate, isNumeric } from "../compiled";
import { computed, type FunctionSpec, type FunctionTable } from "../function";

/** Ticks of 100 ns from year 1 to 1970. */
const TICKS_TO_1970 = 621_355_968_000_000_000;

function whole(value: number): number | null {
  return Number.isFinite(value) ? Math.trunc(value) + 0 : null;
}

/** Brings a value of any type to `type`; null when it has no such form. */
export function convertValue(value: Value, from: KqlType, type: KqlType): Value {
  if (type === "string") return textOf(value, from);
  if (type === "dynamic") return from === "string" ? parseJson(textOf(value, from)) : jsonOf(value, from);
  if (value === null) return null;
  const text = typeof value === "string" ? value : undefined;
  switch (type) {
    case "int": {
      const long = text === undefined ? value : parseReal(text);
      const result = typeof long === "boolean" ? Number(long) : typeof long === "number" ? whole(long) : null;
      // Beyond 32 bits there is none; text must be whole.
      if (result === null || Math.abs(result) > 2 ** 31) return null;
      return text === undefined || result === long ? result : null;
    }
    case "long":
      if (text !== undefined) return parseLong(text);
      if (typeof value === "boolean") return value ? 1 : 0;
      if (typeof value !== "number") return null;
      if (from === "datetime") return exactLong(value * 10 + TICKS_TO_1970);
      return Number.isFinite(value)
        ? exactLong((from === "timespan" ? ticksOfSpan(value) : Math.trunc(value)) + 0)
        : null;
    case "real":
    case "decimal":
      if (text !== undefined) return parseReal(text);
      if (typeof value === "boolean") return value ? 1 : 0;
      return typeof value === "number" ? value : null;
    case "bool":
      if (text !== undefined) return parseBool(text);
      return typeof value === "number" ? value !== 0 : typeof value === "boolean" ? value : null;
    case "datetime":
      if (text !== undefined) return parseDatetime(text);
      // A bare number counts ticks of 100 ns since year 1, as the service's conversion does.
      if (isNumeric(from) && typeof value === "number") return (value - TICKS_TO_1970) / 10;
      return typeof value === "number" && from === "datetime" ? value : null;
    case "timespan":
      if (text !== undefined) return parseTimespan(text);
      if (typeof value !== "number") return null;
      return isNumeric(from) ? spanOfTicks(Math.trunc(value)) : from === "timespan" ? value : null;
    case "guid":
      return text === undefined ? null : parseGuid(text);
    default:
      return null;
  }
}

/** Converts a compiled expression; nothing happens when it has the type already. */
export function converted(argument: Compiled, type: KqlType): Compiled {
  if (argument.type === type) return argument;
  const { type: from, value } = argument;
  const convert: Evaluate = (row, index) => convertValue(value(row, index), from, type);
  return { type, value: convert, constant: argument.constant };
}

function conversion(type: KqlType): FunctionSpec {
  return {
    min: 1,
    max: 1,
    make: ([argument]) => {
      if (!argument) return computed(type, () => null);
      const { value } = converted(argument, type);
      return computed(type, value);
    },
  };
}

const TYPES: Record<string, KqlType> = {
  int: "int",
  int32: "int",
  long: "long",
  int64: "long",
  real: "real",
  double: "real",
  decimal: "decimal",
  bool: "bool",
  boolean: "bool",
  datetime: "datetime",
  date: "datetime",
  timespan: "timespan",
  time: "timespan",
  guid: "guid",
  dynamic: "dynamic",
  string: "string",
};

/** How to turn matched text into the type of a `typeof(...)` given by name. */
export function convertText(name: string): { type: KqlType; convert: (text: string) => Value } {
  const type = TYPES[name.toLowerCase()] ?? "string";
  return { type, convert: (text) => convertValue(text, "string", type) };
}

/** Parses text as JSON; a dynamic is left as it is. */
const parseDynamic: FunctionSpec = {
  min: 1,
  max: 1,
  make: ([argument]) => {
    if (!argument) return computed("dynamic", () => null);
    const { type, value } = argument;
    return computed("dynamic", (row, index): Json => {
      const cell = value(row, index);
      return typeof cell === "string" ? parseJson(cell) : jsonOf(cell, type);
    });
  },
};

export const CONVERSIONS: FunctionTable = {
  tostring: conversion("string"),
  tolong: conversion("long"),
  toint: conversion("int"),
  toreal: conversion("real"),
  todouble: conversion("real"),
  todecimal: conversion("decimal"),
  tobool: conversion("bool"),
  toboolean: conversion("bool"),
  todatetime: conversion("datetime"),
  totimespan: conversion("timespan"),
  totime: conversion("timespan"),
  toguid: conversion("guid"),
  parse_json: parseDynamic,
  parsejson: parseDynamic,
  todynamic: parseDynamic,
  toobject: parseDynamic,
};
