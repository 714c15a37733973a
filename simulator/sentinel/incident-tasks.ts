import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { created, iso, noContent, ok, page, readBody } from "../arm/respond";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { worldGuid } from "../world/ids";
import { clientInfo } from "./client-info";
import type { Incident, IncidentTask } from "./documents";
import { incidentId } from "./incident-facts";
import { TASKS_MAX, tasksOf } from "./incident-parts";
import { putIncident } from "./incident-store";
import { checkEtag, INCIDENT, modifierOf, requireIncident } from "./incidents";
import { Etag } from "./texts";
import { sentinelWorkspace } from "./workspace";

const READ = "Microsoft.SecurityInsights/incidents/tasks/read";
const WRITE = "Microsoft.SecurityInsights/incidents/tasks/write";
const DELETE = "Microsoft.SecurityInsights/incidents/tasks/delete";
const TASK = `${INCIDENT}/tasks/{t}`;

const Body = z.object({
  etag: Etag,
  properties: z.object({
    title: z.string().min(1).max(150),
    description: z.string().max(3000).nullish(),
    status: z.enum(["New", "Completed"]),
  }),
});

/** Tasks of incidents (API versions since 2024): list, get, put, delete. */
export function routeIncidentTasks(router: Router<Call>): void {
  router.on("GET", `${INCIDENT}/tasks`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}/tasks`);
    const tasks = tasksOf(call, requireIncident(call, workspace, params));
    const { value, ...rest } = page(call, [...tasks], ({ name }) => name, TASKS_MAX);
    return ok({ value: value.map(body), ...rest });
  });

  router.on("GET", TASK, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}/tasks/${params.t}`);
    const found = call.model.incidentTasks.get(keyOf(requireIncident(call, workspace, params), params.t ?? ""));
    if (!found) throw resourceNotFound(`Microsoft.SecurityInsights/incidents/tasks/${params.t}`, params.g ?? "");
    return ok(body(found));
  });

  router.on("PUT", TASK, put);

  router.on("DELETE", TASK, (call, params) => {
    const workspace = sentinelWorkspace(call, params, DELETE, `incidents/${params.i}/tasks/${params.t}`);
    const incident = requireIncident(call, workspace, params);
    const found = call.model.incidentTasks.get(keyOf(incident, params.t ?? ""));
    if (!found) return noContent();
    call.model.incidentTasks.delete(keyOf(incident, found.name));
    putIncident(call, { ...incident, modifiedBy: modifierOf(call.caller) });
    recordActivity(call, { action: DELETE, scope: idOf(found), status: 200 });
    return ok({});
  });
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.t ?? "";
  const workspace = sentinelWorkspace(call, params, WRITE, `incidents/${params.i}/tasks/${name}`);
  if (!/^[\w.-]{1,260}$/.test(name)) throw badRequest(`The task id '${name.slice(0, 300)}' is invalid.`);
  const incident = requireIncident(call, workspace, params);
  const { etag, properties } = readBody(call, Body);
  const present = call.model.incidentTasks.get(keyOf(incident, name));
  if (present) checkEtag(call, present, present.name, etag);
  else if (tasksOf(call, incident).length >= TASKS_MAX) {
    throw badRequest(`An incident can have at most ${TASKS_MAX} tasks.`);
  }
  const now = call.now();
  const author = clientInfo(call);
  const task: IncidentTask = {
    workspaceId: incident.workspaceId,
    incidentName: incident.name,
    name: present?.name ?? name,
    title: properties.title,
    ...(properties.description && { description: properties.description }),
    status: properties.status,
    createdAt: present?.createdAt ?? now,
    modifiedAt: now,
    createdBy: present?.createdBy ?? author,
    modifiedBy: author,
    etag: `"${worldGuid(call, `etag/${keyOf(incident, name).toLowerCase()}/${present?.etag ?? ""}/${now}`)}"`,
  };
  call.model.incidentTasks.put(keyOf(incident, name), task);
  putIncident(call, { ...incident, modifiedBy: modifierOf(call.caller) });
  const status = present ? 200 : 201;
  recordActivity(call, { action: WRITE, scope: idOf(task), status });
  return present ? ok(body(task)) : created(body(task));
}

function keyOf(incident: Incident, name: string): string {
  return `${incident.workspaceId}/${incident.name}/${name}`;
}

function idOf({ workspaceId, incidentName, name }: IncidentTask): string {
  return `${incidentId({ workspaceId, name: incidentName })}/Tasks/${name}`;
}

function body(task: IncidentTask) {
  return {
    id: idOf(task),
    name: task.name,
    etag: task.etag,
    type: "Microsoft.SecurityInsights/Incidents/Tasks",
    properties: {
      title: task.title,
      ...(task.description && { description: task.description }),
      status: task.status,
      createdTimeUtc: iso(task.createdAt),
      lastModifiedTimeUtc: iso(task.modifiedAt),
      createdBy: task.createdBy,
      lastModifiedBy: task.modifiedBy,
    },
  };
}
