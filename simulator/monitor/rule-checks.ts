import { z } from "zod";
import { badRequest } from "../arm/errors";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Minutes between two evaluations that the service offers. Source: "Create a log search alert rule", Microsoft Learn. */
const FREQUENCIES = [1, 5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 720, 1440];
const WINDOW_MAX = 2 * DAY;
const DIMENSIONS_MAX = 6;
const DIMENSION_VALUES_MAX = 10_000;
const ACTION_GROUPS_MAX = 5;
const PERIODS_MAX = 6;
/** A rule's properties as text. Source: Azure Monitor limits. */
const SIZE_MAX = 64 * 1024;

/** What no query of a log alert may use. Source: same page. */
const FORBIDDEN = /\b(bag_unpack|narrow)\s*\(|\b(?:evaluate\s+)?pivot\s*\(/i;
/** What a query evaluated each minute may not use either. Source: Azure Monitor limits. */
const FORBIDDEN_EACH_MINUTE = /\b(search|union|take|limit)\b|\bingestion_time\s*\(/i;

const flag = z.boolean().nullish();

const Dimension = z.object({
  name: z.string().min(1).max(260),
  operator: z.enum(["Include", "Exclude"]),
  values: z.array(z.string().max(1024)).min(1).max(DIMENSION_VALUES_MAX),
});

const Condition = z.looseObject({
  criterionType: z.enum(["StaticThresholdCriterion", "DynamicThresholdCriterion"]).nullish(),
  query: z.string().min(1).optional(),
  timeAggregation: z.enum(["Count", "Average", "Minimum", "Maximum", "Total"]).nullish(),
  metricMeasureColumn: z.string().max(260).nullish(),
  resourceIdColumn: z.string().max(260).nullish(),
  dimensions: z.array(Dimension).max(DIMENSIONS_MAX).nullish(),
  operator: z
    .enum(["Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual", "GreaterOrLessThan"])
    .nullish(),
  threshold: z.number().nullish(),
  failingPeriods: z
    .object({
      numberOfEvaluationPeriods: z.int().min(1).max(PERIODS_MAX),
      minFailingPeriodsToAlert: z.int().min(1).max(PERIODS_MAX),
    })
    .nullish(),
});

/** `properties` of a rule as a PUT carries them. */
export const RuleProperties = z.looseObject({
  displayName: z.string().max(256).nullish(),
  description: z.string().max(1024).nullish(),
  severity: z.int().min(0).max(4).nullish(),
  enabled: flag,
  scopes: z.array(z.string().min(1).max(500)).min(1).max(1000),
  evaluationFrequency: z.string().max(100).nullish(),
  windowSize: z.string().max(100).nullish(),
  overrideQueryTimeRange: z.string().max(100).nullish(),
  muteActionsDuration: z.string().max(100).nullish(),
  autoMitigate: flag,
  skipQueryValidation: flag,
  criteria: z.object({ allOf: z.array(Condition).length(1) }),
  actions: z
    .looseObject({
      actionGroups: z.array(z.string().min(1).max(1024)).max(ACTION_GROUPS_MAX).nullish(),
      customProperties: z.record(z.string().max(260), z.string().max(1024)).nullish(),
    })
    .nullish(),
});

export type RuleInput = z.infer<typeof RuleProperties>;

/**
 * Throws 400 for a rule that Azure Monitor refuses: a frequency that it does not offer, a window shorter than that or
 * longer than two days, a query with what log alerts cannot run, more of what one-minute rules cannot, an alert rule
 * without threshold. Rows per evaluation of `SimpleLogAlert` count as one-minute rules.
 */
export function checkRule(kind: string, properties: RuleInput): void {
  if (JSON.stringify(properties).length > SIZE_MAX) {
    throw badRequest(`The properties of the rule are larger than ${SIZE_MAX / 1024} KB.`, "BadArgumentError");
  }
  const [condition] = properties.criteria.allOf;
  if (kind === "LogToMetric") return;
  if (condition?.query === undefined) throw badRequest("The condition needs a query.", "BadArgumentError");
  const simple = kind === "SimpleLogAlert";
  const frequency = simple ? MINUTE : checkTimes(properties);
  checkQuery(condition.query, frequency);
  if (simple) return;
  if (condition.threshold == null && condition.criterionType !== "DynamicThresholdCriterion") {
    throw badRequest("The condition needs a threshold.", "BadArgumentError");
  }
  if (!condition.operator) throw badRequest("The condition needs an operator.", "BadArgumentError");
  const { timeAggregation, metricMeasureColumn, failingPeriods } = condition;
  if (timeAggregation && timeAggregation !== "Count" && !metricMeasureColumn) {
    throw badRequest(`The aggregation '${timeAggregation}' needs a metricMeasureColumn.`, "BadArgumentError");
  }
  if (failingPeriods && failingPeriods.minFailingPeriodsToAlert > failingPeriods.numberOfEvaluationPeriods) {
    throw badRequest("minFailingPeriodsToAlert is larger than numberOfEvaluationPeriods.", "BadArgumentError");
  }
}

/** Milliseconds between two evaluations. */
function checkTimes({
  evaluationFrequency,
  windowSize,
  overrideQueryTimeRange,
  muteActionsDuration,
  autoMitigate,
}: RuleInput) {
  const frequency = durationOf("evaluationFrequency", evaluationFrequency);
  const window = durationOf("windowSize", windowSize);
  if (!FREQUENCIES.includes(frequency / MINUTE)) {
    throw badRequest(`The evaluationFrequency '${evaluationFrequency}' is not supported.`, "BadArgumentError");
  }
  if (window < frequency || window > WINDOW_MAX) {
    throw badRequest(
      `The windowSize '${windowSize}' must be at least the evaluationFrequency and at most 2 days.`,
      "BadArgumentError",
    );
  }
  if (overrideQueryTimeRange != null && durationOf("overrideQueryTimeRange", overrideQueryTimeRange) > WINDOW_MAX) {
    throw badRequest("The overrideQueryTimeRange is longer than 2 days.", "BadArgumentError");
  }
  if (muteActionsDuration != null) {
    durationOf("muteActionsDuration", muteActionsDuration);
    if (autoMitigate === true) {
      throw badRequest("muteActionsDuration cannot be set when autoMitigate is true.", "BadArgumentError");
    }
  }
  return frequency;
}

function checkQuery(query: string, frequency: number): void {
  const code = query.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/[^\n]*/g, " ");
  const forbidden = FORBIDDEN.exec(code) ?? (frequency <= MINUTE ? FORBIDDEN_EACH_MINUTE.exec(code) : null);
  if (forbidden) {
    throw badRequest(
      `The query uses '${forbidden[0].trim()}', which a rule of this frequency does not support.`,
      "BadArgumentError",
    );
  }
}

/** Milliseconds of an ISO 8601 duration of days, hours, minutes and seconds. */
function durationOf(field: string, text: string | null | undefined): number {
  const match = /^P(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/.exec(text ?? "");
  const [, days, hours, minutes, seconds] = match ?? [];
  const total =
    Number(days ?? 0) * DAY +
    Number(hours ?? 0) * 60 * MINUTE +
    Number(minutes ?? 0) * MINUTE +
    Number(seconds ?? 0) * 1000;
  if (!match || total <= 0)
    throw badRequest(`The value '${text ?? ""}' of ${field} is not a duration.`, "BadArgumentError");
  return total;
}

/** Whether a rule counts against the limit of one-minute rules. */
export function runsEachMinute(kind: string, frequency: unknown): boolean {
  return kind === "SimpleLogAlert" || frequency === "PT1M" || frequency === "PT60S";
}
