import type { Expression, Pipeline, Plan } from "./plan";
import { expressionsOf, innerPipelines } from "./step-expressions";

/** How often each numbered pipeline of a plan is read. */
export function usesOf(plan: Plan): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  for (const pipeline of [...plan.tables, plan.main]) countPipeline(pipeline, uses);
  return uses;
}

/** The numbered pipelines that the expressions of a pipeline read, those of pipelines inside it left out. */
export function tablesInExpressions({ source, steps }: Pipeline): Iterable<number> {
  const found = new Map<number, number>();
  for (const expression of [...expressionsOfSource(source), ...steps.flatMap(expressionsOf)]) {
    countExpression(expression, found);
  }
  return found.keys();
}

function expressionsOfSource(source: Pipeline["source"]): Expression[] {
  if (source.op === "print") return source.items.map((item) => item.value);
  return source.op === "range" ? [source.from, source.to, source.step] : [];
}

function count(table: number, uses: Map<number, number>): void {
  uses.set(table, (uses.get(table) ?? 0) + 1);
}

function countPipeline({ source, steps }: Pipeline, uses: Map<number, number>): void {
  if (source.op === "shared") count(source.table, uses);
  if (source.op === "union") for (const input of source.inputs) countPipeline(input.pipeline, uses);
  for (const expression of expressionsOfSource(source)) countExpression(expression, uses);
  for (const step of steps) {
    for (const inner of innerPipelines(step)) countPipeline(inner, uses);
    for (const expression of expressionsOf(step)) countExpression(expression, uses);
  }
}

function countExpression(expression: Expression, uses: Map<number, number>): void {
  if (expression.k === "scalar" || expression.k === "list") count(expression.table, uses);
  if (expression.k === "call") for (const argument of expression.args) countExpression(argument, uses);
  if ("of" in expression) countExpression(expression.of, uses);
  if (expression.k === "element") countExpression(expression.by, uses);
}
