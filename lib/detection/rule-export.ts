import "server-only";
import { expandRule, RULE_KINDS, RULES, type RuleKind } from "./expand";
import type { RuleHeader } from "./header";

/** An analytics rule as ARM takes it: `PUT {workspace}/providers/Microsoft.SecurityInsights/alertRules/{name}`. */
export interface RuleBody {
  /** The rule's id in the workspace, a GUID that never changes. */
  name: string;
  kind: RuleKind;
  properties: Record<string, unknown>;
}

/**
 * Every analytics rule of this product, ready for ARM. Each rule comes in two bodies made from one source: near-real-time,
 * which is on, and scheduled, which is off and there for workspaces that have used up their near-real-time rules.
 */
export function ruleBodies(alias = "HoneyTokens"): RuleBody[] {
  return RULES.flatMap((file) =>
    RULE_KINDS.map((kind): RuleBody => {
      const { header, query } = expandRule(file, kind, alias);
      return { name: header.bodies[kind].id, kind, properties: propertiesOf(header, kind, query) };
    }),
  );
}

function propertiesOf(header: RuleHeader, kind: RuleKind, query: string): Record<string, unknown> {
  return {
    displayName: kind === "NRT" ? header.title : `${header.title} (scheduled)`,
    description: header.description,
    severity: header.severity,
    enabled: header.bodies[kind].enabled,
    query,
    ...(kind === "Scheduled" && schedule(header)),
    suppressionDuration: "PT5H",
    suppressionEnabled: false,
    tactics: header.tactics,
    techniques: header.techniques,
    incidentConfiguration: {
      createIncident: true,
      groupingConfiguration: {
        enabled: true,
        // A closed incident stays closed: a new touch is a new incident, and nobody overlooks it.
        reopenClosedIncident: false,
        lookbackDuration: "PT5H",
        matchingMethod: "Selected",
        groupByEntities: ["AzureResource"],
        groupByAlertDetails: [],
        groupByCustomDetails: header.groupBy,
      },
    },
    eventGroupingSettings: { aggregationKind: "AlertPerResult" },
    alertDetailsOverride: {
      alertDisplayNameFormat: header.alertName,
      alertDescriptionFormat: header.alertText,
      alertSeverityColumnName: "Severity",
    },
    customDetails: Object.fromEntries(header.details.map((column) => [column, column])),
    entityMappings: header.entities.map((entity) => ({
      entityType: entity.type,
      fieldMappings: entity.fields.map(({ identifier, column }) => ({ identifier, columnName: column })),
    })),
  };
}

function schedule(header: RuleHeader): Record<string, unknown> {
  return {
    queryFrequency: header.bodies.Scheduled.frequency,
    queryPeriod: header.bodies.Scheduled.period,
    triggerOperator: "GreaterThan",
    triggerThreshold: 0,
  };
}
