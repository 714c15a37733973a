import { z } from "zod";
import type { Context } from "../context";
import { AzureError, type Router, type SimRequest } from "../http";
import { watchedWorkspace } from "../loganalytics/workspace";
import type { AlertRule, Workspace } from "../model";
import { putAlert } from "../sentinel/alert-store";
import type { SentinelAlert } from "../sentinel/documents";
import { newIncident, putIncident } from "../sentinel/incident-store";
import { worldGuid } from "../world/ids";

/** One call answers after a few seconds at most. */
const INCIDENTS_MAX = 1000;

const Wish = z.strictObject({
  incidents: z
    .array(
      z.strictObject({
        /** The rule that raised it, by its id in the workspace. */
        rule: z.string(),
        at: z.iso.datetime({ offset: true }),
        title: z.string(),
        severity: z.enum(["High", "Medium", "Low", "Informational"]),
        status: z.enum(["New", "Active", "Closed"]).default("New"),
        owner: z.string().optional(),
        entities: z.array(z.strictObject({ type: z.string(), fields: z.record(z.string(), z.string()) })).default([]),
        customDetails: z.record(z.string(), z.array(z.string())).default({}),
      }),
    )
    .min(1)
    .max(INCIDENTS_MAX),
});
type WishedIncident = z.infer<typeof Wish>["incidents"][number];

/**
 * `POST /sim/incidents/fill`: incidents of one alert each, as if rules of the workspace had raised them at the wished
 * times: documents and rows, by the way of any other. For whoever wants a workspace with a history. No automation rule
 * sees them.
 */
export function routeFillIncidents<C extends { request: SimRequest; context: Context }>(router: Router<C>): void {
  router.on("POST", "/sim/incidents/fill", ({ request, context }) => {
    const wish = Wish.safeParse(request.json());
    if (!wish.success) {
      const issue = wish.error.issues[0];
      throw new AzureError(400, "BadRequest", `${issue?.path.join(".") || "body"}: ${issue?.message ?? "invalid"}.`);
    }
    const workspace = watchedWorkspace(context);
    if (!workspace) throw new AzureError(404, "NotFound", "This tenant has no workspace.");
    const rules = wish.data.incidents.map(({ rule }) => ruleNamed(context, workspace, rule));
    wish.data.incidents.forEach((one, index) => {
      const rule = rules[index];
      if (rule) raise({ ...context, now: () => Date.parse(one.at) }, rule, one);
    });
    return { status: 200, body: { written: wish.data.incidents.length } };
  });
}

function ruleNamed(context: Context, workspace: Workspace, name: string): AlertRule {
  const rule = context.model.alertRules.get(`${workspace.id}/${name}`);
  if (rule) return rule;
  throw new AzureError(404, "NotFound", `The workspace has no rule ${name.slice(0, 60)}.`);
}

/** `context.now()` is the time at which it happened. */
function raise(context: Context, rule: AlertRule, wished: WishedIncident): void {
  const alert = alertOf(context, rule, wished);
  putAlert(context, alert);
  const incident = newIncident(context, {
    workspaceId: rule.workspaceId,
    title: wished.title,
    severity: wished.severity,
    alertIds: [alert.systemAlertId],
    ruleIds: [rule.ruleId],
    firstActivityAt: alert.startTime,
    lastActivityAt: alert.endTime,
  });
  putIncident(context, incident);
  if (wished.status === "New" && wished.owner === undefined) return;
  const changed = { ...incident, status: wished.status, owner: wished.owner ? { assignedTo: wished.owner } : {} };
  // A moment later: which of two rows is the newer one must be plain.
  putIncident({ ...context, now: () => context.now() + 1000 }, changed);
}

function alertOf(context: Context, rule: AlertRule, wished: WishedIncident): SentinelAlert {
  const at = context.now();
  const key = `filled/${rule.workspaceId}/${context.model.alerts.size}/${at}`;
  return {
    workspaceId: rule.workspaceId,
    systemAlertId: worldGuid(context, `${key}/alert`),
    vendorOriginalId: worldGuid(context, `${key}/vendor`),
    ruleId: rule.ruleId,
    ruleKind: rule.kind === "Scheduled" ? "Scheduled" : "NRT",
    displayName: wished.title,
    description: "",
    severity: wished.severity,
    tactics: [],
    techniques: [],
    startTime: at,
    endTime: at,
    processedAt: at,
    entities: wished.entities,
    customDetails: wished.customDetails,
    query: String(rule.properties.query ?? ""),
    eventCount: 1,
    extendedProperties: {},
    overrides: {},
  };
}
