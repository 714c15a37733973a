import type { Aggregate, Expression, Step } from "./plan";

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
    case "parse-kv":
      return [step.value];
    case "make-series": {
      const range = [step.from, step.to, step.step].flatMap((each) => each ?? []);
      const series = step.series.flatMap(({ value, fallback }) => (fallback ? [value, fallback] : [value]));
      return [
        ...step.by.map((item) => item.value),
        step.on.value,
        ...range,
        ...series,
        ...argumentsOf(step.aggregates),
      ];
    }
    case "top-nested":
      return step.levels.flatMap(({ count, of, value, aggregates }) => [
        ...(count ? [count] : []),
        of.value,
        value,
        ...argumentsOf(aggregates),
      ]);
    case "partition":
      return [step.by];
    case "sample":
      return [step.count];
    case "pivot":
      return argumentsOf([step.aggregate]);
    default:
      return [];
  }
}

function argumentsOf(aggregates: readonly Aggregate[]): Expression[] {
  return aggregates.flatMap((aggregate) => aggregate.args);
}

/** The aggregates that a step calls. */
export function aggregatesOf(step: Step): readonly Aggregate[] {
  if (step.op === "summarize" || step.op === "make-series") return step.aggregates;
  if (step.op === "top-nested") return step.levels.flatMap((level) => level.aggregates);
  return step.op === "pivot" ? [step.aggregate] : [];
}

/** Pipelines that stand inside a step. */
export function innerPipelines(step: Step) {
  return [...("right" in step ? [step.right] : []), ...("body" in step ? [step.body] : [])];
}
