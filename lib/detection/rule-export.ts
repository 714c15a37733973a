import "server-only";
import { expandRule, type RuleFile, type RuleKind, ruleVariants } from "./expand";
import type { RuleHeader } from "./header";
import { type RuleParameters, UNFILLED } from "./parameters";

/** An analytics rule as ARM takes it: `PUT {workspace}/providers/Microsoft.SecurityInsights/alertRules/{name}`. */
export interface RuleBody {
  /** The rule's id in the workspace, a GUID that never changes. */
  name: string;
  kind: RuleKind;
  properties: Record<string, unknown>;
}

/** A body with where it comes from. */
export interface PackRule extends RuleBody {
  file: RuleFile;
  header: RuleHeader;
}

/**
 * Every analytics rule of this product, ready for ARM. Most come in two bodies made from one source: near-real-time,
 * which is on, and scheduled, which is off and there for workspaces that have used up their near-real-time rules. What has
 * to look back further than a minute is scheduled only.
 */
export function ruleBodies(parameters: RuleParameters = UNFILLED): PackRule[] {
  return ruleVariants().map(({ file, kind }) => {
    const { header, query } = expandRule(file, kind, parameters);
    const { id = "" } = header.bodies[kind] ?? {};
    return { file, header, name: id, kind, properties: propertiesOf(header, kind, query) };
  });
}

/** Ids of all of these rules, or of one file's, lower case: what tells our alerts and incidents from others, whatever they are called. */
export function ruleIds(of?: RuleFile): string[] {
  return ruleBodies().flatMap(({ file, name }) => (of === undefined || file === of ? [name.toLowerCase()] : []));
}

/** Ids of those whose alerts name the honeytokens that were touched, lower case. */
export function ruleIdsNamingTouched(): string[] {
  return ruleBodies().flatMap(({ name, header }) => (header.details.includes("TokenKeys") ? [name.toLowerCase()] : []));
}

/** Ids of those that say of somebody that they were at what a vault keeps, lower case; others tell of settings or silence. */
export function ruleIdsAboutAccess(): string[] {
  const readThrough = ruleBodies().filter(({ file }) => file === "honeytoken-list-then-get");
  return [...ruleIdsNamingTouched(), ...readThrough.map(({ name }) => name.toLowerCase())];
}

/** What a simulated tenant starts with: a file for each rule, with marks where that tenant puts its own ids. */
export function ruleFiles(): { name: string; text: string }[] {
  return ruleBodies().map(({ name, kind, properties }) => ({
    name: `${name}.json`,
    text: JSON.stringify({ name, kind, properties }, null, 2),
  }));
}

function propertiesOf(header: RuleHeader, kind: RuleKind, query: string): Record<string, unknown> {
  return {
    displayName: kind === "Scheduled" && header.bodies.NRT ? `${header.title} (scheduled)` : header.title,
    description: header.description,
    severity: header.severity,
    enabled: header.bodies[kind]?.enabled === true,
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
        lookbackDuration: header.groupFor,
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
