import { KqlError } from "../errors";
import type { Source } from "../plan/plan";
import type { Column, Row, Value } from "../types";
import { number } from "./compiled";
import { compile } from "./expression";
import { union } from "./operators/union";
import type { Toolkit } from "./prepared";
import { LazyRelation, ownedRelation, type Relation, relationOf } from "./relation";

/** The rows at the head of a pipeline. */
export function runSource(source: Source, toolkit: Toolkit): Relation {
  const { execution } = toolkit;
  switch (source.op) {
    case "table": {
      const table = execution.database.table(source.name);
      if (!table) throw new KqlError("EvaluationFailed", `there is no table '${source.name}'`, source.at);
      return execution.source(table, true, undefined);
    }
    case "function": {
      const called = execution.database.functions[source.name];
      if (!called) throw new KqlError("EvaluationFailed", `there is no function '${source.name}'`, source.at);
      return execution.source(called.call(source.args), false, undefined);
    }
    case "shared":
      return execution.shared(source.table);
    case "print":
      return printed(source, toolkit);
    case "range":
      return ranged(source, toolkit);
    case "datatable":
      return relationOf(
        source.columns,
        source.rows.map((row) => fitted(row, source.columns)),
      );
    case "union":
      return union(source, toolkit);
    case "given":
      throw new KqlError("ParserFailed", "rows that are handed in have no source of their own");
  }
}

/** Absent cells of a datatable: "" for text. */
function fitted(row: readonly Value[], columns: readonly Column[]): Row {
  return columns.map((column, at) => row[at] ?? (column.type === "string" ? "" : null));
}

function printed(source: Extract<Source, { op: "print" }>, { execution }: Toolkit): Relation {
  const values = source.items.map((item) => compile(item.value, execution.scope([])));
  const columns = source.items.map((item, at) => ({ name: item.name, type: values[at]?.type ?? "dynamic" }));
  return ownedRelation(columns, [values.map((value) => value.value([], 0))]);
}

function ranged(source: Extract<Source, { op: "range" }>, { execution }: Toolkit): Relation {
  const scope = execution.scope([]);
  const [from, to, step] = [source.from, source.to, source.step].map((bound) => compile(bound, scope));
  const read = (bound: typeof from) => number(bound)([], 0);
  const [first, last, width] = [read(from), read(to), read(step)];
  const type = from?.type === "datetime" ? "datetime" : step?.type === "real" ? "real" : (from?.type ?? "long");
  const count = first !== null && last !== null && width ? Math.floor((last - first) / width) + 1 : 0;
  const value = (row: number) => (first ?? 0) + row * (width ?? 0);
  return new LazyRelation([{ name: source.name, type }], [value], execution.budget, 0, Math.max(0, count));
}
