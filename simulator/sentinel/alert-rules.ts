import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, conflict, resourceNotFound } from "../arm/errors";
import { created, iso, noContent, ok, page, readBody } from "../arm/respond";
import type { Call } from "../context";
import { derivedGuid } from "../derived-id";
import type { Router, SimResponse } from "../http";
import type { AlertRule } from "../model";
import { checkRuleColumns } from "./rule-columns";
import { checkRule, type QueryRuleKind } from "./rule-rules";
import { Etag } from "./texts";
import { SENTINEL, sentinelWorkspace } from "./workspace";

const READ = "Microsoft.SecurityInsights/alertRules/read";
const WRITE = "Microsoft.SecurityInsights/alertRules/write";
const DELETE = "Microsoft.SecurityInsights/alertRules/delete";
const RULES = `${SENTINEL}/alertRules`;

/** Enabled rules of a workspace at most. Source: Sentinel service limits. */
const ENABLED_MAX: Readonly<Record<QueryRuleKind, number>> = { Scheduled: 512, NRT: 50 };
/** Rules at most, enabled or not. */
const TOTAL_MAX: Readonly<Record<QueryRuleKind, number>> = { Scheduled: 1024, NRT: 100 };

const Body = z.object({
  kind: z.enum(["NRT", "Scheduled"]),
  etag: Etag,
  properties: z.record(z.string(), z.unknown()),
});

/** Analytics rules: list, get, put (near-real-time and scheduled), delete. */
export function routeAlertRules(router: Router<Call>): void {
  router.on("GET", RULES, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, "alertRules");
    return ok(
      page(
        call,
        rulesOf(call, workspace.id).map((rule) => body(call, rule)),
        ({ id }) => id,
        100,
      ),
    );
  });

  router.on("GET", `${RULES}/{r}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `alertRules/${params.r}`);
    const found = call.model.alertRules.get(`${workspace.id}/${params.r}`);
    if (!found) throw resourceNotFound(`Microsoft.SecurityInsights/alertRules/${params.r}`, params.g ?? "");
    return ok(body(call, found));
  });

  router.on("PUT", `${RULES}/{r}`, put);

  router.on("DELETE", `${RULES}/{r}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, DELETE, `alertRules/${params.r}`);
    const found = call.model.alertRules.get(`${workspace.id}/${params.r}`);
    if (!found) return noContent();
    call.model.alertRules.delete(`${workspace.id}/${params.r}`);
    for (const [key, action] of [...call.model.ruleActions.entries()]) {
      if (action.workspaceId === found.workspaceId && action.ruleId === found.ruleId)
        call.model.ruleActions.delete(key);
    }
    recordActivity(call, { action: DELETE, scope: idOf(found), status: 200 });
    return ok({});
  });
}

function rulesOf(call: Call, workspaceId: string): AlertRule[] {
  return [...call.model.alertRules.values()].filter(
    (rule) => rule.workspaceId.toLowerCase() === workspaceId.toLowerCase(),
  );
}

async function put(call: Call, params: Record<string, string>): Promise<SimResponse> {
  const ruleId = params.r ?? "";
  const workspace = sentinelWorkspace(call, params, WRITE, `alertRules/${ruleId}`);
  if (!/^[\w-]{1,260}$/.test(ruleId)) throw badRequest(`The rule id '${ruleId}' is invalid.`);
  const { kind, etag, properties } = readBody(call, Body);
  // The only wait; what is there is looked at after it, so that nothing changes between looking and writing.
  await checkRuleColumns(call, workspace, checkRule(kind, properties));
  const present = call.model.alertRules.get(`${workspace.id}/${ruleId}`);
  if (present && present.kind !== kind)
    throw badRequest(`The kind of rule '${ruleId}' is ${present.kind} and cannot change.`);
  if (present && etag && etag !== present.etag) {
    throw conflict(
      `Newer instance of rule '${ruleId}' exists for workspace '${workspace.customerId}' (Etag does not match). Data was not saved.`,
    );
  }
  checkCount(call, workspace.id, ruleId, kind, properties);
  const rule: AlertRule = {
    workspaceId: workspace.id,
    ruleId: present?.ruleId ?? ruleId,
    kind,
    etag: `"${derivedGuid(call, `etag of rule ${ruleId}`)}"`,
    properties: { ...properties, lastModifiedUtc: iso(call.now()) },
  };
  call.model.alertRules.put(`${workspace.id}/${rule.ruleId}`, rule);
  const status = present ? 200 : 201;
  recordActivity(call, { action: WRITE, scope: idOf(rule), status });
  return present ? ok(body(call, rule)) : created(body(call, rule));
}

function checkCount(
  call: Call,
  workspaceId: string,
  ruleId: string,
  kind: QueryRuleKind,
  properties: Record<string, unknown>,
): void {
  const others = rulesOf(call, workspaceId).filter(
    (rule) => rule.kind === kind && rule.ruleId.toLowerCase() !== ruleId.toLowerCase(),
  );
  if (others.length >= TOTAL_MAX[kind]) {
    throw badRequest(`The maximum of ${TOTAL_MAX[kind]} ${kind} rules in a workspace is reached.`);
  }
  if (properties.enabled !== true) return;
  if (others.filter((rule) => rule.properties.enabled === true).length >= ENABLED_MAX[kind]) {
    throw badRequest(`The maximum of ${ENABLED_MAX[kind]} enabled ${kind} rules in a workspace is reached.`);
  }
}

function idOf(rule: AlertRule): string {
  return `${rule.workspaceId}/providers/Microsoft.SecurityInsights/alertRules/${rule.ruleId}`;
}

function body(call: Call, rule: AlertRule) {
  return {
    id: idOf(rule),
    name: rule.ruleId,
    type: "Microsoft.SecurityInsights/alertRules",
    kind: rule.kind,
    etag: rule.etag,
    // Rules that the world began with were never modified.
    properties: { lastModifiedUtc: iso(call.identity.firstStart), ...rule.properties },
  };
}
