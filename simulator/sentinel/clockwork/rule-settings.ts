import { z } from "zod";
import type { AlertRule } from "../../model";
import { durationOf } from "../rule-rules";

/*
 * What a rule's document says, in the form that the clockwork works with. Documents were checked when they were written;
 * what the world or an older version put there and cannot be read makes a rule that does not run.
 */

/** Names that one alert detail, entity type or custom detail is grouped by. */
const Names = z
  .array(z.string())
  .nullish()
  .transform((names) => names ?? []);

const Duration = z.string().transform((text, issues) => {
  const milliseconds = durationOf(text);
  if (milliseconds !== undefined) return milliseconds;
  issues.addIssue("not a duration");
  return z.NEVER;
});

const Grouping = z.object({
  enabled: z.boolean(),
  reopenClosedIncident: z.boolean(),
  lookbackDuration: Duration,
  matchingMethod: z.enum(["AllEntities", "AnyAlert", "Selected"]),
  groupByEntities: Names,
  groupByAlertDetails: Names,
  groupByCustomDetails: Names,
});

const Override = z.object({
  alertDisplayNameFormat: z.string().nullish(),
  alertDescriptionFormat: z.string().nullish(),
  alertTacticsColumnName: z.string().nullish(),
  alertSeverityColumnName: z.string().nullish(),
  alertDynamicProperties: z.array(z.object({ alertProperty: z.string(), value: z.string() })).nullish(),
});

const Mapping = z.object({
  entityType: z.string(),
  fieldMappings: z.array(z.object({ identifier: z.string(), columnName: z.string() })),
});

const Settings = z.object({
  displayName: z.string(),
  description: z.string().nullish(),
  enabled: z.boolean(),
  severity: z.enum(["High", "Medium", "Low", "Informational"]),
  query: z.string(),
  suppressionEnabled: z.boolean(),
  suppressionDuration: Duration,
  tactics: Names,
  techniques: Names,
  entityMappings: z.array(Mapping).nullish(),
  customDetails: z.record(z.string(), z.string()).nullish(),
  alertDetailsOverride: Override.nullish(),
  eventGroupingSettings: z.object({ aggregationKind: z.enum(["SingleAlert", "AlertPerResult"]) }).nullish(),
  incidentConfiguration: z.object({ createIncident: z.boolean(), groupingConfiguration: Grouping.nullish() }).nullish(),
});

const Schedule = z.object({
  queryFrequency: Duration,
  queryPeriod: Duration,
  triggerOperator: z.enum(["GreaterThan", "LessThan", "Equal", "NotEqual"]),
  triggerThreshold: z.number(),
  startTimeUtc: z.string().nullish(),
});

export type RuleSettings = z.infer<typeof Settings> & {
  /** Absent: near real time. Durations in milliseconds. */
  schedule?: z.infer<typeof Schedule>;
};

export type GroupingSettings = z.infer<typeof Grouping>;

/** Rules are replaced, never changed in place, so what was read of one stays true. */
const known = new WeakMap<AlertRule, RuleSettings | "unreadable">();

/** The settings of a query rule; undefined for other kinds and for what cannot be read. */
export function settingsOf(rule: AlertRule): RuleSettings | undefined {
  let settings = known.get(rule);
  if (settings === undefined) {
    settings = read(rule) ?? "unreadable";
    known.set(rule, settings);
  }
  return settings === "unreadable" ? undefined : settings;
}

function read(rule: AlertRule): RuleSettings | undefined {
  if (rule.kind !== "NRT" && rule.kind !== "Scheduled") return undefined;
  const settings = Settings.safeParse(rule.properties);
  if (!settings.success) return undefined;
  if (rule.kind === "NRT") return settings.data;
  const schedule = Schedule.safeParse(rule.properties);
  return schedule.success ? { ...settings.data, schedule: schedule.data } : undefined;
}

/** Whether a run with so many results raises alerts. */
export function triggers({ schedule }: RuleSettings, results: number): boolean {
  if (!schedule) return results > 0;
  const { triggerOperator, triggerThreshold } = schedule;
  switch (triggerOperator) {
    case "GreaterThan":
      return results > triggerThreshold;
    case "LessThan":
      return results < triggerThreshold;
    case "Equal":
      return results === triggerThreshold;
    case "NotEqual":
      return results !== triggerThreshold;
  }
}
