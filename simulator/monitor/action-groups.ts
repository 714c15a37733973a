import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { routeLists } from "../arm/lists";
import { created, noContent, ok, parameter, readBody } from "../arm/respond";
import { authorize, requireGroup } from "../arm/scope";
import { checkTags } from "../arm/tag-rules";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import type { ActionGroup } from "./documents";
import { withFlatErrors } from "./flat-errors";

const TYPE = "Microsoft.Insights/actionGroups";
const READ = `${TYPE}/read`;
const WRITE = `${TYPE}/write`;
const DELETE = `${TYPE}/delete`;
const ALL = `/providers/${TYPE}`;
const ONE = `/subscriptions/{s}/resourceGroups/{g}${ALL}/{n}`;

const name = z.string().min(1).max(260);
const flag = z.boolean().nullish();
const schema = flag;

/** Receivers with what each kind requires and how many of it a group may have. Source: Azure Monitor limits. */
const RECEIVERS = {
  emailReceivers: receivers({ emailAddress: z.email(), useCommonAlertSchema: schema }, 1000),
  smsReceivers: receivers({ countryCode: z.string().min(1).max(8), phoneNumber: z.string().min(1).max(32) }, 10),
  webhookReceivers: receivers({ serviceUri: z.url(), useCommonAlertSchema: schema, useAadAuth: flag }, 10),
  itsmReceivers: receivers(
    { workspaceId: name, connectionId: name, ticketConfiguration: z.string().max(4096), region: name },
    10,
  ),
  azureAppPushReceivers: receivers({ emailAddress: z.email() }, 10),
  automationRunbookReceivers: z
    .array(
      z.looseObject({
        automationAccountId: name,
        runbookName: name,
        webhookResourceId: name,
        isGlobalRunbook: z.boolean(),
      }),
    )
    .max(10)
    .nullish(),
  voiceReceivers: receivers({ countryCode: z.string().min(1).max(8), phoneNumber: z.string().min(1).max(32) }, 10),
  logicAppReceivers: receivers({ resourceId: name, callbackUrl: z.url(), useCommonAlertSchema: schema }, 10),
  azureFunctionReceivers: receivers(
    { functionAppResourceId: name, functionName: name, httpTriggerUrl: z.url(), useCommonAlertSchema: schema },
    10,
  ),
  armRoleReceivers: receivers({ roleId: z.guid(), useCommonAlertSchema: schema }, 10),
  eventHubReceivers: receivers({ eventHubNameSpace: name, eventHubName: name, subscriptionId: z.guid() }, 10),
  incidentReceivers: receivers({ connection: z.object({ name, id: name }), incidentManagementService: name }, 10),
};

function receivers(shape: z.ZodRawShape, max: number) {
  return z
    .array(z.looseObject({ name, ...shape }))
    .max(max)
    .nullish();
}

/** 12 characters at most: the name stands in front of text messages. */
const Body = z.object({
  location: z.string().min(1).max(128),
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.looseObject({ groupShortName: z.string().min(1).max(12), enabled: z.boolean(), ...RECEIVERS }),
});

const PatchBody = z.object({
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.object({ enabled: flag }).nullish(),
});

/** Action groups: lists, get, put, patch, delete. Nothing is sent to anybody. */
export function routeActionGroups(router: Router<Call>): void {
  routeLists(router, {
    all: ALL,
    read: READ,
    items: (call) => call.model.actionGroups.values(),
    body,
    size: () => 1000,
  });

  router.on(
    "GET",
    ONE,
    withFlatErrors((call, params) => {
      authorize(call, READ, idOf(params));
      return ok(body(call, requireOne(call, params)));
    }),
  );
  router.on("PUT", ONE, withFlatErrors(put));
  router.on("PATCH", ONE, withFlatErrors(patch));
  router.on("DELETE", ONE, remove);
}

function patch(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, WRITE, idOf(params));
  const present = requireOne(call, params);
  const { tags, properties } = readBody(call, PatchBody);
  const enabled = properties?.enabled ?? present.properties.enabled;
  const changed = {
    ...present,
    tags: tags ? checkTags(tags) : present.tags,
    properties: { ...present.properties, enabled },
  };
  return ok(body(call, store(call, changed, 200)));
}

function remove(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, DELETE, idOf(params));
  requireGroup(call, params.s ?? "", params.g ?? "");
  if (!call.model.actionGroups.delete(idOf(params))) return noContent();
  recordActivity(call, { action: DELETE, scope: idOf(params), status: 200 });
  return { status: 200 };
}

function idOf(params: Record<string, string>): string {
  return `/subscriptions/${params.s}/resourceGroups/${params.g}/providers/${TYPE}/${params.n}`;
}

function requireOne(call: Call, params: Record<string, string>): ActionGroup {
  requireGroup(call, params.s ?? "", params.g ?? "");
  const found = call.model.actionGroups.get(idOf(params));
  if (!found) throw resourceNotFound(`${TYPE}/${params.n}`, params.g ?? "");
  return found;
}

function put(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, WRITE, idOf(params));
  const group = requireGroup(call, params.s ?? "", params.g ?? "");
  const { location, tags, properties } = readBody(call, Body);
  if (!/^[^:<>+/&%\\?|]{1,260}$/.test(params.n ?? "")) {
    throw badRequest(`The action group name '${params.n}' is invalid.`, "InvalidResourceName");
  }
  const names = Object.keys(RECEIVERS).flatMap((kind) => namesIn(properties[kind]));
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined)
    throw badRequest(`The receiver name '${twice}' is used more than once.`, "DuplicateReceiverName");
  const present = call.model.actionGroups.get(idOf(params));
  const stored: ActionGroup = {
    id: present?.id ?? `${group.id}/providers/${TYPE}/${params.n}`,
    name: present?.name ?? params.n ?? "",
    location,
    tags: checkTags(tags ?? {}),
    properties: { ...empty(), ...properties },
  };
  store(call, stored, present ? 200 : 201);
  return present ? ok(body(call, stored)) : created(body(call, stored));
}

const Names = z.array(z.looseObject({ name: z.string() }));

function namesIn(list: unknown): string[] {
  const read = Names.safeParse(list);
  return read.success ? read.data.map((receiver) => receiver.name.toLowerCase()) : [];
}

/** A group shows every kind of receiver, empty ones too. */
function empty(): Record<string, unknown> {
  return Object.fromEntries(Object.keys(RECEIVERS).map((kind) => [kind, []]));
}

function store(call: Call, group: ActionGroup, status: number): ActionGroup {
  call.model.actionGroups.put(group.id, group);
  recordActivity(call, { action: WRITE, scope: group.id, status });
  return group;
}

/** Receivers that version 2024-10-01-preview brought are not shown by the ones before. */
const NEW_SINCE = "2024-10-01-preview";

function body(call: Call, { id, name: shown, location, tags, properties }: ActionGroup) {
  const { incidentReceivers, ...old } = properties;
  const all = (parameter(call, "api-version") ?? "") >= NEW_SINCE ? { ...old, incidentReceivers } : old;
  return { id, name: shown, type: TYPE, location, tags, properties: all };
}
