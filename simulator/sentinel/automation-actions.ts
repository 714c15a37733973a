import type { Context } from "../context";
import { worldGuid } from "../world/ids";
import type { AutomationAction, AutomationRule } from "./automation-documents";
import type { ClientInfo, Incident } from "./documents";
import { TASKS_MAX, tasksOf } from "./incident-parts";
import { withStatus } from "./incident-status";
import { putIncident } from "./incident-store";
import { SENTINEL_APP_ID, sentinelPrincipal, startPlaybook } from "./playbooks";

type ModifyProperties = Extract<AutomationAction, { actionType: "ModifyProperties" }>["actionConfiguration"];

/** Runs a rule's actions in their order; the incident is written once when they changed it. */
export function runActions(context: Context, incident: Incident, rule: AutomationRule): Incident {
  const author: ClientInfo = {
    objectId: sentinelPrincipal(context)?.oid ?? SENTINEL_APP_ID,
    name: `Automation rule: ${rule.displayName}`,
  };
  let changed = incident;
  let tasks = 0;
  for (const action of [...rule.actions].sort((a, b) => a.order - b.order)) {
    if (action.actionType === "ModifyProperties") changed = modified(context, changed, action.actionConfiguration);
    else if (action.actionType === "RunPlaybook") {
      startPlaybook(context, incident, action.actionConfiguration.logicAppResourceId, rule.ruleId);
    } else if (addTask(context, incident, rule, action.actionConfiguration, author)) tasks++;
  }
  if (changed === incident && tasks === 0) return incident;
  return putIncident(context, { ...changed, modifiedBy: author.name });
}

/** The incident with the properties that the action names; the same object when nothing is different. */
function modified(context: Context, incident: Incident, wanted: ModifyProperties): Incident {
  const status = wanted.status ?? incident.status;
  const present = new Set(incident.labels.map((label) => label.labelName.toLowerCase()));
  const labels = (wanted.labels ?? []).filter((label) => !present.has(label.labelName.toLowerCase()));
  const classified =
    status === "Closed"
      ? {
          classification: wanted.classification ?? incident.classification ?? "Undetermined",
          ...optional("classificationReason", wanted.classificationReason ?? incident.classificationReason),
          ...optional("classificationComment", wanted.classificationComment ?? incident.classificationComment),
        }
      : {};
  const changed: Incident = {
    ...withStatus(context, { ...incident, ...classified }, status),
    severity: wanted.severity ?? incident.severity,
    owner: wanted.owner ? ownerOf(wanted.owner) : incident.owner,
    labels: [...incident.labels, ...labels.map(({ labelName }) => ({ labelName, labelType: "AutoAssigned" }) as const)],
  };
  return JSON.stringify(changed) === JSON.stringify(incident) ? incident : changed;
}

function ownerOf(owner: NonNullable<ModifyProperties["owner"]>): Incident["owner"] {
  return {
    ...optional("objectId", owner.objectId),
    ...optional("email", owner.email),
    ...optional("assignedTo", owner.assignedTo),
    ...optional("userPrincipalName", owner.userPrincipalName),
    ...optional("ownerType", owner.ownerType),
  };
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined | null) {
  const found: { [Key in Name]?: Value } = {};
  if (value !== undefined && value !== null) found[name] = value;
  return found;
}

function addTask(
  context: Context,
  incident: Incident,
  rule: AutomationRule,
  { title, description }: { title: string; description?: string | undefined },
  author: ClientInfo,
): boolean {
  const count = tasksOf(context, incident).length;
  if (count >= TASKS_MAX) return false;
  const now = context.now();
  const name = worldGuid(context, `task/${incident.workspaceId}/${incident.name}/${rule.ruleId}/${now}/${count}`);
  context.model.incidentTasks.put(`${incident.workspaceId}/${incident.name}/${name}`, {
    workspaceId: incident.workspaceId,
    incidentName: incident.name,
    name,
    title,
    ...optional("description", description),
    status: "New",
    createdAt: now,
    modifiedAt: now,
    createdBy: author,
    modifiedBy: author,
    etag: `"${worldGuid(context, `etag/${name}`)}"`,
  });
  return true;
}
