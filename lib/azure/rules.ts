import "server-only";
import type { AlertRuleUnion } from "@azure/arm-securityinsight";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { drain } from "./clients";
import { toAppError } from "./parse-error";
import { sentinelOf } from "./sentinel";

export interface AlertRule {
  /** The rule's id: the last segment of its ARM id. */
  name: string;
  kind: string;
  /** Changes with every write; empty when the service sent none. */
  etag: string;
  enabled: boolean;
  /** Empty for kinds without a query. */
  query: string;
  /** All properties as the service sent them, for comparing with what we deployed. */
  properties: Record<string, unknown>;
}

const Rule = z.object({
  name: z.string(),
  kind: z.string(),
  etag: z.string().default(""),
  properties: z.record(z.string(), z.unknown()),
});
const Page = z.object({ value: z.array(Rule) });

/**
 * All analytics rules of the workspace (ARM id), to the last page.
 * Read from the raw answers: the SDK drops every property that is newer than itself, and a changed rule must be seen.
 */
export async function listAlertRules(azure: AzureAccess, workspaceId: string): Promise<AlertRule[]> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  const pages: string[] = [];
  try {
    await drain(
      client.alertRules.list(resourceGroup, name, {
        onResponse: (response) => {
          if (response.status === 200) pages.push(response.bodyAsText ?? "");
        },
      }),
    );
    return pages.flatMap((text) => Page.parse(JSON.parse(text)).value).map(ruleOf);
  } catch (error) {
    throw toAppError(error, "list the analytics rules");
  }
}

function ruleOf({ name, kind, etag, properties }: z.infer<typeof Rule>): AlertRule {
  return {
    name,
    kind,
    etag,
    enabled: properties.enabled === true,
    query: typeof properties.query === "string" ? properties.query : "",
    properties,
  };
}

/** A rule as it is to be written; `properties` are those of its kind, durations in ISO 8601. */
export interface RuleToWrite {
  /** The rule's id, a GUID. */
  name: string;
  kind: "NRT" | "Scheduled";
  /** That of the rule as it was looked at: a rule that was changed since stays as it is. Left out = there was none. */
  etag?: string;
  properties: Record<string, unknown>;
}

/**
 * Writes a rule whole, and answers with it as the service has it now. The service runs the query once before it takes it.
 * Throws AppError, `conflict` when the rule was changed since `etag`.
 */
export async function putAlertRule(azure: AzureAccess, workspaceId: string, rule: RuleToWrite): Promise<AlertRule> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  let text = "";
  try {
    await client.alertRules.createOrUpdate(resourceGroup, name, rule.name, bodyOf(rule), {
      onResponse: (response) => {
        text = response.bodyAsText ?? "";
      },
    });
    return ruleOf(Rule.parse(JSON.parse(text)));
  } catch (error) {
    throw toAppError(error, "write an analytics rule");
  }
}

/** In the SDK's own shape: its serializer sends what it knows of each kind. */
function bodyOf({ kind, etag, properties }: RuleToWrite): AlertRuleUnion {
  const common = { ...CommonProperties.parse(properties), ...(etag !== undefined && { etag }) };
  return kind === "NRT" ? { kind, ...common } : { kind, ...common, ...Schedule.parse(properties) };
}

const Text = z.string();
const CommonProperties = z.object({
  displayName: Text,
  description: Text,
  severity: z.enum(["High", "Medium", "Low", "Informational"]),
  enabled: z.boolean(),
  query: Text,
  suppressionDuration: Text,
  suppressionEnabled: z.boolean(),
  tactics: z.array(Text),
  techniques: z.array(Text),
  incidentConfiguration: z.object({
    createIncident: z.boolean(),
    groupingConfiguration: z.object({
      enabled: z.boolean(),
      reopenClosedIncident: z.boolean(),
      lookbackDuration: Text,
      matchingMethod: Text,
      groupByEntities: z.array(Text),
      groupByAlertDetails: z.array(Text),
      groupByCustomDetails: z.array(Text),
    }),
  }),
  eventGroupingSettings: z.object({ aggregationKind: Text }),
  alertDetailsOverride: z.object({
    alertDisplayNameFormat: Text,
    alertDescriptionFormat: Text,
    alertSeverityColumnName: Text,
  }),
  customDetails: z.record(Text, Text),
  entityMappings: z.array(
    z.object({ entityType: Text, fieldMappings: z.array(z.object({ identifier: Text, columnName: Text })) }),
  ),
});
const Schedule = z.object({
  queryFrequency: Text,
  queryPeriod: Text,
  triggerOperator: z.enum(["GreaterThan", "LessThan", "Equal", "NotEqual"]),
  triggerThreshold: z.number(),
});
