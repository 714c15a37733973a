import type { KqlType, Value } from "../types";
import { parseDatetime } from "../values/time";

/** A value that a query states at its head: `let since = datetime(2026-09-01);`. */
interface Parameter {
  name: string;
  type: KqlType;
  value: Value;
}

export interface Prologue {
  parameters: Parameter[];
  /** Characters of the text that the parameters take up. */
  length: number;
  /** The text with a type in place of each value: the same for every run of the same query. */
  shape: string;
}

const STRING = String.raw`"(?:[^"\\\r\n]|\\u[0-9a-fA-F]{4})*"`;

const LET = new RegExp(
  String.raw`\s*let\s+([A-Za-z_]\w{0,63})\s*=\s*(?:(${STRING})|long\((-?\d{1,15})\)|(true|false)|datetime\(([0-9T:.Z-]{10,30})\)|dynamic\((\[(?:${STRING}(?:,${STRING})*)?\])\))\s*;`,
  "y",
);

/** The value of one match; undefined when it is not what it looks like, so that the parser is left to say so. */
function parameterOf(match: RegExpExecArray): Parameter | undefined {
  const [, name = "", text, long, bool, date, list] = match;
  // The patterns admit nothing that JSON would read otherwise.
  if (text !== undefined) return { name, type: "string", value: JSON.parse(text) as string };
  if (long !== undefined) return { name, type: "long", value: Number(long) };
  if (bool !== undefined) return { name, type: "bool", value: bool === "true" };
  if (list !== undefined) return { name, type: "dynamic", value: JSON.parse(list) as string[] };
  const value = parseDatetime(date ?? "");
  return value === null ? undefined : { name, type: "datetime", value };
}

/**
 * Splits off the values that a query states at its head. Callers put what varies there (a time, an id), so that plans
 * are shared between runs that differ in nothing else.
 */
export function splitPrologue(text: string): Prologue {
  const parameters: Parameter[] = [];
  let length = 0;
  for (;;) {
    LET.lastIndex = length;
    const match = LET.exec(text);
    const parameter = match && parameterOf(match);
    if (!match || !parameter || parameters.some((each) => each.name === parameter.name)) break;
    parameters.push(parameter);
    length += match[0].length;
  }
  const head = parameters.map(({ name, type }) => `let ${name} = ${type};`).join("");
  return { parameters, length, shape: head + text.slice(length) };
}
