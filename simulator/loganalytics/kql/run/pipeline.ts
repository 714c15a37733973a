import { type Needs, needsOf } from "../plan/needs";
import type { Pipeline, Step } from "../plan/plan";
import { tablesInExpressions } from "../plan/uses";
import type { Column } from "../types";
import type { Execution } from "./execution";
import { bagUnpack } from "./operators/bag-unpack";
import { count, getSchema } from "./operators/count";
import { distinct } from "./operators/distinct";
import { extend, project } from "./operators/extend";
import { join } from "./operators/join";
import { lookup } from "./operators/lookup";
import { makeSeries } from "./operators/make-series";
import { mvApply, mvExpand } from "./operators/mv-expand";
import { parse } from "./operators/parse";
import { parseKv } from "./operators/parse-kv";
import { partition } from "./operators/partition";
import { narrow, pivot } from "./operators/pivot";
import { sample } from "./operators/sample";
import { selectColumns } from "./operators/select";
import { sort, take, top } from "./operators/sort";
import { summarize } from "./operators/summarize";
import { topNested } from "./operators/top-nested";
import { where } from "./operators/where";
import { PIECE, runPieces } from "./pieces";
import type { PreparedStep, PreparedSteps, Toolkit } from "./prepared";
import { LazyRelation, type Relation } from "./relation";
import type { Slices } from "./slices";
import { calledTable, runSource } from "./source";

/** Makes a step ready for rows of known columns. */
function* prepareStep(step: Step, columns: readonly Column[], toolkit: Toolkit): Slices<PreparedStep> {
  switch (step.op) {
    case "where":
      return where(step, columns, toolkit);
    case "extend":
    case "serialize":
      return extend(step, columns, toolkit);
    case "project":
      return project(step, columns, toolkit);
    case "project-away":
    case "project-keep":
    case "project-rename":
    case "project-reorder":
      return selectColumns(step, columns, toolkit);
    case "summarize":
      return summarize(step, columns, toolkit);
    case "distinct":
      return distinct(step, columns, toolkit);
    case "count":
      return count(step);
    case "sort":
      return sort(step, columns, toolkit);
    case "top":
      return top(step, columns, toolkit);
    case "take":
      return take(step, columns, toolkit);
    case "join":
      return yield* join(step, columns, toolkit);
    case "lookup":
      return yield* lookup(step, columns, toolkit);
    case "mv-expand":
      return mvExpand(step, columns, toolkit);
    case "mv-apply":
      return yield* mvApply(step, columns, toolkit);
    case "parse":
      return parse(step, columns, toolkit);
    case "make-series":
      return makeSeries(step, columns, toolkit);
    case "top-nested":
      return topNested(step, columns, toolkit);
    case "partition":
      return yield* partition(step, columns, toolkit);
    case "sample":
      return sample(step, columns, toolkit);
    case "pivot":
      return pivot(step, columns, toolkit);
    case "narrow":
      return narrow(columns, toolkit);
    case "parse-kv":
      return parseKv(step, columns, toolkit);
    case "getschema":
      return getSchema(columns);
    case "bag-unpack":
      return bagUnpack(step, columns, toolkit);
  }
}

/** Makes steps ready one after another, as far as their columns are known without looking at rows. */
function* prepareSteps(steps: readonly Step[], columns: readonly Column[], toolkit: Toolkit): Slices<PreparedSteps> {
  const prepared: PreparedStep[] = [];
  let known = columns;
  for (const [at, step] of steps.entries()) {
    const rest = steps.slice(at + 1);
    const next = yield* prepareStep(step, known, { ...toolkit, needs: needsOf(rest, toolkit.needs) });
    prepared.push({ ...next, name: step.op });
    if (next.columns === undefined) {
      return {
        columns: undefined,
        *run(input) {
          const middle = yield* runAll(prepared, input, toolkit.execution);
          const others = yield* prepareSteps(rest, middle.columns, toolkit);
          return yield* others.run(middle);
        },
      };
    }
    known = next.columns;
  }
  return { columns: known, run: (input) => runAll(prepared, input, toolkit.execution) };
}

function* runAll(steps: readonly PreparedStep[], input: Relation, execution: Execution): Slices<Relation> {
  let relation = input;
  for (let at = 0; at < steps.length; ) {
    execution.budget.checkTime();
    if (execution.budget.isDue()) yield;
    let end = at;
    while (steps[end]?.piecewise) end++;
    const gather = steps[end]?.gather;
    if (relation.length > PIECE && (end > at || gather)) {
      relation = yield* runPieces(steps.slice(at, end), gather?.(), steps[end]?.name ?? "", relation, execution);
      at = gather ? end + 1 : end;
    } else {
      const step = steps[at];
      execution.budget.operator = step?.name ?? "";
      if (step) relation = step.run(relation);
      at++;
    }
    if (!(relation instanceof LazyRelation)) execution.budget.output(relation.length, relation.columns.length);
  }
  return relation;
}

/** Runs a pipeline from its source to its last step, or takes over what an earlier run of the plan made of the same rows. */
export function* runPipeline(
  pipeline: Pipeline,
  execution: Execution,
  needs: Needs = undefined,
  following: readonly Step[] = [],
): Slices<Relation> {
  const { reuse } = execution;
  if (pipeline.source.op !== "function" || !reuse?.mayKeep(pipeline)) {
    return yield* runAnew(pipeline, execution, needs, following);
  }
  const table = calledTable(pipeline.source, execution);
  const known = reuse.find(pipeline, table, needs);
  if (known) return known;
  const made = yield* runAnew(pipeline, execution, needs, following);
  return reuse.keep(pipeline, table, needs, made);
}

function* runAnew(
  pipeline: Pipeline,
  execution: Execution,
  needs: Needs,
  following: readonly Step[],
): Slices<Relation> {
  // Expressions are made ready without a pause, so what they read of other pipelines is there before.
  for (const table of tablesInExpressions(pipeline)) yield* execution.share(table);
  const toolkit: Toolkit = {
    execution,
    prepare: prepareSteps,
    needs,
    following: [...pipeline.steps, ...following],
    run: (inner, innerNeeds, innerFollowing) => runPipeline(inner, execution, innerNeeds, innerFollowing),
  };
  const source = yield* runSource(pipeline.source, { ...toolkit, needs: needsOf(pipeline.steps, needs) });
  const steps = yield* prepareSteps(pipeline.steps, source.columns, { ...toolkit, following });
  return yield* steps.run(source);
}
