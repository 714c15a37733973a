import "server-only";
import { createHash } from "node:crypto";
import { type GraphIncident, getGraphIncident } from "@/lib/azure/graph-incidents";
import { getIncident, type SentinelIncident } from "@/lib/azure/incidents";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { IncidentState } from "../change.pure";
import { closingFromGraph, severityFromGraph, statusFromGraph } from "../defender-words.pure";

/** An incident, and where it is changed: an onboarded workspace's incidents belong to the Defender portal. */
export type Kept =
  | { through: "sentinel"; sentinel: SentinelIncident }
  | { through: "defender"; sentinel: SentinelIncident; defender: GraphIncident };

/**
 * Reads an incident (GUID) from where it is kept. Throws AppError `not_found` when there is none, `conflict` when the
 * Defender portal has merged it into another.
 */
export async function readKept(
  { config }: Pick<ServiceContext, "config">,
  access: AzureAccess,
  incidentName: string,
): Promise<Kept> {
  const sentinel = await getIncident(access, config.workspace.resourceId, incidentName);
  if (!sentinel) throw noIncident();
  return keptFrom(access, sentinel);
}

/** The same for an incident that Sentinel has just told about. */
export async function keptFrom(access: AzureAccess, sentinel: SentinelIncident): Promise<Kept> {
  const number = defenderNumber(sentinel);
  if (number === undefined) return { through: "sentinel", sentinel };
  const defender = await getGraphIncident(access, number);
  if (!defender) {
    throw new AppError("not_found", "The Defender portal does not have this incident, though Sentinel says so.", {
      fix: "Wait five minutes, which the two take to tell each other; then open it in the Defender portal.",
    });
  }
  if (defender.status === "redirected" || defender.redirectedTo !== undefined) {
    throw new AppError(
      "conflict",
      `The Defender portal has merged this incident into number ${defender.redirectedTo}.`,
      {
        fix: "Go on with that one.",
      },
    );
  }
  return { through: "defender", sentinel, defender };
}

export function noIncident(): AppError {
  return new AppError("not_found", "There is no such incident, or it is not one of this product's rules.", {
    fix: "Look for it in the list of incidents.",
  });
}

/**
 * The incident's number in the Defender portal, where it belongs to that. By the provider, since incidents from before the
 * onboarding, and those that somebody made in Sentinel, stay Sentinel's.
 */
export function defenderNumber(incident: Pick<SentinelIncident, "providerName" | "providerIncidentId">) {
  return /^microsoft (xdr|365 defender)$/i.test(incident.providerName ?? "") ? incident.providerIncidentId : undefined;
}

/** What stands, wherever it is kept. */
export function stateOf(kept: Kept): IncidentState {
  return kept.through === "sentinel" ? sentinelState(kept.sentinel) : defenderState(kept.defender, kept.sentinel);
}

function sentinelState(incident: SentinelIncident): IncidentState {
  const { owner, classification, classificationReason, classificationComment } = incident;
  return {
    etag: incident.etag,
    status: incident.status,
    severity: incident.severity,
    ...(owner && {
      owner: {
        ...(owner.objectId && { objectId: owner.objectId }),
        ...(owner.name && { name: owner.name }),
        ...(owner.upn && { upn: owner.upn }),
      },
    }),
    ...(incident.status === "Closed" && {
      ...(classification && { classification }),
      ...(classificationReason && { classificationReason }),
      ...(classificationComment && { classificationComment }),
    }),
    labels: incident.labels,
    modifiedAt: incident.modifiedAt,
  };
}

function defenderState(incident: GraphIncident, sentinel: SentinelIncident): IncidentState {
  // A word that Graph has learnt since is shown as Sentinel has it.
  const status = statusFromGraph(incident.status) ?? sentinel.status;
  const { assignedTo, resolvingComment } = incident;
  return {
    etag: graphMark(incident),
    status,
    severity: severityFromGraph(incident.severity) ?? sentinel.severity,
    ...(assignedTo && { owner: assignedTo.includes("@") ? { upn: assignedTo } : { name: assignedTo } }),
    ...(status === "Closed" && {
      ...closingFromGraph(incident.classification, incident.determination),
      ...(resolvingComment && { classificationComment: resolvingComment }),
    }),
    labels: incident.tags,
    modifiedAt: incident.modifiedAt,
  };
}

/**
 * Stands in for the etag that Graph's incidents do not have: the same as long as nobody changed what we change. The time
 * of the last change would not do, since every new alert and every exchange with Sentinel moves it.
 */
function graphMark(incident: GraphIncident): string {
  const { status, severity, classification, determination, assignedTo, resolvingComment, tags, comments } = incident;
  const parts = [status, severity, classification, determination, assignedTo, resolvingComment, tags, comments.length];
  return `graph-${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32)}`;
}
