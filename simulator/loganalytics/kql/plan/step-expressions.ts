import type { Expression, Step } from "./plan";

/** The expressions of a step, aggregates' arguments included, those of inner pipelines left out. */
export function expressionsOf(step: Step): Expression[] {
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
      const args = step.aggregates.flatMap((aggregate) => aggregate.args);
      return [...step.by.map((item) => item.value), ...outputs, ...args];
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

/** The aggregates that a step calls. */
export function aggregatesOf(step: Step) {
  return step.op === "summarize" ? step.aggregates : [];
}

/** Pipelines that stand inside a step. */
export function innerPipelines(step: Step) {
  return [...("right" in step ? [step.right] : []), ...("body" in step ? [step.body] : [])];
}
