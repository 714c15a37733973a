import { z } from "zod";
import { Label } from "./texts";

/*
 * Parts of an analytics rule that are settings of its alerts and incidents. Limits: Microsoft Learn, "Customize alert
 * details" and "Group alerts into incidents".
 */

const COLUMNS_MAX = 3;

/** Text with at most three `{{Column}}`. */
function format(most: number) {
  return z
    .string()
    .max(most)
    .refine(
      (text) => new Set(text.match(/\{\{[^{}]*\}\}/g)).size <= COLUMNS_MAX,
      `must name at most ${COLUMNS_MAX} columns`,
    )
    .nullish();
}

const ALERT_PROPERTIES = [
  ...["AlertLink", "ConfidenceLevel", "ConfidenceScore", "ExtendedLinks", "ProductName", "ProviderName"],
  ...["ProductComponentName", "RemediationSteps", "Techniques", "SubTechniques"],
];

export const AlertDetailsOverride = z.object({
  alertDisplayNameFormat: format(256),
  alertDescriptionFormat: format(5000),
  alertTacticsColumnName: Label.nullish(),
  alertSeverityColumnName: Label.nullish(),
  alertDynamicProperties: z.array(z.object({ alertProperty: z.enum(ALERT_PROPERTIES), value: Label.min(1) })).nullish(),
});

/** @param lookback Checks an ISO 8601 duration. */
export function incidentConfiguration(lookback: z.ZodType<string>) {
  const grouping = z.object({
    enabled: z.boolean(),
    reopenClosedIncident: z.boolean(),
    lookbackDuration: lookback,
    matchingMethod: z.enum(["AllEntities", "AnyAlert", "Selected"]),
    groupByEntities: z.array(Label.min(1)).nullish(),
    groupByAlertDetails: z.array(z.enum(["DisplayName", "Severity"])).nullish(),
    groupByCustomDetails: z.array(Label.min(1)).nullish(),
  });
  return z.object({ createIncident: z.boolean(), groupingConfiguration: grouping.nullish() });
}

interface Grouped {
  entityMappings?: { entityType: string }[] | null | undefined;
  customDetails?: Record<string, string> | null | undefined;
  incidentConfiguration?: z.infer<ReturnType<typeof incidentConfiguration>> | null | undefined;
}

/** What is wrong with the groups of a rule's incidents; undefined when nothing is. */
export function groupingFault({ entityMappings, customDetails, incidentConfiguration }: Grouped): string | undefined {
  const grouping = incidentConfiguration?.groupingConfiguration;
  if (grouping?.matchingMethod !== "Selected") return undefined;
  const { groupByEntities, groupByAlertDetails, groupByCustomDetails } = grouping;
  const lists = [groupByEntities, groupByAlertDetails, groupByCustomDetails];
  if (lists.every((list) => !list?.length)) {
    return "must name entities, alert details or custom details to group by when the matching method is Selected";
  }
  const mapped = new Set(entityMappings?.map(({ entityType }) => entityType.toLowerCase()));
  const unmapped = groupByEntities?.find((type) => !mapped.has(type.toLowerCase()));
  if (unmapped !== undefined) return `groups by the entity '${unmapped}', which the rule does not map`;
  const known = new Set(Object.keys(customDetails ?? {}));
  const unknown = groupByCustomDetails?.find((key) => !known.has(key));
  return unknown === undefined ? undefined : `groups by the custom detail '${unknown}', which the rule does not have`;
}
