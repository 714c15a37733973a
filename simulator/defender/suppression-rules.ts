import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest } from "../arm/errors";
import { iso, noContent, ok, page, parameter, readBody } from "../arm/respond";
import { authorize } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import type { SuppressionRule } from "./documents";
import { isExpired } from "./suppression-match";

const ALL = "/subscriptions/{s}/providers/Microsoft.Security/alertsSuppressionRules";
const READ = "Microsoft.Security/alertsSuppressionRules/read";
const WRITE = "Microsoft.Security/alertsSuppressionRules/write";
const DELETE = "Microsoft.Security/alertsSuppressionRules/delete";

const Condition = z
  .object({
    field: z.string().min(1).max(200),
    in: z.array(z.string().max(1000)).min(1).max(500).optional(),
    contains: z.string().min(1).max(1000).optional(),
  })
  .refine((one) => (one.in === undefined) !== (one.contains === undefined), "must have either in or contains");

const Body = z.object({
  properties: z.object({
    alertType: z.string().min(1).max(200),
    reason: z.string().min(1).max(200),
    comment: z.string().max(2000).nullish(),
    state: z.enum(["Enabled", "Disabled", "Expired"]),
    expirationDateUtc: z.iso.datetime({ offset: true }).nullish(),
    suppressionAlertsScope: z.object({ allOf: z.array(Condition).min(1).max(20) }).nullish(),
  }),
});

/** Rules that dismiss alerts as they come: list, get, put, delete. They do nothing to alerts that are there. */
export function routeSuppressionRules(router: Router<Call>): void {
  router.on("GET", ALL, (call, params) => {
    authorize(call, READ, `/subscriptions/${params.s}`);
    const type = parameter(call, "alerttype")?.toLowerCase();
    const found = [...call.model.suppressionRules.values()].filter(
      (rule) =>
        rule.subscriptionId.toLowerCase() === params.s?.toLowerCase() &&
        (type === undefined || rule.alertType.toLowerCase() === type),
    );
    const bodies = found.map((rule) => body(call, rule));
    return ok(page(call, bodies, ({ id }) => id, 100));
  });

  router.on("GET", `${ALL}/{n}`, (call, params) => {
    authorize(call, READ, `/subscriptions/${params.s}`);
    const found = call.model.suppressionRules.get(`${params.s}/${params.n}`);
    if (!found) throw new AzureError(404, "ResourceNotFound", `The suppression rule '${params.n}' was not found.`);
    return ok(body(call, found));
  });

  router.on("PUT", `${ALL}/{n}`, put);

  router.on("DELETE", `${ALL}/{n}`, (call, params) => {
    authorize(call, DELETE, `/subscriptions/${params.s}`);
    const found = call.model.suppressionRules.get(`${params.s}/${params.n}`);
    if (!found) return noContent();
    call.model.suppressionRules.delete(`${params.s}/${params.n}`);
    recordActivity(call, { action: DELETE, scope: idOf(found), status: 204 });
    return noContent();
  });
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.n ?? "";
  authorize(call, WRITE, `/subscriptions/${params.s}`);
  const { properties } = readBody(call, Body, "InvalidRequestContent");
  // Source: "Suppress alerts", Microsoft Learn: 2 to 50 characters.
  if (!/^[\w-]{2,50}$/.test(name)) throw badRequest(`The rule name '${name}' is invalid.`, "InvalidRuleName");
  checkSeen(call, params.s ?? "", name, properties.alertType);
  const expiresAt = properties.expirationDateUtc == null ? undefined : Date.parse(properties.expirationDateUtc);
  if (properties.state === "Enabled" && expiresAt !== undefined && expiresAt <= call.now()) {
    throw badRequest("The expiration date of an enabled rule must lie in the future.", "InvalidExpirationDate");
  }
  const rule: SuppressionRule = {
    subscriptionId: params.s?.toLowerCase() ?? "",
    name: call.model.suppressionRules.get(`${params.s}/${name}`)?.name ?? name,
    alertType: properties.alertType,
    reason: properties.reason,
    ...(properties.comment ? { comment: properties.comment } : {}),
    enabled: properties.state === "Enabled",
    ...(expiresAt === undefined ? {} : { expiresAt }),
    modifiedAt: call.now(),
    allOf: (properties.suppressionAlertsScope?.allOf ?? []).map((one) => ({
      field: one.field,
      ...(one.in ? { in: one.in } : {}),
      ...(one.contains ? { contains: one.contains } : {}),
    })),
  };
  call.model.suppressionRules.put(`${params.s}/${name}`, rule);
  recordActivity(call, { action: WRITE, scope: idOf(rule), status: 200 });
  return ok(body(call, rule));
}

/** What stands for every type. Source: `alertType` in the description. */
const EVERY_TYPE = "*";

/**
 * Only types of which the subscription had an alert can be suppressed, says "Suppress alerts", Microsoft Learn; a rule
 * that is there keeps its type. Code and sentence are a guess.
 */
function checkSeen(call: Call, subscriptionId: string, name: string, alertType: string): void {
  const same = (text: string | undefined, other: string) => text?.toLowerCase() === other.toLowerCase();
  if (
    alertType === EVERY_TYPE ||
    same(call.model.suppressionRules.get(`${subscriptionId}/${name}`)?.alertType, alertType)
  )
    return;
  for (const alert of call.model.defenderAlerts.values()) {
    if (same(alert.subscriptionId, subscriptionId) && same(alert.alertType, alertType)) return;
  }
  throw badRequest(
    `The alert type '${alertType}' has not been triggered on the subscription '${subscriptionId}'.`,
    "InvalidAlertType",
  );
}

function idOf(rule: SuppressionRule): string {
  return `/subscriptions/${rule.subscriptionId}/providers/Microsoft.Security/alertsSuppressionRules/${rule.name}`;
}

function body(call: Call, rule: SuppressionRule) {
  return {
    id: idOf(rule),
    name: rule.name,
    type: "Microsoft.Security/alertsSuppressionRules",
    properties: {
      alertType: rule.alertType,
      lastModifiedUtc: iso(rule.modifiedAt),
      ...(rule.expiresAt === undefined ? {} : { expirationDateUtc: iso(rule.expiresAt) }),
      state: isExpired(rule, call.now()) ? "Expired" : rule.enabled ? "Enabled" : "Disabled",
      reason: rule.reason,
      ...(rule.comment === undefined ? {} : { comment: rule.comment }),
      ...(rule.allOf.length === 0 ? {} : { suppressionAlertsScope: { allOf: rule.allOf } }),
    },
  };
}
