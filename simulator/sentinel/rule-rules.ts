import { z } from "zod";
import { badRequest } from "../arm/errors";
import { bodyFault } from "../body-fault";
import { ENTITY_TYPES, identifierFault } from "./entity-types";
import { AlertDetailsOverride, groupingFault, incidentConfiguration } from "./rule-parts";
import { Label } from "./texts";

/*
 * What Sentinel accepts as a query-based analytics rule. Limits: Microsoft Learn, "Microsoft Sentinel service limits"
 * and "Create scheduled analytics rules".
 */

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Milliseconds of an ISO 8601 duration in days, hours, minutes and seconds; undefined when it is not one. */
export function durationOf(text: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match || text === "P" || text.endsWith("T")) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? "0"));
  return days * DAY + hours * 60 * MINUTE + minutes * MINUTE + seconds * 1000;
}

function duration(minMs: number, maxMs: number) {
  return z.string().refine(
    (text) => {
      const ms = durationOf(text);
      return ms !== undefined && ms >= minMs && ms <= maxMs;
    },
    `must be an ISO 8601 duration between ${minMs / MINUTE} minutes and ${maxMs / DAY} days`,
  );
}

const TACTICS = [
  ...["Reconnaissance", "ResourceDevelopment", "InitialAccess", "Execution", "Persistence", "PrivilegeEscalation"],
  ...["DefenseEvasion", "CredentialAccess", "Discovery", "LateralMovement", "Collection", "Exfiltration"],
  ...["CommandAndControl", "Impact", "PreAttack", "ImpairProcessControl", "InhibitResponseFunction"],
];

const Query = z
  .string()
  .min(1)
  .max(10_000)
  .refine((text) => !/\b(search|union)\s+\*/.test(text), "must not contain 'search *' or 'union *'");

const common = {
  displayName: z.string().min(1).max(200),
  description: z.string().max(5000).nullish(),
  enabled: z.boolean(),
  severity: z.enum(["High", "Medium", "Low", "Informational"]),
  query: Query,
  suppressionEnabled: z.boolean(),
  suppressionDuration: duration(5 * MINUTE, DAY),
  tactics: z.array(z.enum(TACTICS)).nullish(),
  techniques: z.array(z.string().regex(/^T\d{4}$/)).nullish(),
  entityMappings: z
    .array(
      z.object({
        entityType: z.enum(ENTITY_TYPES),
        fieldMappings: z
          .array(z.object({ identifier: Label.min(1), columnName: Label.min(1) }))
          .min(1)
          .max(3),
      }),
    )
    .max(10)
    .nullish(),
  customDetails: z
    .record(z.string().max(20), Label.min(1))
    .refine((details) => Object.keys(details).length <= 20, "must have at most 20 entries")
    .nullish(),
  incidentConfiguration: incidentConfiguration(duration(5 * MINUTE, 7 * DAY)).nullish(),
  alertDetailsOverride: AlertDetailsOverride.nullish(),
  eventGroupingSettings: z.object({ aggregationKind: z.enum(["SingleAlert", "AlertPerResult"]) }).nullish(),
};

const absent = z.undefined("is not a property of a near-real-time rule").optional();

const Nrt = z.looseObject({
  ...common,
  queryFrequency: absent,
  queryPeriod: absent,
  triggerOperator: absent,
  triggerThreshold: absent,
});

const Scheduled = z
  .looseObject({
    ...common,
    queryFrequency: duration(5 * MINUTE, 14 * DAY),
    queryPeriod: duration(5 * MINUTE, 14 * DAY),
    triggerOperator: z.enum(["GreaterThan", "LessThan", "Equal", "NotEqual"]),
    triggerThreshold: z.int().min(0).max(10_000),
    startTimeUtc: z.iso.datetime({ offset: true }).nullish(),
  })
  .refine(({ queryFrequency, queryPeriod }) => (durationOf(queryPeriod) ?? 0) >= (durationOf(queryFrequency) ?? 0), {
    path: ["queryPeriod"],
    message: "must not be shorter than queryFrequency",
  })
  .refine(
    ({ queryFrequency, queryPeriod }) =>
      (durationOf(queryPeriod) ?? 0) < 2 * DAY || (durationOf(queryFrequency) ?? 0) >= 60 * MINUTE,
    { path: ["queryFrequency"], message: "must be at least one hour when queryPeriod is two days or more" },
  );

export type QueryRuleKind = "NRT" | "Scheduled";

/** The properties of a rule of either kind, checked. */
export type RuleProperties = z.infer<typeof Nrt> | z.infer<typeof Scheduled>;

/** The properties of a rule, as far as they can be checked without its workspace. Throws 400 for the first that does not fit. */
export function checkRule(kind: QueryRuleKind, properties: Record<string, unknown>): RuleProperties {
  const result = (kind === "NRT" ? Nrt : Scheduled).safeParse(properties);
  if (!result.success) {
    throw badRequest(`Invalid Properties for alert rule: ${bodyFault(result.error, properties).message}`);
  }
  const identifier = identifierFault(result.data.entityMappings ?? []);
  // How the service words this is not published; the part's name stands in front as for a column that is not there.
  if (identifier !== undefined) throw badRequest(`Error in EntityMappings: ${identifier}`);
  const grouping = groupingFault(result.data);
  if (grouping !== undefined) {
    throw badRequest(`Invalid Properties for alert rule: 'incidentConfiguration.groupingConfiguration' ${grouping}`);
  }
  return result.data;
}
