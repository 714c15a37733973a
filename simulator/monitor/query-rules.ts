import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { routeLists } from "../arm/lists";
import { created, iso, newEtag, noContent, ok, parameter, readBody } from "../arm/respond";
import { authorize, requireGroup } from "../arm/scope";
import { checkTags } from "../arm/tag-rules";
import { bodyFault } from "../body-fault";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import type { ScheduledQueryRule } from "./documents";
import { checkRule, type RuleInput, RuleProperties, runsEachMinute } from "./rule-checks";
import { checkRuleQuery } from "./rule-query";

const TYPE = "Microsoft.Insights/scheduledQueryRules";
const READ = `${TYPE}/read`;
const WRITE = `${TYPE}/write`;
const DELETE = `${TYPE}/delete`;
const ALL = `/providers/${TYPE}`;
const ONE = `/subscriptions/{s}/resourceGroups/{g}${ALL}/{n}`;

/** Rules of a subscription, and those of them that run each minute. Source: Azure Monitor limits. */
const RULES_MAX = 5000;
const EACH_MINUTE_MAX = 100;

const Tags = z.record(z.string(), z.string()).nullish();
const Identity = z.looseObject({ type: z.enum(["SystemAssigned", "UserAssigned", "None"]) }).nullish();
const Body = z.object({
  location: z.string().min(1).max(128),
  kind: z.enum(["LogAlert", "SimpleLogAlert", "EventLogAlert", "LogToMetric"]).nullish(),
  tags: Tags,
  identity: Identity,
  properties: RuleProperties,
});
const PatchBody = z.object({ tags: Tags, properties: RuleProperties.partial().nullish() });

/** Log search alert rules: lists, get, put, patch, delete. They are checked and stored; the tenant runs none of them. */
export function routeQueryRules(router: Router<Call>): void {
  routeLists(router, {
    all: ALL,
    read: READ,
    items: (call) => call.model.scheduledQueryRules.values(),
    body: (_call, rule) => body(rule),
    size: () => 1000,
  });

  router.on("GET", ONE, (call, params) => {
    authorize(call, READ, idOf(params));
    return ok(body(requireOne(call, params)));
  });

  router.on("PUT", ONE, put);

  router.on("PATCH", ONE, async (call, params) => {
    authorize(call, WRITE, idOf(params));
    requireOne(call, params);
    const { tags, properties } = readBody(call, PatchBody);
    await checkRuleQuery(call, merge(requireOne(call, params), properties));
    // Looked at again, since it may have changed during the wait.
    const present = requireOne(call, params);
    const merged = merge(present, properties);
    const changed = { ...present, tags: tags ? checkTags(tags) : present.tags };
    return ok(body(store(call, changed, merged, 200)));
  });

  router.on("DELETE", ONE, (call, params) => {
    authorize(call, DELETE, idOf(params));
    requireGroup(call, params.s ?? "", params.g ?? "");
    if (!call.model.scheduledQueryRules.delete(idOf(params))) return noContent();
    recordActivity(call, { action: DELETE, scope: idOf(params), status: 200 });
    return { status: 200 };
  });
}

function idOf(params: Record<string, string>): string {
  return `/subscriptions/${params.s}/resourceGroups/${params.g}/providers/${TYPE}/${params.n}`;
}

function requireOne(call: Call, params: Record<string, string>): ScheduledQueryRule {
  requireGroup(call, params.s ?? "", params.g ?? "");
  const found = call.model.scheduledQueryRules.get(idOf(params));
  if (!found) throw resourceNotFound(`${TYPE}/${params.n}`, params.g ?? "");
  return found;
}

function merge(present: ScheduledQueryRule, given: object | null | undefined): RuleInput {
  const all = { ...present.properties, ...given };
  const merged = RuleProperties.safeParse(all);
  if (merged.success) return merged.data;
  throw badRequest(bodyFault(merged.error, all).message, "BadArgumentError");
}

async function put(call: Call, params: Record<string, string>): Promise<SimResponse> {
  authorize(call, WRITE, idOf(params));
  const group = requireGroup(call, params.s ?? "", params.g ?? "");
  const { location, kind, tags, identity, properties } = readBody(call, Body);
  if (!/^[^*<>%{}&:\\?/#|]{1,260}$/.test(params.n ?? "")) {
    throw badRequest(`The rule name '${params.n}' is invalid.`, "InvalidResourceName");
  }
  checkRule(kind ?? "LogAlert", properties);
  await checkRuleQuery(call, properties);
  const present = call.model.scheduledQueryRules.get(idOf(params));
  const rule: ScheduledQueryRule = {
    id: present?.id ?? `${group.id}/providers/${TYPE}/${params.n}`,
    name: present?.name ?? params.n ?? "",
    location: location.replaceAll(" ", "").toLowerCase(),
    tags: checkTags(tags ?? {}),
    kind: kind ?? present?.kind ?? "LogAlert",
    etag: newEtag(),
    createdAt: present?.createdAt ?? call.now(),
    modifiedAt: call.now(),
    createdWith: present?.createdWith ?? parameter(call, "api-version") ?? "",
    ...(identity ? { identity } : {}),
    properties: {},
  };
  const stored = store(call, rule, properties, present ? 200 : 201);
  return present ? ok(body(stored)) : created(body(stored));
}

function store(call: Call, rule: ScheduledQueryRule, properties: RuleInput, status: number): ScheduledQueryRule {
  checkRule(rule.kind, properties);
  checkScopes(call, properties.scopes);
  checkCount(call, rule, properties);
  const stored = { ...rule, etag: newEtag(), modifiedAt: call.now(), properties };
  call.model.scheduledQueryRules.put(stored.id, stored);
  recordActivity(call, { action: WRITE, scope: stored.id, status });
  return stored;
}

/** A rule reads what its scopes hold, so whoever writes it must be able to read them. */
function checkScopes(call: Call, scopes: readonly string[]): void {
  for (const scope of scopes) {
    if (!scope.startsWith("/subscriptions/")) {
      throw badRequest(`The scope '${scope}' is not valid.`, "BadArgumentError");
    }
    const workspace = /\/workspaces\/[^/]+$/i.test(scope);
    const action = workspace ? "Microsoft.OperationalInsights/workspaces/read" : "Microsoft.Insights/logs/read";
    authorize(call, action, scope);
    if (workspace && !call.model.workspaces.get(scope)) {
      throw badRequest(`The scope '${scope}' does not exist.`, "BadArgumentError");
    }
  }
}

function checkCount(call: Call, rule: ScheduledQueryRule, properties: RuleInput): void {
  const subscription = rule.id.split("/")[2]?.toLowerCase();
  const others = [...call.model.scheduledQueryRules.values()].filter(
    ({ id }) => id.split("/")[2]?.toLowerCase() === subscription && id.toLowerCase() !== rule.id.toLowerCase(),
  );
  if (others.length >= RULES_MAX) throw badRequest(`The limit of ${RULES_MAX} rules is reached.`, "QuotaExceeded");
  if (!runsEachMinute(rule.kind, properties.evaluationFrequency)) return;
  const eachMinute = others.filter((other) => runsEachMinute(other.kind, other.properties.evaluationFrequency));
  if (eachMinute.length >= EACH_MINUTE_MAX) {
    throw badRequest(`The limit of ${EACH_MINUTE_MAX} one-minute rules is reached.`, "QuotaExceeded");
  }
}

function body(rule: ScheduledQueryRule) {
  const { id, name, location, tags, kind, etag, createdAt, modifiedAt, createdWith, identity, properties } = rule;
  return {
    id,
    name,
    type: TYPE,
    location,
    tags,
    kind,
    etag,
    systemData: { createdAt: iso(createdAt), createdByType: "User", lastModifiedAt: iso(modifiedAt) },
    ...(identity === undefined ? {} : { identity }),
    properties: {
      enabled: true,
      ...properties,
      createdWithApiVersion: createdWith,
      isLegacyLogAnalyticsRule: false,
      isWorkspaceAlertsStorageConfigured: false,
    },
  };
}
