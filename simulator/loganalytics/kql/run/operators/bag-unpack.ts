import { KqlError } from "../../errors";
import type { Step } from "../../plan/plan";
import type { Column, Json, KqlType } from "../../types";
import { isBag, propertyOf } from "../../values/parse";
import { parseDatetime } from "../../values/time";
import type { Execution } from "../execution";
import { convertValue } from "../functions/convert";
import type { PreparedStep, Toolkit } from "../prepared";
import { ownedRelation } from "../relation";

type BagUnpack = Extract<Step, { op: "bag-unpack" }>;

const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

function kindOf(value: Json): KqlType | undefined {
  if (value === null) return undefined;
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "long" : "real";
  if (typeof value !== "string") return "dynamic";
  return ISO_DATE.test(value) && parseDatetime(value) !== null ? "datetime" : "string";
}

/** The type that fits all values of a property: numbers widen, anything else mixed is dynamic. */
function widen(known: KqlType | undefined, next: KqlType | undefined): KqlType | undefined {
  if (known === undefined || next === undefined || known === next) return known ?? next;
  const numbers = new Set<KqlType>(["long", "real"]);
  if (numbers.has(known) && numbers.has(next)) return "real";
  const texts = new Set<KqlType>(["string", "datetime"]);
  return texts.has(known) && texts.has(next) ? "string" : "dynamic";
}

/** Turns the properties of a bag into columns, in the order of their names. */
export function bagUnpack(step: BagUnpack, columns: readonly Column[], { execution }: Toolkit): PreparedStep {
  const bagAt = columns.findIndex((column) => column.name === step.column);
  if (bagAt < 0) throw new KqlError("EvaluationFailed", `there is no column '${step.column}' here`);
  if (step.schema) return declared(step.schema, columns, bagAt, step, execution);
  return {
    columns: undefined,
    run: (input) => {
      execution.touch(input);
      const types = new Map<string, KqlType | undefined>();
      for (const row of input.rows) {
        execution.budget.step();
        const bag = row[bagAt] ?? null;
        if (!isBag(bag)) continue;
        for (const [name, value] of Object.entries(bag)) {
          if (!step.ignored.includes(name)) types.set(name, widen(types.get(name), kindOf(value)));
        }
        execution.budget.output(input.rows.length, types.size);
      }
      const { output, sources } = layOut(step, columns, bagAt, types);
      const rows = input.rows.map((row) => {
        execution.budget.step();
        const bag = row[bagAt] ?? null;
        return sources.map(({ at, property }, position) => {
          if (property === undefined) return row[at] ?? null;
          return convertValue(propertyOf(bag, property), "dynamic", output[position]?.type ?? "dynamic");
        });
      });
      return ownedRelation(output, rows);
    },
  };
}

interface CellSource {
  /** Position in the input row, when it is no property. */
  at: number;
  property?: string;
}

function layOut(
  step: BagUnpack,
  columns: readonly Column[],
  bagAt: number,
  types: ReadonlyMap<string, KqlType | undefined>,
) {
  const entries = columns
    .map((column, at): { column: Column; source: CellSource } => ({ column, source: { at } }))
    .filter((_, at) => at !== bagAt);
  for (const property of [...types.keys()].sort()) {
    const name = `${step.prefix}${property}`;
    const column: Column = { name, type: types.get(property) ?? "dynamic" };
    const taken = entries.findIndex((entry) => entry.column.name === name);
    if (taken < 0) entries.push({ column, source: { at: -1, property } });
    else if (step.conflict === "replace_source") entries[taken] = { column, source: { at: -1, property } };
    else if (step.conflict === "error") {
      throw new KqlError("EvaluationFailed", `bag_unpack: there is a column '${name}' already`);
    }
  }
  return { output: entries.map((entry) => entry.column), sources: entries.map((entry) => entry.source) };
}

/** With the columns stated by the query: those, whatever the bags hold. */
function declared(
  schema: NonNullable<BagUnpack["schema"]>,
  columns: readonly Column[],
  bagAt: number,
  { prefix }: BagUnpack,
  execution: Execution,
): PreparedStep {
  const kept = schema.star ? columns.flatMap((_, at) => (at === bagAt ? [] : [at])) : [];
  const own = new Map(columns.map((column, at) => [column.name, at]));
  const output = [...kept.flatMap((at) => columns[at] ?? []), ...schema.columns];
  return {
    columns: output,
    piecewise: true,
    run: (input) => {
      execution.touch(input);
      const rows = input.rows.map((row) => {
        execution.budget.step();
        const bag = row[bagAt] ?? null;
        const values = schema.columns.map(({ name, type }) => {
          const at = own.get(name);
          if (at !== undefined && at !== bagAt) return row[at] ?? null;
          const property = name.startsWith(prefix) ? name.slice(prefix.length) : name;
          return convertValue(propertyOf(bag, property), "dynamic", type);
        });
        return [...kept.map((at) => row[at] ?? null), ...values];
      });
      return ownedRelation(output, rows);
    },
  };
}
