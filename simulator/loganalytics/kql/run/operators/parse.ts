import { KqlError } from "../../errors";
import type { ParsePart, Step } from "../../plan/plan";
import { referencesOf } from "../../plan/references";
import type { Column, KqlType, Value } from "../../types";
import { regex } from "../../values/regex";
import { text } from "../compiled";
import { compile } from "../expression";
import { convertValue } from "../functions/convert";
import type { PreparedStep, Toolkit } from "../prepared";
import { ownedRelation } from "../relation";

type ParseStep = Extract<Step, { op: "parse" }>;

/** What a typed column accepts in regex mode. */
const PATTERNS: Partial<Record<KqlType, string>> = {
  long: "-?\\d+",
  int: "-?\\d+",
  real: "-?\\d+(?:\\.\\d+)?",
  decimal: "-?\\d+(?:\\.\\d+)?",
};

/** Takes a text apart; the texts of the columns in their order, or undefined when it does not fit. */
type Matcher = (source: string) => string[] | undefined;

/**
 * Simple mode: literals are taken as they are, from the first character to the last, and a column reaches to the next
 * literal. Taking the first place where a literal stands is always right, so the text is gone through once.
 */
function simpleMatcher(parts: readonly ParsePart[]): Matcher {
  return (source) => {
    const found: string[] = [];
    let at = 0;
    let open: "no" | "skip" | "column" = "no";
    for (const [index, part] of parts.entries()) {
      if (part.k !== "text") {
        // Of two in a row the first takes nothing.
        if (open === "column") found.push("");
        open = part.k;
        continue;
      }
      const last = index === parts.length - 1;
      const start = last ? source.length - part.text.length : open === "no" ? at : source.indexOf(part.text, at);
      if (start < at || (open === "no" && start !== at) || !source.startsWith(part.text, start)) return undefined;
      if (open === "column") found.push(source.slice(at, start));
      at = start + part.text.length;
      open = "no";
    }
    if (open === "no" && at !== source.length) return undefined;
    if (open === "column") found.push(source.slice(at));
    return found;
  };
}

/** Regex mode: literals are patterns, and columns take as much as they can, unless the flag `U` says otherwise. */
function regexMatcher(step: ParseStep): Matcher {
  if (/[^uimsUIMS]/.test(step.flags)) {
    throw new KqlError("NotSupported", `parse flags '${step.flags}' are not supported by this engine`);
  }
  const any = step.flags.includes("U") ? ".*?" : ".*";
  const groups: number[] = [];
  let group = 0;
  const parts = step.parts.map((part) => {
    if (part.k === "skip") return any;
    if (part.k === "text") {
      group += regex(part.text).groupCount;
      return `(?:${part.text})`;
    }
    groups.push(++group);
    return `(${PATTERNS[part.type] ?? any})`;
  });
  const modes = `s${step.flags.includes("i") ? "i" : ""}${step.flags.includes("m") ? "m" : ""}`;
  const pattern = regex(`(?${modes})^${parts.join("")}$`);
  return (source) => {
    const match = pattern.first(source);
    return match && groups.map((each) => match.groups[each] ?? "");
  };
}

/** The columns of one text, or undefined when it does not fit. One value of the wrong type spoils all, unless relaxed. */
function valuesOf(source: string, match: Matcher, types: readonly KqlType[], relaxed: boolean): Value[] | undefined {
  const found = match(source);
  if (!found) return undefined;
  const values = types.map((type, at) => convertValue(found[at] ?? "", "string", type));
  return relaxed || !values.includes(null) ? values : undefined;
}

/** Takes texts apart into columns; `parse-where` drops the rows that do not fit. */
export function parse(step: ParseStep, columns: readonly Column[], { execution }: Toolkit): PreparedStep {
  const scope = execution.scope(columns);
  const source = text(compile(step.value, scope));
  const match = step.regex ? regexMatcher(step) : simpleMatcher(step.parts);
  const targets = step.parts.flatMap((part) => (part.k === "column" ? [part] : []));
  const types = targets.map((target) => target.type);
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
    piecewise: !referencesOf([step.value]).positional,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const rows: Value[][] = [];
      for (const [index, row] of input.rows.entries()) {
        execution.budget.step();
        const found = valuesOf(source(row, index) ?? "", match, types, step.relaxed);
        if (!found && step.filter) continue;
        const wide: Value[] = row.slice();
        const values = found ?? blank;
        for (const [at, place] of places.entries()) wide[place] = values[at] ?? null;
        rows.push(wide);
      }
      return ownedRelation(output, rows);
    },
  };
}
