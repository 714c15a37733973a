import type { Context } from "../context";
import { writeLogRow } from "../loganalytics/workspace";
import { worldGuid } from "../world/ids";
import { Random } from "../world/random";
import type { Incident } from "./documents";
import { incidentRow } from "./incident-row";

/** What a new incident is made of; the rest is derived. */
export type NewIncident = Pick<Incident, "workspaceId" | "title" | "severity"> &
  Partial<Omit<Incident, "incidentNumber" | "createdAt" | "modifiedAt" | "etag" | "providerIncidentId">>;

/** Collection key of an incident. */
export function incidentKey(workspaceId: string, name: string): string {
  return `${workspaceId}/${name}`;
}

/** The incidents of one workspace, oldest first. */
export function incidentsOf(context: Context, workspaceId: string): Incident[] {
  const wanted = workspaceId.toLowerCase();
  return [...context.model.incidents.values()].filter((incident) => incident.workspaceId.toLowerCase() === wanted);
}

/** Takes the workspace's next incident number: 1, 2, ...; never one that was given before. */
function nextIncidentNumber(context: Context, workspaceId: string): number {
  const key = workspaceId.toLowerCase();
  const last = context.model.incidentNumbers.get(key) ?? {
    workspaceId: key,
    incidentNumber: 0,
    // The Defender portal's numbers are those of the whole tenant, so they neither begin at 1 nor stay without gaps.
    providerIncidentId: new Random(`${context.settings.seed}/defender/${key}`).int(20_000, 90_000),
  };
  const incidentNumber = last.incidentNumber + 1;
  const gap = new Random(`${context.settings.seed}/defender/${key}/${incidentNumber}`).int(1, 3);
  context.model.incidentNumbers.put(key, {
    workspaceId: key,
    incidentNumber,
    providerIncidentId: last.providerIncidentId + gap,
  });
  return incidentNumber;
}

/**
 * An incident as it begins: takes the next number, is `New` and of nobody unless `fields` say otherwise, and has a name
 * that follows from tenant, workspace and number. It is not stored: `putIncident` does that.
 */
export function newIncident(context: Context, fields: NewIncident): Incident {
  const { workspaceId } = fields;
  const incidentNumber = nextIncidentNumber(context, workspaceId);
  const now = context.now();
  const providerName = fields.providerName ?? providerOf(context, workspaceId);
  const defender = providerName === "Microsoft XDR";
  const providerIncidentId = context.model.incidentNumbers.get(workspaceId)?.providerIncidentId ?? incidentNumber;
  return {
    name: worldGuid(context, `incident/${workspaceId.toLowerCase()}/${incidentNumber}`),
    description: "",
    status: "New",
    owner: {},
    labels: [],
    firstModifiedAt: now,
    modifiedBy: "Incident created from alert",
    alertIds: [],
    ruleIds: [],
    ...fields,
    title: defender ? correlatedTitle(context, fields.title, incidentNumber) : fields.title,
    incidentNumber,
    createdAt: now,
    modifiedAt: now,
    etag: "",
    providerName,
    providerIncidentId: String(defender ? providerIncidentId : incidentNumber),
  };
}

function providerOf(context: Context, workspaceId: string): Incident["providerName"] {
  return context.model.workspaces.get(workspaceId)?.defenderPortal === true ? "Microsoft XDR" : "Azure Sentinel";
}

/**
 * The Defender portal's correlation names incidents itself: now and then it adds whom they involve. Microsoft only says
 * that titles may change, so which ones do is drawn.
 */
function correlatedTitle(context: Context, title: string, incidentNumber: number): string {
  const drawn = new Random(`${context.settings.seed}/defender/title/${incidentNumber}`);
  return drawn.chance(0.5) ? `${title} involving one user` : title;
}

/**
 * Writes one change of an incident: the document with a new etag and time of change, and one `SecurityIncident` row.
 * Automation rules are not run here; `openIncident` and `changeIncident` do both.
 *
 * @returns the document as it was stored.
 */
export function putIncident(context: Context, incident: Incident): Incident {
  const now = context.now();
  const key = incidentKey(incident.workspaceId, incident.name);
  const before = context.model.incidents.get(key);
  const stored: Incident = {
    ...incident,
    modifiedAt: now,
    firstModifiedAt: before?.firstModifiedAt === before?.createdAt ? now : incident.firstModifiedAt,
    // Every etag follows from the last one, so that the same seed and calls give the same.
    etag: `"${worldGuid(context, `etag/${key.toLowerCase()}/${before?.etag ?? ""}/${incident.incidentNumber}`)}"`,
  };
  context.model.incidents.put(key, stored);
  writeLogRow(context, "SecurityIncident", incidentRow(context, stored), now);
  return stored;
}
