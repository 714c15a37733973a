import type { Expression, Pipeline, Plan, Step } from "../../loganalytics/kql/plan/plan";
import { expressionsOf, innerPipelines } from "../../loganalytics/kql/plan/step-expressions";

/*
 * Most runs of a rule find nothing, and a month has 43,200 minutes. A sieve is the beginning of a rule's query, made
 * wider, that tells of many runs at once that each of them finds nothing: over the rows of all their windows together it
 * gives at least what the query's beginning gives over any one of them. When it gives nothing, none of them can.
 *
 * That holds as long as every step gives no more for fewer rows. Filters that look at the clock, sorting and limits are
 * left out, which only adds rows; at the first step that is of another kind (a summarize, a join that also keeps what has no match)
 * the sieve ends. What follows must turn no rows into no rows.
 */

/** Functions with another value at another time, or each time. */
const VOLATILE: ReadonlySet<string> = new Set(["now", "ago", "rand", "new_guid"]);
/** Functions that look at neighbouring rows. */
const POSITIONAL: ReadonlySet<string> = new Set([
  ...["prev", "next", "row_number", "row_cumsum", "row_rank_dense", "row_rank_min", "row_window_session"],
]);

/** A pipeline that gives at least the rows of another; `whole` as long as no step of it was cut off. */
interface Sieved {
  pipeline: Pipeline;
  whole: boolean;
}

/** The column of a sieve's result that says when the row arrived that a result came from; null when that is not known. */
export const ARRIVAL = "__arrival";

/** The plan of the sieve of a query's plan; undefined when no rows may still give a result. */
export function sieveOf(plan: Plan): Plan | undefined {
  const sieved = sieve(plan, plan.main);
  return sieved && { ...plan, main: withArrival(sieved.pipeline), columns: undefined, usesIngestionTime: true };
}

/** Carries the time of arrival of the tables' rows along to the result. */
function withArrival({ source, steps }: Pipeline): Pipeline {
  if (source.op === "table") {
    const arrival: Step = {
      op: "extend",
      items: [{ name: ARRIVAL, value: { k: "call", fn: "ingestion_time", args: [], at: 0 } }],
    };
    return { source, steps: [arrival, ...steps.map(keepingArrival)] };
  }
  if (source.op !== "union") return { source, steps: steps.map(keepingArrival) };
  const inputs = source.inputs.map(({ name, pipeline }) => ({ name, pipeline: withArrival(pipeline) }));
  return { source: { ...source, inputs }, steps: steps.map(keepingArrival) };
}

function keepingArrival(step: Step): Step {
  if (step.op === "project") {
    return { ...step, items: [...step.items, { name: ARRIVAL, value: { k: "column", name: ARRIVAL, at: 0 } }] };
  }
  return step.op === "project-keep" ? { ...step, patterns: [...step.patterns, ARRIVAL] } : step;
}

/** Names of the tables that a plan reads, by whatever way. */
export function tablesOf(plan: Plan): string[] {
  const found = new Set<string>();
  for (const pipeline of [...plan.tables, plan.main]) collectTables(pipeline, found);
  return [...found];
}

function collectTables({ source, steps }: Pipeline, found: Set<string>): void {
  if (source.op === "table") found.add(source.name);
  if (source.op === "union") for (const { pipeline } of source.inputs) collectTables(pipeline, found);
  for (const inner of steps.flatMap(innerPipelines)) collectTables(inner, found);
}

function sieve(plan: Plan, of: Pipeline): Sieved | undefined {
  if (isFixed(plan, of)) return { pipeline: of, whole: true };
  const { source, steps } = of;
  const begun = sieveSource(plan, source);
  if (!begun) return undefined;
  let { pipeline, whole } = begun;
  for (const step of steps) {
    const kept = whole ? sieveStep(plan, step) : "cut";
    if (kept === "cut") {
      whole = false;
      if (!keepsNothingNothing(step)) return undefined;
    } else pipeline = { source: pipeline.source, steps: [...pipeline.steps, ...kept] };
  }
  return { pipeline, whole };
}

function sieveSource(plan: Plan, source: Pipeline["source"]): Sieved | undefined {
  switch (source.op) {
    case "function":
      return isWatchlist(source.name) ? { pipeline: { source, steps: [] }, whole: true } : undefined;
    case "table":
    case "datatable":
      return { pipeline: { source, steps: [] }, whole: true };
    case "shared": {
      const shared = plan.tables[source.table];
      return shared && sieve(plan, shared);
    }
    case "union": {
      const inputs = source.inputs.map(({ name, pipeline }) => ({ name, sieved: sieve(plan, pipeline) }));
      const known = inputs.flatMap(({ name, sieved }) => (sieved ? [{ name, sieved }] : []));
      if (known.length < inputs.length) return undefined;
      const pipelines = known.map(({ name, sieved }) => ({ name, pipeline: sieved.pipeline }));
      const whole = known.every(({ sieved }) => sieved.whole);
      return { pipeline: { source: { ...source, inputs: pipelines }, steps: [] }, whole };
    }
    default:
      return undefined;
  }
}

/** What stands for a step in the sieve: steps that give at least its rows, or none for one that only drops rows. */
function sieveStep(plan: Plan, step: Step): Step[] | "cut" {
  switch (step.op) {
    case "where": {
      const parts = conjuncts(step.predicate).filter((part) => isSteady(plan, part));
      return parts.map((predicate): Step => ({ op: "where", predicate }));
    }
    case "extend":
    case "project":
    case "serialize":
      return step.items.every(({ value }) => isSteady(plan, value)) ? [step] : "cut";
    case "parse":
      return isSteady(plan, step.value) ? [step] : "cut";
    case "project-away":
    case "project-keep":
    case "project-rename":
    case "project-reorder":
      return [step];
    case "mv-expand":
      return step.items.every(({ value }) => isSteady(plan, value)) && step.limit === undefined ? [step] : "cut";
    case "sort":
    case "take":
    case "top":
      return [];
    case "distinct":
      if (step.items === "*") return [];
      return step.items.every(({ value }) => isSteady(plan, value)) ? [{ op: "project", items: step.items }] : "cut";
    case "join":
      return sieveJoin(plan, step);
    case "lookup": {
      if (!keysAreSteady(plan, step.on)) return "cut";
      if (isFixed(plan, step.right)) return [step];
      return step.kind === "inner" ? sieveRight(plan, step) : "cut";
    }
    default:
      return "cut";
  }
}

function sieveJoin(plan: Plan, step: Extract<Step, { op: "join" }>): Step[] | "cut" {
  if (!keysAreSteady(plan, step.on)) return "cut";
  switch (step.kind) {
    case "inner":
      return sieveRight(plan, step);
    case "innerunique":
      // One row of each key on the left: a part of what the plain join gives.
      return sieveRight(plan, { ...step, kind: "inner" as const });
    case "leftsemi": {
      const kept = sieveRight(plan, step);
      return kept === "cut" ? [] : kept;
    }
    case "leftanti":
      return isFixed(plan, step.right) ? [step] : [];
    case "leftouter":
      return isFixed(plan, step.right) ? [step] : "cut";
    default:
      return "cut";
  }
}

function sieveRight<S extends { right: Pipeline }>(plan: Plan, step: S): S[] | "cut" {
  const right = sieve(plan, step.right);
  return right?.whole ? [{ ...step, right: right.pipeline }] : "cut";
}

/** Whether a step that is handed no rows gives none. */
function keepsNothingNothing(step: Step): boolean {
  switch (step.op) {
    case "count":
    case "getschema":
      return false;
    case "summarize":
      return step.by.length > 0;
    case "join":
      return !["rightouter", "fullouter", "rightanti"].includes(step.kind);
    default:
      return true;
  }
}

function conjuncts(predicate: Expression): Expression[] {
  if (predicate.k !== "call" || predicate.fn !== "and") return [predicate];
  return predicate.args.flatMap(conjuncts);
}

function keysAreSteady(plan: Plan, keys: Extract<Step, { op: "join" }>["on"]): boolean {
  return keys.every(({ left, right }) => isSteady(plan, left) && isSteady(plan, right));
}

/** Whether a pipeline gives the same rows in every run until a watchlist changes: it reads no table and no clock. */
function isFixed(plan: Plan, { source, steps }: Pipeline): boolean {
  return isFixedSource(plan, source) && steps.every((step) => isFixedStep(plan, step));
}

function isFixedSource(plan: Plan, source: Pipeline["source"]): boolean {
  switch (source.op) {
    case "function":
      return isWatchlist(source.name);
    case "datatable":
    case "given":
      return true;
    case "shared": {
      const shared = plan.tables[source.table];
      return shared !== undefined && isFixed(plan, shared);
    }
    case "union":
      return source.inputs.every(({ pipeline }) => isFixed(plan, pipeline));
    case "print":
      return source.items.every(({ value }) => isRepeatable(plan, value));
    case "range":
      return [source.from, source.to, source.step].every((bound) => isRepeatable(plan, bound));
    default:
      return false;
  }
}

/** Functions whose rows change at known times only. */
function isWatchlist(name: string): boolean {
  return name.startsWith("_GetWatchlist");
}

function isFixedStep(plan: Plan, step: Step): boolean {
  if (!innerPipelines(step).every((inner) => isFixed(plan, inner))) return false;
  return expressionsOf(step).every((expression) => isRepeatable(plan, expression));
}

/** Whether an expression has one value per row, whichever rows are around it and whenever it is asked. */
function isSteady(plan: Plan, expression: Expression): boolean {
  return isRepeatable(plan, expression) && !calls(expression, POSITIONAL);
}

/** Whether an expression has the same value in every run over the same rows. */
function isRepeatable(plan: Plan, expression: Expression): boolean {
  if (calls(expression, VOLATILE)) return false;
  return tablesRead(expression).every((table) => {
    const pipeline = plan.tables[table];
    return pipeline !== undefined && isFixed(plan, pipeline);
  });
}

function calls(expression: Expression, functions: ReadonlySet<string>): boolean {
  if (expression.k === "call" && functions.has(expression.fn)) return true;
  return partsOf(expression).some((part) => calls(part, functions));
}

/** Numbered pipelines that an expression takes a value or a list from. */
function tablesRead(expression: Expression): number[] {
  const own = expression.k === "scalar" || expression.k === "list" ? [expression.table] : [];
  return [...own, ...partsOf(expression).flatMap(tablesRead)];
}

function partsOf(expression: Expression): Expression[] {
  if (expression.k === "call") return expression.args;
  if (expression.k === "element") return [expression.of, expression.by];
  return "of" in expression ? [expression.of] : [];
}
