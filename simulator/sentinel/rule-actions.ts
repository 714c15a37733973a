import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { created, noContent, ok, page, readBody } from "../arm/respond";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import type { AlertRule } from "../model";
import { worldGuid } from "../world/ids";
import type { RuleAction } from "./automation-documents";
import { checkEtag } from "./incidents";
import { Etag } from "./texts";
import { SENTINEL, sentinelWorkspace } from "./workspace";

const READ = "Microsoft.SecurityInsights/alertRules/actions/read";
const WRITE = "Microsoft.SecurityInsights/alertRules/actions/write";
const DELETE = "Microsoft.SecurityInsights/alertRules/actions/delete";
const ACTIONS = `${SENTINEL}/alertRules/{r}/actions`;

const Body = z.object({
  etag: Etag,
  properties: z.object({
    logicAppResourceId: z
      .string()
      .regex(
        /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Logic\/workflows\/[^/]+$/i,
        "must be the id of a logic app",
      ),
    // The callback address of the logic app, a secret: it is never kept nor shown, only the workflow's name in it is.
    triggerUri: z.url({ protocol: /^https$/ }),
  }),
});

/** Playbooks that a rule starts for each of its alerts, the way before automation rules. Kept and shown, never run. */
export function routeRuleActions(router: Router<Call>): void {
  router.on("GET", ACTIONS, (call, params) => {
    const rule = requireRule(call, params, READ, "");
    const { value, ...rest } = page(call, actionsOf(call, rule), ({ name }) => name, 100);
    return ok({ value: value.map(body), ...rest });
  });

  router.on("GET", `${ACTIONS}/{a}`, (call, params) => {
    const rule = requireRule(call, params, READ, `/${params.a}`);
    const found = call.model.ruleActions.get(keyOf(rule, params.a ?? ""));
    if (!found) throw resourceNotFound(`Microsoft.SecurityInsights/alertRules/actions/${params.a}`, params.g ?? "");
    return ok(body(found));
  });

  router.on("PUT", `${ACTIONS}/{a}`, put);

  router.on("DELETE", `${ACTIONS}/{a}`, (call, params) => {
    const rule = requireRule(call, params, DELETE, `/${params.a}`);
    const found = call.model.ruleActions.get(keyOf(rule, params.a ?? ""));
    if (!found) return noContent();
    call.model.ruleActions.delete(keyOf(rule, found.name));
    recordActivity(call, { action: DELETE, scope: idOf(found), status: 200 });
    return ok({});
  });
}

function requireRule(call: Call, params: Record<string, string>, action: string, path: string): AlertRule {
  const workspace = sentinelWorkspace(call, params, action, `alertRules/${params.r}/actions${path}`);
  const rule = call.model.alertRules.get(`${workspace.id}/${params.r}`);
  if (!rule) throw resourceNotFound(`Microsoft.SecurityInsights/alertRules/${params.r}`, params.g ?? "");
  return rule;
}

function actionsOf(call: Call, rule: AlertRule): RuleAction[] {
  return [...call.model.ruleActions.values()].filter(
    (action) => action.workspaceId === rule.workspaceId && action.ruleId === rule.ruleId,
  );
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.a ?? "";
  const rule = requireRule(call, params, WRITE, `/${name}`);
  if (!/^[\w.-]{1,260}$/.test(name)) throw badRequest(`The action id '${name.slice(0, 300)}' is invalid.`);
  const { etag, properties } = readBody(call, Body);
  const present = call.model.ruleActions.get(keyOf(rule, name));
  if (present) checkEtag(call, present, present.name, etag);
  const action: RuleAction = {
    workspaceId: rule.workspaceId,
    ruleId: rule.ruleId,
    name: present?.name ?? name,
    logicAppResourceId: properties.logicAppResourceId,
    workflowId: /\/workflows\/([^/?]{1,200})/i.exec(new URL(properties.triggerUri).pathname)?.[1] ?? "",
    etag: `"${worldGuid(call, `etag/${keyOf(rule, name).toLowerCase()}/${present?.etag ?? ""}/${call.now()}`)}"`,
  };
  call.model.ruleActions.put(keyOf(rule, name), action);
  const status = present ? 200 : 201;
  recordActivity(call, { action: WRITE, scope: idOf(action), status });
  return present ? ok(body(action)) : created(body(action));
}

function keyOf(rule: Pick<AlertRule, "workspaceId" | "ruleId">, name: string): string {
  return `${rule.workspaceId}/${rule.ruleId}/${name}`;
}

function idOf({ workspaceId, ruleId, name }: RuleAction): string {
  return `${workspaceId}/providers/Microsoft.SecurityInsights/alertRules/${ruleId}/actions/${name}`;
}

function body(action: RuleAction) {
  return {
    id: idOf(action),
    name: action.name,
    etag: action.etag,
    type: "Microsoft.SecurityInsights/alertRules/actions",
    properties: { workflowId: action.workflowId, logicAppResourceId: action.logicAppResourceId },
  };
}
