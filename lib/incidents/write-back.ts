import "server-only";
import { randomUUID } from "node:crypto";
import { addGraphComment, type GraphChange, updateGraphIncident } from "@/lib/azure/graph-incidents";
import { addIncidentComment, type SentinelChange, updateIncident } from "@/lib/azure/incidents";
import { isAmbiguous } from "@/lib/azure/parse-error";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Failure } from "@/lib/errors.pure";
import { type AuditEntry, writeAudit } from "@/lib/store/audit";
import type { IncidentChange, IncidentState } from "./change.pure";
import { graphClosing, graphSeverity, graphStatus } from "./defender-words.pure";
import { type Kept, readKept, stateOf } from "./internal/state";

/** A change of one incident (GUID), for `changeIncident`. */
export interface ChangeRequest {
  /** Whom the audit trail names. */
  by: AuditEntry["by"];
  incidentName: string;
  /** Of the state that the change was decided on; left out, it is made whatever the state is by now. */
  etag?: string;
  change: IncidentChange;
}

export interface ChangedIncident {
  /** Where it was changed. */
  through: "sentinel" | "defender";
  before: IncidentState;
  after: IncidentState;
  /** The rest was changed, and only the comment was not added; undefined when all was done. */
  commentProblem?: Failure;
}

/**
 * Changes an incident where it is kept: through Microsoft Graph when it belongs to the Defender portal, else through
 * Sentinel. `access` is a person's, or that of the registrar. Whether the incident is one of ours is the caller's affair.
 *
 * Fields come first and in one request, since they may be refused; then the comment. So a refusal leaves nothing half
 * done, and a comment that fails after the fields is told in the answer. Leaves an audit row either way.
 *
 * @throws AppError `conflict` when somebody changed it since the state of `etag`; `not_found`; `invalid` for a
 *   classification of an incident that is not closed
 */
export async function changeIncident(
  service: ServiceContext,
  access: AzureAccess,
  request: ChangeRequest,
): Promise<ChangedIncident> {
  const { incidentName } = request;
  let before: IncidentState | undefined;
  try {
    const kept = await readKept(service, access, incidentName);
    before = stateOf(kept);
    requireSame(before, request.etag);
    requireFitting(before, request.change);
    const changed = hasFields(request.change) ? await changeFields(service, access, kept, request.change) : kept;
    const commentProblem = await comment(service, access, kept, request.change);
    const after = request.change.comment === undefined ? changed : await readAgain(service, access, changed);
    const result: ChangedIncident = {
      through: kept.through,
      before,
      after: stateOf(after),
      ...(commentProblem && { commentProblem }),
    };
    await audit(service, request, before, commentProblem?.message ?? "ok", result.after);
    return result;
  } catch (error) {
    if (error instanceof AppError) await audit(service, request, before, resultOf(error));
    throw error;
  }
}

/** The incident as it stands, from where it is kept, and where that is. */
export async function readIncidentState(
  service: ServiceContext,
  access: AzureAccess,
  incidentName: string,
): Promise<{ through: Kept["through"]; state: IncidentState }> {
  const kept = await readKept(service, access, incidentName);
  return { through: kept.through, state: stateOf(kept) };
}

function hasFields({ comment: _comment, ...fields }: IncidentChange): boolean {
  return Object.keys(fields).length > 0;
}

function requireSame(state: IncidentState, etag: string | undefined): void {
  if (etag === undefined || etag === state.etag) return;
  throw conflict();
}

function conflict(cause?: unknown): AppError {
  return new AppError(
    "conflict",
    "Somebody changed this incident in the meantime; who and what is not known. Nothing was changed now.",
    { fix: "Reload it and look again before you decide." },
    cause,
  );
}

function requireFitting(state: IncidentState, change: IncidentChange): void {
  const status = change.status ?? state.status;
  const closing = change.classification ?? change.classificationComment;
  if (closing === undefined || status === "Closed") return;
  throw new AppError("invalid", "Only a closed incident has a classification.", { field: "classification" });
}

async function changeFields(
  service: ServiceContext,
  access: AzureAccess,
  kept: Kept,
  change: IncidentChange,
): Promise<Kept> {
  try {
    return kept.through === "sentinel"
      ? await changeInSentinel(service, access, kept, change)
      : await changeInDefender(access, kept, change);
  } catch (error) {
    if (error instanceof AppError && error.failure.code === "conflict") throw conflict(error);
    if (!isAmbiguous(error)) throw error;
    // The answer was lost, not necessarily the change.
    const now = await readKept(service, access, kept.sentinel.name).catch(() => undefined);
    if (now && isAsWanted(stateOf(now), change)) return now;
    throw error;
  }
}

async function changeInSentinel(
  { config }: ServiceContext,
  access: AzureAccess,
  { sentinel }: Kept,
  { labels, comment: _comment, ...fields }: IncidentChange,
): Promise<Kept> {
  const change: SentinelChange = {
    ...fields,
    ...(labels && { labels: [...new Set([...sentinel.labels, ...labels])] }),
  };
  const changed = await updateIncident(access, config.workspace.resourceId, sentinel, change);
  return { through: "sentinel", sentinel: changed };
}

async function changeInDefender(
  access: AzureAccess,
  kept: Extract<Kept, { through: "defender" }>,
  change: IncidentChange,
): Promise<Kept> {
  const { status, severity, owner, classification, classificationReason, classificationComment, labels } = change;
  const asked: GraphChange = {
    ...(status && { status: graphStatus(status) }),
    ...(severity && { severity: graphSeverity(severity) }),
    ...(owner !== undefined && { assignedTo: owner && (owner.upn ?? owner.name ?? owner.objectId ?? null) }),
    ...(classification && graphClosing(classification, classificationReason)),
    ...(classificationComment !== undefined && { resolvingComment: classificationComment }),
    ...(labels && { customTags: [...new Set([...kept.defender.tags, ...labels])] }),
  };
  return { ...kept, defender: await updateGraphIncident(access, kept.defender.id, asked) };
}

function isAsWanted(state: IncidentState, change: IncidentChange): boolean {
  const { owner, labels, comment: _comment, ...words } = change;
  const same = Object.entries(words).every(([name, word]) =>
    Object.entries(state).some(([n, w]) => n === name && w === word),
  );
  const owned = owner === undefined || (owner === null ? !state.owner : isSamePerson(state.owner, owner));
  return same && owned && (labels ?? []).every((label) => state.labels.includes(label));
}

function isSamePerson(now: IncidentState["owner"], wanted: NonNullable<IncidentChange["owner"]>): boolean {
  if (!now) return false;
  const byId = wanted.objectId !== undefined && now.objectId?.toLowerCase() === wanted.objectId.toLowerCase();
  return byId || (wanted.upn !== undefined && now.upn?.toLowerCase() === wanted.upn.toLowerCase());
}

/** As the audit trail tells a refusal from a failure. */
function resultOf({ failure }: AppError): string {
  const refused = ["conflict", "forbidden", "invalid", "not_found"].includes(failure.code);
  return refused ? `refused: ${failure.message}` : failure.message;
}

/** Adds the comment, if there is one. Where fields were changed before, its failure is an answer and no error. */
async function comment(
  { config }: ServiceContext,
  access: AzureAccess,
  kept: Kept,
  change: IncidentChange,
): Promise<Failure | undefined> {
  if (change.comment === undefined) return undefined;
  try {
    if (kept.through === "defender") await addGraphComment(access, kept.defender.id, change.comment);
    else {
      const own = { id: randomUUID(), message: change.comment };
      await addIncidentComment(access, config.workspace.resourceId, kept.sentinel.name, own);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || !hasFields(change)) throw error;
    return {
      ...error.failure,
      message: `The incident was changed, but its comment may not have been added. ${error.failure.message}`,
      fix: "Look at the comments; if it is missing, add it once more.",
    };
  }
}

/** A comment moves the etag, and the next change needs the new one; what failed to be read is as it was. */
async function readAgain(service: ServiceContext, access: AzureAccess, kept: Kept): Promise<Kept> {
  return readKept(service, access, kept.sentinel.name).catch(() => kept);
}

/** Never the words of a comment: they may hold a honeytoken's name. */
async function audit(
  service: ServiceContext,
  { by, incidentName, change }: ChangeRequest,
  before: IncidentState | undefined,
  result: string,
  after?: IncidentState,
): Promise<void> {
  const names = Object.keys(change).filter((name) => name !== "comment" && name !== "classificationComment");
  const pick = (state: IncidentState | undefined) =>
    state ? Object.fromEntries(Object.entries(state).filter(([name]) => names.includes(name))) : {};
  const said = {
    ...(change.comment !== undefined && { comment: `${change.comment.length} characters` }),
    ...(change.classificationComment !== undefined && {
      classificationComment: `${change.classificationComment.length} characters`,
    }),
  };
  const entry: AuditEntry = {
    by,
    action: "incident.change",
    before: { incident: incidentName, ...pick(before) },
    after: after ? { incident: incidentName, ...pick(after), ...said } : { incident: incidentName },
    result,
  };
  await writeAudit(service.db, entry, service.now());
}
