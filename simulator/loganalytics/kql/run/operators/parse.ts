import { KqlError } from "../../errors";
import type { ParsePart, Step } from "../../plan/plan";
import type { Column, KqlType, Row, Value } from "../../types";
import { type Regex, regex } from "../../values/regex";
import { text } from "../compiled";
import { compile } from "../expression";
import { convertValue } from "../functions/convert";
import type { PreparedStep, Toolkit } from "../prepared";

type ParseStep = Extract<Step, { op: "parse" }>;

interface Target {
  name: string;
  type: KqlType;
  /** Group of the pattern that holds its text. */
  group: number;
}

/** What a typed column accepts in regex mode. */
const PATTERNS: Partial<Record<KqlType, string>> = {
  long: "-?\\d+",
  int: "-?\\d+",
  real: "-?\\d+(?:\\.\\d+)?",
  decimal: "-?\\d+(?:\\.\\d+)?",
};

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/**
 * One pattern for the whole text. In simple mode literals are taken as they are and a column reaches to the next
 * literal; in regex mode literals are patterns and columns take as much as they can, unless the flag `U` says otherwise.
 */
function patternOf(step: ParseStep): { pattern: Regex; targets: Target[] } {
  const flags = step.flags.toLowerCase();
  if (/[^uims]/.test(flags)) throw new KqlError("NotSupported", `parse flags '${step.flags}' are not supported`);
  const lazy = !step.regex || step.flags.includes("U");
  const any = lazy ? ".*?" : ".*";
  const targets: Target[] = [];
  let group = 0;
  const parts = step.parts.map((part: ParsePart) => {
    if (part.k === "skip") return any;
    if (part.k === "text") {
      if (!step.regex) return escaped(part.text);
      group += regex(part.text).groupCount;
      return `(?:${part.text})`;
    }
    group++;
    targets.push({ name: part.name, type: part.type, group });
    return `(${(step.regex && PATTERNS[part.type]) || any})`;
  });
  const modes = `s${flags.includes("i") ? "i" : ""}${flags.includes("m") ? "m" : ""}`;
  return { pattern: regex(`(?${modes})^${parts.join("")}$`), targets };
}

/** The columns of one text, or undefined when it does not fit. One value of the wrong type spoils all, unless relaxed. */
function valuesOf(source: string, pattern: Regex, targets: readonly Target[], relaxed: boolean): Value[] | undefined {
  const match = pattern.first(source);
  if (!match) return undefined;
  const values: Value[] = [];
  for (const { type, group } of targets) {
    const value = convertValue(match.groups[group] ?? "", "string", type);
    if (value === null && !relaxed) return undefined;
    values.push(value);
  }
  return values;
}

/** Takes texts apart into columns; `parse-where` drops the rows that do not fit. */
export function parse(step: ParseStep, columns: readonly Column[], { execution }: Toolkit): PreparedStep {
  const scope = execution.scope(columns);
  const source = text(compile(step.value, scope));
  const { pattern, targets } = patternOf(step);
  const output = [...columns];
  const places = targets.map((target) => {
    const known = output.findIndex((column) => column.name === target.name);
    const at = known < 0 ? output.length : known;
    output[at] = { name: target.name, type: target.type };
    return at;
  });
  const blank = targets.map((target): Value => (target.type === "string" ? "" : null));
  return {
    columns: output,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const rows: Row[] = [];
      for (const [index, row] of input.rows.entries()) {
        execution.budget.step();
        const found = valuesOf(source(row, index) ?? "", pattern, targets, step.relaxed);
        if (!found && step.filter) continue;
        const wide: Value[] = row.slice();
        const values = found ?? blank;
        for (const [at, place] of places.entries()) wide[place] = values[at] ?? null;
        rows.push(wide);
      }
      return { columns: output, rows };
    },
  };
}
