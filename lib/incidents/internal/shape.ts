import "server-only";
import { z } from "zod";
import { textsIn } from "@/lib/azure/alert-details.pure";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import { byTouches, type ToldTouches } from "@/lib/detection/repeats.pure";
import { type AlertRow, type IncidentList, type IncidentRow, SEVERITIES, STATUSES } from "../list.pure";
import { entitiesIn } from "./entities";

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const time = z.iso.datetime({ offset: true });
const ids = z.array(z.string()).nullish().catch(null);

/** Azure may learn words that this version does not know; an incident must not vanish or look harmless for that. */
const severity = z.enum(SEVERITIES).catch("High");
const status = z.enum(STATUSES).catch("New");

/** A row of queries/incidents.kql. */
export const IncidentColumns = z.object({
  IncidentName: z.string(),
  IncidentNumber: z.number().nullish(),
  Title: text,
  Severity: severity,
  Status: status,
  Classification: text,
  /** The name that a person knows best; empty for nobody. */
  Owner: text,
  CreatedTime: time,
  ModifiedTime: time,
  AlertIds: ids,
});
export type IncidentColumns = z.infer<typeof IncidentColumns>;

/** A row of queries/alerts.kql. The details are what rules put there: lists of texts, a list in a cell as JSON text. */
export const AlertColumns = z.object({
  SystemAlertId: z.string(),
  /** Lower-case id of the rule that raised it. */
  RuleId: text,
  AlertSeverity: severity,
  StartTime: time,
  Entities: text,
  Caller: z.unknown(),
  ManagedIdentity: z.unknown(),
  CallerAppId: z.unknown(),
  Decoys: z.unknown(),
  Operations: z.unknown(),
  Touches: z.unknown(),
  FirstTouch: z.unknown(),
  LastTouch: z.unknown(),
});
export type AlertColumns = z.infer<typeof AlertColumns>;

/** Joins the rows of the two queries: which incident holds each alert, and what each alert says. */
export function shapeList(
  incidents: readonly IncidentColumns[],
  alerts: readonly AlertColumns[],
): Pick<IncidentList, "vaults" | "incidents" | "alerts"> {
  const holder = new Map<string, string>();
  for (const { IncidentName, AlertIds } of incidents)
    for (const id of AlertIds ?? []) holder.set(id.toLowerCase(), IncidentName);
  const vaults = new Places();
  const shaped = alerts.map((alert) => {
    const row = alertOf(alert, holder.get(alert.SystemAlertId.toLowerCase()) ?? null, vaults);
    return { row, told: toldBy(alert, row) };
  });
  const once = byTouches(shaped, ({ told }) => told).flatMap(([first]) => (first ? [first.row] : []));
  return { incidents: incidents.map(incidentOf), alerts: once, vaults: vaults.all };
}

function incidentOf(row: IncidentColumns): IncidentRow {
  return {
    id: row.IncidentName,
    number: row.IncidentNumber ?? 0,
    title: row.Title,
    severity: row.Severity,
    status: row.Status,
    classification: row.Classification || null,
    owner: row.Owner || null,
    createdAt: row.CreatedTime,
    changedAt: row.ModifiedTime,
  };
}

function alertOf(alert: AlertColumns, incident: string | null, vaults: Places): AlertRow {
  const entities = entitiesIn(alert.Entities);
  const operations = textsIn(alert.Operations);
  const decoys = textsIn(alert.Decoys);
  const counted = textsIn(alert.Touches).reduce((sum, count) => sum + (Number.parseInt(count, 10) || 0), 0);
  return {
    id: alert.SystemAlertId,
    incident,
    at: new Date(alert.StartTime).toISOString(),
    severity: alert.AlertSeverity,
    vaults: entities.vaults.map((id) => vaults.of(normaliseId(id))),
    callers: callersOf(alert, entities),
    decoys,
    operations,
    // Sentinel drops details beyond its limit of size; a touch without its number is one at least.
    touches: counted > 0 ? counted : decoys.length > 0 && operations.length > 0 ? 1 : 0,
  };
}

/** Who did it, by the name that a person knows best. */
function callersOf(alert: AlertColumns, entities: ReturnType<typeof entitiesIn>): string[] {
  if (entities.accounts.length > 0) return entities.accounts;
  const identities = textsIn(alert.ManagedIdentity).map((id) => id.split("/").at(-1) ?? id);
  return (
    [identities, textsIn(alert.CallerAppId), entities.addresses, textsIn(alert.Caller)].find(
      (names) => names.length > 0,
    ) ?? []
  );
}

/** By which a repeat is known. One that another incident holds stays, so that none of the list is without its alert. */
function toldBy({ RuleId, FirstTouch, LastTouch }: AlertColumns, row: AlertRow): ToldTouches | undefined {
  const first = textsIn(FirstTouch);
  if (first.length === 0) return undefined;
  return {
    rule: RuleId,
    vaults: row.vaults.map(String),
    callers: row.callers,
    first: first.join(),
    last: textsIn(LastTouch).join(),
    touches: row.touches,
    within: row.incident,
  };
}

/** Long texts that repeat, each kept once. */
class Places {
  readonly all: string[] = [];
  private readonly known = new Map<string, number>();

  of(id: string): number {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const place = this.all.push(id) - 1;
    this.known.set(id, place);
    return place;
  }
}
