import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { routeLists } from "../arm/lists";
import { created, newEtag, noContent, ok, readBody } from "../arm/respond";
import { authorize, requireGroup } from "../arm/scope";
import { checkTags } from "../arm/tag-rules";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { OPERATORS } from "./automation-runs";
import type { SecurityAutomation } from "./documents";

const TYPE = "Microsoft.Security/automations";
const READ = `${TYPE}/read`;
const WRITE = `${TYPE}/write`;
const DELETE = `${TYPE}/delete`;
const ALL = `/providers/${TYPE}`;
const ONE = `/subscriptions/{s}/resourceGroups/{g}${ALL}/{n}`;

const SOURCES = [
  ...["Alerts", "Assessments", "AssessmentsSnapshot", "SubAssessments", "SubAssessmentsSnapshot", "SecureScores"],
  ...[
    "SecureScoresSnapshot",
    "SecureScoreControls",
    "SecureScoreControlsSnapshot",
    "AttackPaths",
    "AttackPathsSnapshot",
  ],
  ...["RegulatoryComplianceAssessment", "RegulatoryComplianceAssessmentSnapshot"],
];

const Rule = z.object({
  propertyJPath: z.string().min(1).max(500),
  propertyType: z.enum(["String", "Integer", "Number", "Boolean"]),
  expectedValue: z.string().max(2000),
  operator: z.enum(Object.keys(OPERATORS)),
});

const Source = z.object({
  eventSource: z.enum(SOURCES),
  ruleSets: z
    .array(z.object({ rules: z.array(Rule).min(1).max(20) }))
    .max(20)
    .nullish(),
});

const Action = z.discriminatedUnion("actionType", [
  z.object({
    actionType: z.literal("LogicApp"),
    logicAppResourceId: z.string().min(1).max(1024),
    uri: z.url().nullish(),
  }),
  z.object({
    actionType: z.literal("EventHub"),
    eventHubResourceId: z.string().min(1).max(1024),
    connectionString: z.string().max(4096).nullish(),
    isTrustedServiceEnabled: z.boolean().nullish(),
  }),
  z.object({ actionType: z.literal("Workspace"), workspaceResourceId: z.string().min(1).max(1024) }),
]);

const Body = z.object({
  location: z.string().min(1).max(128),
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.object({
    description: z.string().max(2000).nullish(),
    isEnabled: z.boolean(),
    scopes: z
      .array(z.object({ description: z.string().max(1024).nullish(), scopePath: z.string().min(1).max(500) }))
      .min(1)
      .max(50),
    sources: z.array(Source).min(1).max(SOURCES.length),
    actions: z.array(Action).min(1).max(10),
  }),
});

type Input = z.infer<typeof Body>;

/** Security automations (workflow automation, continuous export): lists, get, put, validate, delete. */
export function routeAutomations(router: Router<Call>): void {
  routeLists(router, {
    all: ALL,
    read: READ,
    items: (call) => call.model.securityAutomations.values(),
    body: (_call, automation) => body(automation),
    size: () => 100,
  });

  router.on("GET", ONE, (call, params) => {
    authorize(call, READ, idOf(params));
    requireGroup(call, params.s ?? "", params.g ?? "");
    const found = call.model.securityAutomations.get(idOf(params));
    if (!found) throw resourceNotFound(`${TYPE}/${params.n}`, params.g ?? "");
    return ok(body(found));
  });

  router.on("PUT", ONE, put);

  router.on("POST", `${ONE}/validate`, (call, params) => {
    authorize(call, `${TYPE}/validate/action`, idOf(params));
    requireGroup(call, params.s ?? "", params.g ?? "");
    const fault = faultOf(call, readBody(call, Body, "InvalidRequestContent"));
    return ok({ isValid: fault === undefined, message: fault ?? "Validation Successful" });
  });

  router.on("DELETE", ONE, (call, params) => {
    authorize(call, DELETE, idOf(params));
    requireGroup(call, params.s ?? "", params.g ?? "");
    if (call.model.securityAutomations.delete(idOf(params))) {
      recordActivity(call, { action: DELETE, scope: idOf(params), status: 204 });
    }
    return noContent();
  });
}

function idOf(params: Record<string, string>): string {
  return `/subscriptions/${params.s}/resourceGroups/${params.g}/providers/${TYPE}/${params.n}`;
}

/** What a body that reads well still gets wrong: a scope elsewhere, a Logic App or Event Hub without its address. */
function faultOf(call: Call, { properties }: Input): string | undefined {
  for (const { scopePath } of properties.scopes) {
    const subscription = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/[^/]+)?\/?$/i.exec(scopePath)?.[1];
    if (subscription === undefined || !call.model.subscriptions.get(subscription)) {
      return `The scope '${scopePath}' is not a subscription or resource group of the tenant.`;
    }
  }
  for (const action of properties.actions) {
    if (action.actionType === "LogicApp" && !action.uri) return "The trigger URI of the Logic App is missing.";
    if (action.actionType === "EventHub" && !action.connectionString && action.isTrustedServiceEnabled !== true) {
      return "The connection string of the Event Hub is missing.";
    }
  }
  return undefined;
}

function put(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, WRITE, idOf(params));
  const group = requireGroup(call, params.s ?? "", params.g ?? "");
  const input = readBody(call, Body, "InvalidRequestContent");
  if (!/^[\w.-]{1,260}$/.test(params.n ?? "")) throw badRequest(`The automation name '${params.n}' is invalid.`);
  const fault = faultOf(call, input);
  if (fault !== undefined) throw badRequest(fault, "InvalidAutomation");
  const present = call.model.securityAutomations.get(idOf(params));
  const { properties } = input;
  const automation: SecurityAutomation = {
    id: present?.id ?? `${group.id}/providers/${TYPE}/${params.n}`,
    name: present?.name ?? params.n ?? "",
    location: input.location,
    tags: checkTags(input.tags ?? {}),
    etag: newEtag(),
    description: properties.description ?? "",
    isEnabled: properties.isEnabled,
    scopes: properties.scopes.map(({ description, scopePath }) => ({
      ...(description ? { description } : {}),
      scopePath,
    })),
    sources: properties.sources.map(({ eventSource, ruleSets }) => ({ eventSource, ruleSets: ruleSets ?? [] })),
    actions: properties.actions.map(shown),
  };
  call.model.securityAutomations.put(automation.id, automation);
  const status = present ? 200 : 201;
  recordActivity(call, { action: WRITE, scope: automation.id, status });
  return present ? ok(body(automation)) : created(body(automation));
}

/** An action without what would let somebody trigger or write: Azure never shows it again either. */
function shown(action: Input["properties"]["actions"][number]): Record<string, string | boolean> {
  switch (action.actionType) {
    case "LogicApp":
      return { actionType: action.actionType, logicAppResourceId: action.logicAppResourceId };
    case "EventHub":
      return {
        actionType: action.actionType,
        eventHubResourceId: action.eventHubResourceId,
        ...(action.isTrustedServiceEnabled == null ? {} : { isTrustedServiceEnabled: action.isTrustedServiceEnabled }),
      };
    case "Workspace":
      return { actionType: action.actionType, workspaceResourceId: action.workspaceResourceId };
  }
}

function body(automation: SecurityAutomation) {
  const { id, name, location, tags, etag, description, isEnabled, scopes, sources, actions } = automation;
  return {
    id,
    name,
    type: TYPE,
    location,
    tags,
    etag,
    properties: { description, isEnabled, scopes, sources, actions },
  };
}
