import type { Context } from "../../context";
import type { ResultTable } from "../../loganalytics/kql/types";
import type { AlertRule } from "../../model";
import { worldGuid } from "../../world/ids";
import type { SentinelAlert } from "../documents";
import { customDetails, wordingOf } from "./details";
import { entitiesOf } from "./entities";
import { type ResultRow, resultRows } from "./result-rows";
import type { RuleSettings } from "./rule-settings";
import type { Run } from "./schedule";

/** Alerts of one run at most; beyond it the last one stands for all rows. Source: Sentinel service limits. */
const ALERTS_MAX: Readonly<Record<SentinelAlert["ruleKind"], number>> = { Scheduled: 150, NRT: 30 };

interface Raised {
  context: Context;
  rule: AlertRule;
  settings: RuleSettings;
  run: Run;
  result: ResultTable;
}

/** The alerts that the result of one run raises: one for all rows, or one each up to the limit and one for all of them. */
export function alertsOfRun(raised: Raised): SentinelAlert[] {
  const rows = resultRows(raised.result);
  return groupsOf(raised.settings, rows).map((group, place) => alertOf(raised, group, place));
}

function groupsOf(settings: RuleSettings, rows: ResultRow[]): ResultRow[][] {
  if (settings.eventGroupingSettings?.aggregationKind !== "AlertPerResult" || rows.length === 0) return [rows];
  const most = ALERTS_MAX[kindOf(settings)];
  if (rows.length <= most) return rows.map((row) => [row]);
  return [...rows.slice(0, most - 1).map((row) => [row]), rows];
}

function kindOf({ schedule }: RuleSettings): SentinelAlert["ruleKind"] {
  return schedule ? "Scheduled" : "NRT";
}

function alertOf({ context, rule, settings, run, result }: Raised, rows: ResultRow[], place: number): SentinelAlert {
  const key = `${rule.workspaceId.toLowerCase()}/${rule.ruleId.toLowerCase()}/${run.until}/${place}`;
  const times = rows.flatMap((row) => row.time("TimeGenerated") ?? []);
  return {
    workspaceId: rule.workspaceId,
    systemAlertId: worldGuid(context, `alert/${key}/${JSON.stringify(rows.slice(0, 1).map(({ texts }) => texts))}`),
    vendorOriginalId: worldGuid(context, `alert of vendor/${key}`),
    ruleId: rule.ruleId,
    ruleKind: kindOf(settings),
    ...wordingOf(settings, rows),
    // The window of the run, where the result says nothing of when things happened.
    startTime: earliest(times) ?? run.after,
    endTime: latest(times) ?? run.until,
    processedAt: run.at,
    entities: entitiesOf(settings, rows),
    customDetails: customDetails(settings, rows),
    query: settings.query,
    eventCount: rows.length,
    extendedProperties: extendedProperties(rule, settings, run, result.rows.length),
  };
}

function earliest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}

const OPERATORS = { GreaterThan: "Greater Than", LessThan: "Less Than", Equal: "Equal", NotEqual: "Not Equal" };

function extendedProperties(rule: AlertRule, settings: RuleSettings, run: Run, results: number) {
  const { schedule } = settings;
  const aggregation = settings.eventGroupingSettings?.aggregationKind ?? "SingleAlert";
  return {
    "Query Start Time UTC": new Date(run.after).toISOString(),
    "Query End Time UTC": new Date(run.until).toISOString(),
    ...(schedule && {
      "Query Period": spanText(schedule.queryPeriod),
      "Query Frequency": spanText(schedule.queryFrequency),
      "Trigger Operator": OPERATORS[schedule.triggerOperator],
      "Trigger Threshold": String(schedule.triggerThreshold),
    }),
    "Search Query Results Overall Count": String(results),
    "Event Grouping": aggregation,
    "Analytic Rule Ids": JSON.stringify([rule.ruleId]),
    "Analytic Rule Name": settings.displayName,
    ProcessedBySentinel: "True",
    "Alert generation status": "Full alert created",
  };
}

/** `00:05:00`, with days in front where there are any. */
function spanText(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000);
  return `${days > 0 ? `${days}.` : ""}${new Date(milliseconds % 86_400_000).toISOString().slice(11, 19)}`;
}
