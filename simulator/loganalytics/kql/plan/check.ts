import { KqlError } from "../errors";
import { findAggregate } from "../run/aggregates/registry";
import { findFunction } from "../run/functions/registry";
import type { Aggregate, Expression, Pipeline, Plan } from "./plan";
import { aggregatesOf, expressionsOf, innerPipelines } from "./step-expressions";

/**
 * Refuses a plan that asks for a function or an aggregate that the engine lacks, before anything runs: a wrong empty
 * answer in a detection test would be worse than none.
 * @throws KqlError `NotSupported` with the name.
 */
export function checkPlan(plan: Plan): void {
  for (const pipeline of [...plan.tables, plan.main]) checkPipeline(pipeline);
}

/** Names of the functions in a plan whose answers may differ from the service's. */
export function approximateFunctions(plan: Plan): string[] {
  const names = JSON.stringify(plan).match(/"fn":"[a-z_]+"/g) ?? [];
  const called = new Set(names.map((name) => name.slice(6, -1)));
  return [...called].filter((name) => findFunction(name)?.approximate).sort();
}

function checkPipeline({ source, steps }: Pipeline): void {
  if (source.op === "union") for (const input of source.inputs) checkPipeline(input.pipeline);
  if (source.op === "print") for (const item of source.items) checkExpression(item.value);
  if (source.op === "range") [source.from, source.to, source.step].forEach(checkExpression);
  for (const step of steps) {
    innerPipelines(step).forEach(checkPipeline);
    aggregatesOf(step).forEach(checkAggregate);
    expressionsOf(step).forEach(checkExpression);
  }
}

function checkAggregate({ fn, at }: Aggregate): void {
  if (!findAggregate(fn)) throw new KqlError("NotSupported", `aggregate '${fn}' is not supported by this engine`, at);
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
