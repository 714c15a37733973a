import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { created, noContent, ok, page, parameter, readBody } from "../arm/respond";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { worldGuid } from "../world/ids";
import { AutomationBody, checkAutomation } from "./automation-body";
import type { AutomationAction, AutomationRule } from "./automation-documents";
import { clientInfo } from "./client-info";
import { checkEtag } from "./incidents";
import { sentinelMayRun } from "./playbooks";
import { SENTINEL, sentinelWorkspace } from "./workspace";

const READ = "Microsoft.SecurityInsights/automationRules/read";
const WRITE = "Microsoft.SecurityInsights/automationRules/write";
const DELETE = "Microsoft.SecurityInsights/automationRules/delete";
const RULES = `${SENTINEL}/automationRules`;

/** Rules of a workspace at most. Source: Sentinel service limits. */
const RULES_MAX = 512;

/** Automation rules: list, get, put, delete. */
export function routeAutomationRules(router: Router<Call>): void {
  router.on("GET", RULES, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, "automationRules");
    const { value, ...rest } = page(call, rulesOf(call, workspace.id), ({ ruleId }) => ruleId, 100);
    return ok({ value: value.map(body), ...rest });
  });

  router.on("GET", `${RULES}/{r}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `automationRules/${params.r}`);
    const found = call.model.automationRules.get(`${workspace.id}/${params.r}`);
    if (!found) throw resourceNotFound(`Microsoft.SecurityInsights/automationRules/${params.r}`, params.g ?? "");
    return ok(body(found));
  });

  router.on("PUT", `${RULES}/{r}`, put);

  router.on("DELETE", `${RULES}/{r}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, DELETE, `automationRules/${params.r}`);
    const found = call.model.automationRules.get(`${workspace.id}/${params.r}`);
    if (!found) return noContent();
    call.model.automationRules.delete(`${workspace.id}/${found.ruleId}`);
    recordActivity(call, { action: DELETE, scope: idOf(found), status: 200 });
    return ok({});
  });
}

function rulesOf(call: Call, workspaceId: string): AutomationRule[] {
  const wanted = workspaceId.toLowerCase();
  return [...call.model.automationRules.values()].filter((rule) => rule.workspaceId.toLowerCase() === wanted);
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const ruleId = params.r ?? "";
  const workspace = sentinelWorkspace(call, params, WRITE, `automationRules/${ruleId}`);
  if (!/^[\w.-]{1,260}$/.test(ruleId)) throw badRequest(`The rule id '${ruleId.slice(0, 300)}' is invalid.`);
  const { etag, properties } = readBody(call, AutomationBody);
  const present = call.model.automationRules.get(`${workspace.id}/${ruleId}`);
  if (present) checkEtag(call, present, present.ruleId, etag);
  else if (rulesOf(call, workspace.id).length >= RULES_MAX) {
    throw badRequest(`The maximum of ${RULES_MAX} automation rules in a workspace is reached.`);
  }
  checkAutomation(properties);
  for (const action of properties.actions) checkAction(call, action);
  const { triggeringLogic, displayName, order, actions } = properties;
  const now = call.now();
  const author = clientInfo(call);
  const rule: AutomationRule = {
    workspaceId: workspace.id,
    ruleId: present?.ruleId ?? ruleId,
    displayName,
    order,
    isEnabled: triggeringLogic.isEnabled,
    ...(triggeringLogic.expirationTimeUtc ? { expirationTimeUtc: triggeringLogic.expirationTimeUtc } : {}),
    triggersOn: triggeringLogic.triggersOn,
    triggersWhen: triggeringLogic.triggersWhen,
    conditions: triggeringLogic.conditions ?? [],
    actions,
    createdAt: present?.createdAt ?? now,
    modifiedAt: now,
    createdBy: present?.createdBy ?? author,
    modifiedBy: author,
    etag: `"${worldGuid(call, `etag/automation/${workspace.id}/${ruleId}/${present?.etag ?? ""}/${now}`)}"`,
  };
  call.model.automationRules.put(`${workspace.id}/${rule.ruleId}`, rule);
  const status = present ? 200 : 201;
  recordActivity(call, { action: WRITE, scope: idOf(rule), status });
  return present ? ok(body(rule)) : created(body(rule));
}

/** A playbook needs Sentinel's own right on it, at the time of writing already; tasks came after 2022-09-01-preview. */
function checkAction(call: Call, action: AutomationAction): void {
  if (action.actionType === "RunPlaybook") {
    const { logicAppResourceId } = action.actionConfiguration;
    if (sentinelMayRun(call, logicAppResourceId)) return;
    throw badRequest(
      `Missing required permissions for Microsoft Sentinel on the playbook resource '${logicAppResourceId}'`,
    );
  }
  if (action.actionType === "AddIncidentTask" && (parameter(call, "api-version") ?? "") < "2022-10") {
    throw badRequest("The action type 'AddIncidentTask' is not supported in this API version.");
  }
}

function idOf(rule: AutomationRule): string {
  return `${rule.workspaceId}/providers/Microsoft.SecurityInsights/AutomationRules/${rule.ruleId}`;
}

/** Unlike the rest of Sentinel, automation rules write their times in whole seconds. */
function seconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function body(rule: AutomationRule) {
  return {
    id: idOf(rule),
    name: rule.ruleId,
    etag: rule.etag,
    type: "Microsoft.SecurityInsights/AutomationRules",
    properties: {
      displayName: rule.displayName,
      order: rule.order,
      triggeringLogic: {
        isEnabled: rule.isEnabled,
        ...(rule.expirationTimeUtc === undefined ? {} : { expirationTimeUtc: rule.expirationTimeUtc }),
        triggersOn: rule.triggersOn,
        triggersWhen: rule.triggersWhen,
        conditions: rule.conditions,
      },
      actions: rule.actions,
      lastModifiedTimeUtc: seconds(rule.modifiedAt),
      createdTimeUtc: seconds(rule.createdAt),
      lastModifiedBy: rule.modifiedBy,
      createdBy: rule.createdBy,
    },
  };
}
