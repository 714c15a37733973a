import "server-only";
import { type IncidentAlert, listIncidentAlerts } from "@/lib/azure/incident-contents";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { IncidentChange } from "@/lib/incidents/change.pure";
import { changeIncident, readIncidentState } from "@/lib/incidents/write-back";
import { log } from "@/lib/log";
import { alertDetails } from "../alert-details.pure";
import { CLASSIFICATION, type Deed, deedFor, type HeldAlert, judge, LABEL, type Verdict } from "./closing.pure";
import {
  claimDecision,
  type Decided,
  type Decision,
  decidedAbout,
  dueLooks,
  withdrawDecision,
  writeDecision,
} from "./decisions";
import type { Assigned, SeenIncident } from "./evidence.pure";
import type { Sight } from "./look";
import { noteMissedLook } from "./missed-look";

/** What an incident is judged by. */
export interface Grounds {
  sight: Pick<Sight, "alerts" | "incidents">;
  assigned: Assigned;
  rules: ReadonlySet<string>;
}

/** An incident to decide about; one that the log does not show any more is known by its record only. */
type Known = Omit<SeenIncident, "created"> & { created: Date | undefined };

/** An incident that could not be read or changed is tried again after this, milliseconds. */
const AGAIN_AFTER = 30_000;
const failedAt = new WeakMap<object, Map<string, number>>();

/**
 * Decides about every incident that holds a touch by the drill identity: about a new one, one that has got another alert,
 * and again about those that were closed as a drill half an hour ago, whether the log still shows them or not. Reads and changes as the registrar. An incident
 * that cannot be read or changed now is left for later, and does not keep the others waiting.
 */
export async function settleIncidents(service: ServiceContext, grounds: Grounds): Promise<void> {
  const { incidents } = grounds.sight;
  const seen = new Set(incidents.map(({ name }) => name));
  const earlier = await decidedAbout(service.db, [...seen]);
  const unseen = (await dueLooks(service.db, service.now())).filter(({ name }) => !seen.has(name));
  for (const decided of unseen) earlier.set(decided.name, decided);
  const known: Known[] = [...incidents, ...unseen.map((decided) => ({ ...decided, created: undefined }))];
  const failures = failedAt.get(service.db) ?? new Map<string, number>();
  failedAt.set(service.db, failures);
  for (const incident of known) {
    const decided = earlier.get(incident.name);
    const now = service.now();
    if (!isDue(incident, decided, now) || now.getTime() - (failures.get(incident.name) ?? 0) < AGAIN_AFTER) continue;
    try {
      await settle(service, grounds, incident, decided);
      failures.delete(incident.name);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      failures.set(incident.name, now.getTime());
      log.warn({ err: error, incident: incident.name }, "an incident of a drill is left for later");
      if (decided && isLookDue(decided, now)) await noteMissedLook(service, decided);
    }
  }
}

function isDue(incident: Known, decided: Decided | undefined, now: Date): boolean {
  if (!decided || !isSameSet(incident.alertIds, decided.alertIds)) return true;
  return isLookDue(decided, now);
}

function isLookDue({ lookAgainAt }: Decided, now: Date): boolean {
  return lookAgainAt !== undefined && lookAgainAt <= now;
}

async function settle(
  service: ServiceContext,
  grounds: Grounds,
  incident: Known,
  decided: Decided | undefined,
): Promise<void> {
  const { registrar } = service.azure;
  // The state first: with its etag no alert that comes after is overlooked.
  const { state } = await readIncidentState(service, registrar, incident.name);
  const listed = await listIncidentAlerts(registrar, service.config.workspace.resourceId, incident.name);
  const alerts = heldAlerts(listed, incident.alertIds, grounds.sight);
  const now = service.now();
  const { created } = incident;
  const isYoung = created !== undefined && now.getTime() - created.getTime() < 2 * service.config.timing.drillLateAfter;
  // The log, which the touches are read from, has not heard of all of its alerts yet, or Sentinel has not.
  const ids = listed.map(({ id }) => id.toLowerCase());
  if (isYoung && !isSameSet(ids, incident.alertIds)) return;
  const identity = service.config.identities.drill.objectId.toLowerCase();
  const verdict = judge(identity, alerts, grounds.assigned, grounds.rules);
  const deed = deedFor(verdict, state, decided?.decision);
  await carryOut(service, { incident, alertIds: incident.alertIds, verdict, deed, decided, etag: state.etag, now });
}

/** Every alert that Sentinel or the log says it holds. Of one that neither tells more about, only the id is known. */
function heldAlerts(listed: readonly IncidentAlert[], named: readonly string[], sight: Grounds["sight"]): HeldAlert[] {
  const seen = new Map(sight.alerts.map((alert) => [alert.id.toLowerCase(), alert]));
  const held = new Map<string, HeldAlert>();
  for (const id of named.map((name) => name.toLowerCase())) {
    const alert = seen.get(id);
    held.set(id, { id, ruleId: alert?.ruleId, details: alert?.details });
  }
  for (const { id: name, ruleId, customDetails } of listed) {
    const id = name.toLowerCase();
    held.set(id, { id, ruleId, details: alertDetails(customDetails) });
  }
  return [...held.values()];
}

interface Settled {
  incident: Known;
  alertIds: readonly string[];
  verdict: Verdict;
  deed: Deed | undefined;
  decided: Decided | undefined;
  etag: string;
  now: Date;
}

async function carryOut(service: ServiceContext, settled: Settled): Promise<void> {
  const { deed, verdict, decided, now } = settled;
  const decision = decisionOf(settled, service.config.timing.drillLookAgainAfter);
  if (!decision) return;
  const change = deed && changeOf(deed, verdict);
  if (change && deed.change?.to === "close") return close(service, settled, decision, change);
  if (!change) {
    // What another process has decided meanwhile stands.
    await claimDecision(service.db, decision, decided, now);
    return;
  }
  // Whatever opens people's eyes is done first, and at worst it is done twice.
  await write(service, settled, change);
  await writeDecision(service.db, decision, now);
}

/** What is to be on record afterwards; undefined when there is nothing to record. */
function decisionOf({ incident, alertIds, verdict, deed, decided, now }: Settled, after: number): Decision | undefined {
  const decision = deed?.decision ?? decided?.decision;
  if (decision === undefined) return undefined;
  const secondLook = decided !== undefined && isLookDue(decided, now);
  const isNew = deed?.decision === "closed" || deed?.decision === "closed_already";
  const pending = secondLook ? undefined : decided?.lookAgainAt;
  return {
    name: incident.name,
    number: incident.number,
    decision,
    reason: deed ? reasonOf(verdict) : (decided?.reason ?? reasonOf(verdict)),
    alertIds,
    // A closed one is looked at again, whoever closed it: what comes in late would be seen by nobody.
    lookAgainAt: isNew ? new Date(now.getTime() + after) : pending,
    lookedAgainAt: secondLook ? now : decided?.lookedAgainAt,
  };
}

/**
 * Closes an incident, recorded first: if this process ends in between, the incident stays open, and nobody's eyes are
 * closed. The record goes only where the service certainly refused; after any other failure the incident may be closed.
 */
async function close(
  service: ServiceContext,
  settled: Settled,
  decision: Decision,
  change: IncidentChange,
): Promise<void> {
  const { incident, decided, now } = settled;
  if (!(await claimDecision(service.db, decision, decided, now))) return;
  try {
    await write(service, settled, change);
  } catch (error) {
    if (isRefusal(error)) await withdrawDecision(service.db, incident.name, decided, now);
    throw error;
  }
}

/** A conflict is one with the state that was judged, by its etag. Should it be our own change, its label tells. */
function isRefusal(error: unknown): boolean {
  return error instanceof AppError && (error.failure.code === "conflict" || error.failure.code === "forbidden");
}

async function write(service: ServiceContext, { incident, etag }: Settled, change: IncidentChange): Promise<void> {
  const by = { tid: service.config.tenantId, system: "drill" };
  await changeIncident(service, service.azure.registrar, { by, incidentName: incident.name, etag, change });
}

/** What is written back; undefined when nothing is. No comment names a honeytoken. */
function changeOf(deed: Deed, verdict: Verdict): IncidentChange | undefined {
  const comment = deed.comment ? { comment: commentOf(deed, verdict) } : {};
  switch (deed.change?.to) {
    case "close":
      return {
        status: "Closed",
        classification: CLASSIFICATION,
        classificationReason: "SuspiciousButExpected",
        classificationComment: "A drill: the honeytoken was touched on purpose, to prove that it raises an incident.",
        labels: [LABEL],
        ...comment,
      };
    case "raise":
      return { severity: "High", ...(deed.change.reopen && { status: "Active" as const }), ...comment };
    case "reopen":
      return { status: "Active", ...comment };
    case undefined:
      return deed.comment ? { comment: commentOf(deed, verdict) } : undefined;
  }
}

function commentOf({ decision }: Deed, verdict: Verdict): string {
  switch (decision) {
    case "raised":
      return `${reasonOf(verdict)} Treat it as a theft of that identity: nothing else than a recorded drill has a reason to use it.`;
    case "reopened":
      return `Opened again: it had been closed with a drill, and ${verdict.is === "mixed" ? verdict.why : "something else came in"}. Look at what is not the drill's.`;
    case "commented":
      return `${reasonOf(verdict)} It stays open: look at what is not the drill's.`;
    default:
      return reasonOf(verdict);
  }
}

function reasonOf(verdict: Verdict): string {
  switch (verdict.is) {
    case "drill":
      return "Every alert in this incident, and every touch in each of them, is a drill that was recorded before it was made.";
    case "stray":
      return `The identity that makes drills did ${verdict.touches === 1 ? "something" : `${verdict.touches} things`} here that no drill has recorded.`;
    case "mixed":
      return `A drill is in this incident, but ${verdict.why}.`;
  }
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const have = new Set(b);
  return new Set(a).size === have.size && a.every((one) => have.has(one));
}
