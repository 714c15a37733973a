import type { Step } from "../../plan/plan";
import { referencesOf } from "../../plan/references";
import type { Column, Value } from "../../types";
import { text } from "../compiled";
import { compile } from "../expression";
import { convertValue } from "../functions/convert";
import type { PreparedStep, Toolkit } from "../prepared";
import { ownedRelation } from "../relation";

type ParseKvStep = Extract<Step, { op: "parse-kv" }>;

/** Reads a value at `from`, quoted or up to the next pair; gives it and where it ends. */
function readValue(source: string, from: number, step: ParseKvStep): { value: string; end: number } {
  const opening = source[from] ?? "";
  if (opening !== "" && step.quotes.includes(opening)) {
    const closing = step.quotes.length === 2 ? (step.quotes[1] ?? opening) : opening;
    let value = "";
    for (let at = from + 1; at < source.length; at++) {
      const letter = source[at] ?? "";
      if (step.escape !== "" && letter === step.escape) value += source[++at] ?? "";
      else if (letter === closing) return { value, end: at + 1 };
      else value += letter;
    }
  }
  if (step.greedy) return readGreedily(source, from, step);
  const end = source.indexOf(step.pairs, from);
  const to = end < 0 ? source.length : end;
  return { value: source.slice(from, to), end: to };
}

/** Up to the last separator before the next key: a value may hold the separator of pairs. */
function readGreedily(source: string, from: number, step: ParseKvStep): { value: string; end: number } {
  const next = source.indexOf(step.keys, from);
  const cut = next < 0 ? -1 : source.lastIndexOf(step.pairs, next - 1);
  const to = cut < from ? source.length : cut;
  return { value: source.slice(from, to), end: to };
}

/** Keys and values of a text; the last of a repeated key counts. */
function pairsOf(source: string, step: ParseKvStep): Map<string, string> {
  const found = new Map<string, string>();
  let at = 0;
  while (at < source.length) {
    const middle = source.indexOf(step.keys, at);
    if (middle < 0) break;
    // A piece without a key of its own is skipped.
    const cut = source.lastIndexOf(step.pairs, middle - 1);
    const start = cut >= at ? cut + step.pairs.length : at;
    const { value, end } = readValue(source, middle + step.keys.length, step);
    found.set(source.slice(start, middle).trim(), value);
    const next = source.indexOf(step.pairs, end);
    at = next < 0 ? source.length : next + step.pairs.length;
  }
  return found;
}

/** Takes texts of keys and values apart into columns. */
export function parseKv(step: ParseKvStep, columns: readonly Column[], { execution }: Toolkit): PreparedStep {
  const scope = execution.scope(columns);
  const source = text(compile(step.value, scope));
  const output = [...columns];
  const places = step.columns.map((column) => {
    const known = output.findIndex((each) => each.name === column.name);
    const at = known < 0 ? output.length : known;
    output[at] = column;
    return at;
  });
  return {
    columns: output,
    piecewise: !referencesOf([step.value]).positional,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const rows = input.rows.map((row, index) => {
        execution.budget.step();
        const pairs = pairsOf(source(row, index) ?? "", step);
        const wide: Value[] = row.slice(0, columns.length);
        for (const [at, column] of step.columns.entries()) {
          wide[places[at] ?? 0] = convertValue(pairs.get(column.name) ?? "", "string", column.type);
        }
        return wide;
      });
      return ownedRelation(output, rows);
    },
  };
}
