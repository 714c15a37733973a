import type { Chore } from "../clock";
import type { Call, Context } from "../context";
import { clientInfo } from "../sentinel/client-info";
import type { Incident, PortalUpdate } from "../sentinel/documents";
import { changeIncident } from "../sentinel/incident-changes";
import { ownerFrom } from "../sentinel/incident-owner";
import { withStatus } from "../sentinel/incident-status";
import { incidentKey } from "../sentinel/incident-store";
import { worldGuid } from "../world/ids";
import { defenderView, updateKey } from "./defender-view";
import { sentinelClosing, sentinelSeverity, sentinelStatus } from "./words";

/**
 * Notes a change that was made in the Defender portal. Graph shows it at once; Sentinel hears of it after
 * `delays.defenderPortal`, and of everything until then as of one change: what came in between is lost to it, as
 * Microsoft documents.
 */
export function noteChange(
  call: Call,
  incident: Incident,
  more: { changes?: PortalUpdate["changes"]; comment?: string },
): void {
  const key = updateKey(incident);
  const now = call.now();
  const waiting = call.model.portalUpdates.get(key);
  call.model.portalUpdates.put(key, {
    workspaceId: incident.workspaceId,
    incidentName: incident.name,
    dueAt: waiting?.dueAt ?? now + call.settings.delays.defenderPortal,
    changedAt: now,
    changes: { ...waiting?.changes, ...more.changes },
    comments: [
      ...(waiting?.comments ?? []),
      ...(more.comment === undefined ? [] : [{ message: more.comment, at: now, author: clientInfo(call) }]),
    ],
  });
}

/** Tells Sentinel what changed in the Defender portal, when it is due. */
export function defenderSync(context: Context): Chore {
  const next = (): PortalUpdate | undefined => {
    let first: PortalUpdate | undefined;
    for (const update of context.model.portalUpdates.values()) {
      if (!first || update.dueAt < first.dueAt) first = update;
    }
    return first;
  };
  return {
    due: (until) => {
      const dueAt = next()?.dueAt;
      return dueAt !== undefined && dueAt <= until ? dueAt : undefined;
    },
    run: (at) => {
      const update = next();
      if (update && update.dueAt <= at) apply({ ...context, now: () => at }, update);
    },
  };
}

function apply(context: Context, update: PortalUpdate): void {
  const key = incidentKey(update.workspaceId, update.incidentName);
  const incident = context.model.incidents.get(key);
  const view = incident && defenderView(context, incident);
  context.model.portalUpdates.delete(key);
  if (!incident || !view) return;
  update.comments.forEach((comment, place) => {
    const name = worldGuid(context, `comment/${key.toLowerCase()}/${comment.at}/${place}`);
    context.model.incidentComments.put(`${key}/${name}`, {
      workspaceId: update.workspaceId,
      incidentName: incident.name,
      name,
      message: comment.message,
      createdAt: comment.at,
      modifiedAt: comment.at,
      author: comment.author,
      etag: `"${worldGuid(context, `etag/${name}`)}"`,
    });
  });
  const { changes } = update;
  const status = sentinelStatus(view.status);
  const known = new Map(incident.labels.map((label) => [label.labelName, label]));
  const closing = status === "Closed" ? sentinelClosing(view.classification, view.determination) : {};
  const { classificationReason: _reason, ...rest } = incident;
  const changed: Incident = {
    ...rest,
    title: view.title,
    description: view.description,
    severity: sentinelSeverity(view.severity),
    determination: view.determination,
    ...closing,
    ...(status === "Closed" && view.resolvingComment ? { classificationComment: view.resolvingComment } : {}),
    ...(changes.assignedTo === undefined ? {} : { owner: ownerFrom(context, ownerOf(changes.assignedTo)) }),
    labels: view.tags.map((labelName) => known.get(labelName) ?? { labelName, labelType: "User" }),
    modifiedBy: "Microsoft XDR",
  };
  changeIncident(context, withStatus(context, changed, status), {
    source: "Other",
    ...(update.comments.length > 0 ? { commentAdded: true } : {}),
  });
}

/** Free text in the Defender portal; an address is that of somebody whom the directory may know. */
function ownerOf(assignedTo: string | null) {
  if (assignedTo === null) return {};
  return assignedTo.includes("@") ? { userPrincipalName: assignedTo, email: assignedTo } : { assignedTo };
}
