import { KqlError } from "../errors";
import { neededTest } from "../plan/needs";
import type { Pipeline, Source, Step } from "../plan/plan";
import { referencesOf } from "../plan/references";
import { expressionsOf } from "../plan/step-expressions";
import type { Column, Row, Table, Value } from "../types";
import { leadingBounds, onTimeColumn, windowOf } from "./bounds";
import { number } from "./compiled";
import type { Execution } from "./execution";
import { compile } from "./expression";
import { union } from "./operators/union";
import type { Toolkit } from "./prepared";
import { LazyRelation, ownedRelation, type Relation, relationOf, sliceOf } from "./relation";
import type { Slices } from "./slices";

/** The rows at the head of a pipeline. */
export function* runSource(source: Source, toolkit: Toolkit): Slices<Relation> {
  const { execution } = toolkit;
  switch (source.op) {
    case "table": {
      const table = execution.database.table(source.name);
      if (!table) throw new KqlError("EvaluationFailed", `there is no table '${source.name}'`, source.at);
      return readTable(table, true, toolkit);
    }
    case "function":
      return readTable(calledTable(source, execution), false, toolkit);
    case "shared":
      return yield* readShared(source.table, toolkit);
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
      return yield* union(source, toolkit);
    case "given":
      throw new KqlError("ParserFailed", "rows that are handed in have no source of their own");
  }
}

/** The table that a function of the database gives. */
export function calledTable({ name, args, at }: Extract<Source, { op: "function" }>, { database }: Execution): Table {
  const called = database.functions[name];
  if (!called) throw new KqlError("EvaluationFailed", `there is no function '${name}'`, at);
  return called.call(args);
}

/** The rows of a table that later steps can still want, and of those only the columns that they name. */
function readTable(table: Table, narrow: boolean, { execution, needs, following }: Toolkit): Relation {
  const needed = neededTest(needs);
  const source = execution.source(table, narrow, needed);
  const { sortedBy } = source;
  if (sortedBy === undefined) return source;
  const bounds = onTimeColumn(leadingBounds(following, sortedBy, execution), table);
  const part = sliceOf(source, ...windowOf(source, bounds));
  if (!(part instanceof LazyRelation) || !needed || needed(sortedBy)) return part;
  // The time column was wanted for the search alone.
  const rest = part.columns.flatMap((column, at) => (column.name === sortedBy ? [] : [at]));
  return part.select(
    rest.flatMap((at) => part.columns[at] ?? []),
    rest,
    undefined,
  );
}

/**
 * A numbered pipeline is evaluated once for all that read it, unless only one does, or it merely filters a table of which
 * this reader wants a part by time: then it is run for this reader, as far as that needs it.
 */
function* readShared(number: number, { execution, needs, following, run }: Toolkit): Slices<Relation> {
  const pipeline = execution.pipelineOf(number);
  if (!execution.isShared(number) || wantsPart(pipeline, following, execution)) {
    return yield* run(pipeline, needs, following);
  }
  return yield* execution.share(number);
}

function wantsPart({ source, steps }: Pipeline, following: readonly Step[], execution: Execution): boolean {
  if (source.op !== "table") return false;
  if (steps.length === 0) return true;
  if (!steps.every((step) => ROW_BY_ROW.has(step.op)) || referencesOf(steps.flatMap(expressionsOf)).random)
    return false;
  const timeColumn = execution.database.table(source.name)?.timeColumn;
  if (timeColumn === undefined) return false;
  const own = leadingBounds(steps, timeColumn, execution).length;
  return leadingBounds([...steps, ...following], timeColumn, execution).length > own;
}

const ROW_BY_ROW: ReadonlySet<string> = new Set(["where", "extend", "project", "project-away", "project-rename"]);

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
