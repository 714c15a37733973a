import { KqlError } from "../errors";
import { findAggregate } from "../run/aggregates/registry";
import { findFunction } from "../run/functions/registry";
import type { Expression, Pipeline, Plan, Step } from "./plan";

/**
 * Refuses a plan that asks for a function or an aggregate that the engine lacks, before anything runs: a wrong empty
 * answer in a detection test would be worse than none.
 * @throws KqlError `NotSupported` with the name.
 */
export function checkPlan(plan: Plan): void {
  for (const pipeline of [...plan.tables, plan.main]) checkPipeline(pipeline);
}

function checkPipeline({ source, steps }: Pipeline): void {
  if (source.op === "union") for (const input of source.inputs) checkPipeline(input.pipeline);
  if (source.op === "print") for (const item of source.items) checkExpression(item.value);
  if (source.op === "range") [source.from, source.to, source.step].forEach(checkExpression);
  for (const step of steps) {
    if ("right" in step) checkPipeline(step.right);
    if ("body" in step) checkPipeline(step.body);
    if (step.op === "summarize") step.aggregates.forEach(checkAggregate);
    expressionsOf(step).forEach(checkExpression);
  }
}

function checkAggregate({ fn, args, at }: { fn: string; args: Expression[]; at: number }): void {
  if (!findAggregate(fn)) throw new KqlError("NotSupported", `aggregate '${fn}' is not supported by this engine`, at);
  args.forEach(checkExpression);
}

/** The expressions of a step, those of inner pipelines and aggregates left out. */
function expressionsOf(step: Step): Expression[] {
  switch (step.op) {
    case "where":
      return [step.predicate];
    case "extend":
    case "project":
    case "serialize":
      return step.items.map((item) => item.value);
    case "distinct":
      return step.items === "*" ? [] : step.items.map((item) => item.value);
    case "summarize": {
      const outputs = step.outputs.flatMap((output) => ("value" in output ? [output.value] : []));
      return [...step.by.map((item) => item.value), ...outputs];
    }
    case "sort":
      return step.by.map((key) => key.value);
    case "top":
      return [step.count, ...step.by.map((key) => key.value)];
    case "take":
      return [step.count];
    case "join":
    case "lookup":
      return step.on.flatMap((key) => [key.left, key.right]);
    case "mv-expand":
    case "mv-apply":
      return [...step.items.map((item) => item.value), ...(step.limit ? [step.limit] : [])];
    case "parse":
      return [step.value];
    default:
      return [];
  }
}

function checkExpression(expression: Expression): void {
  if (expression.k === "call") {
    if (!findFunction(expression.fn)) {
      throw new KqlError("NotSupported", `function '${expression.fn}' is not supported by this engine`, expression.at);
    }
    expression.args.forEach(checkExpression);
  }
  if ("of" in expression) checkExpression(expression.of);
  if (expression.k === "element") checkExpression(expression.by);
}
