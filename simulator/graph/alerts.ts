import { z } from "zod";
import type { Call } from "../context";
import type { Router } from "../http";
import type { Field, Fields } from "../odata/fields";
import type { Incident, SentinelAlert } from "../sentinel/documents";
import { alertsOf } from "../sentinel/incident-parts";
import { alertBody, graphAlertId } from "./alert-body";
import { notFound } from "./errors";
import { checkOptions, graphPage } from "./lists";
import { requirePermission } from "./permissions";
import { readGraphBody, word } from "./read-body";
import { CLASSIFICATIONS, DETERMINATIONS, graphSeverity } from "./words";

const ALERTS = "/v1.0/security/alerts_v2";
const CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#security/alerts_v2";

interface Tied {
  incident: Incident;
  alert: SentinelAlert;
}

const Change = z.strictObject({
  "@odata.type": z.string().exactOptional(),
  assignedTo: z.string().max(500).nullable().exactOptional(),
  classification: word(CLASSIFICATIONS).exactOptional(),
  determination: word(DETERMINATIONS).exactOptional(),
  status: word(["new", "inProgress", "resolved"]).exactOptional(),
});

/** Alerts of the Defender portal: list, get, change. An alert without an incident does not get there. */
export function routeAlerts(router: Router<Call>): void {
  router.on("GET", ALERTS, (call) => {
    requirePermission(call, "SecurityAlert.Read.All");
    const options = ["$filter", "$top", "$skip", "$count"];
    const page = graphPage(call, tiedAlerts(call), { fields: fieldsFor(call), size: 50, sizeMax: 1000, options });
    return {
      status: 200,
      body: {
        "@odata.context": CONTEXT,
        ...(page.count === undefined ? {} : { "@odata.count": page.count }),
        ...(page.nextLink === undefined ? {} : { "@odata.nextLink": page.nextLink }),
        value: page.value.map(({ incident, alert }) => alertBody(call, incident, alert)),
      },
    };
  });

  router.on("GET", `${ALERTS}/{a}`, (call, params) => {
    requirePermission(call, "SecurityAlert.Read.All");
    checkOptions(call, []);
    return entity(call, require(call, params));
  });

  router.on("PATCH", `${ALERTS}/{a}`, (call, params) => {
    requirePermission(call, "SecurityAlert.ReadWrite.All");
    const tied = require(call, params);
    const { "@odata.type": _type, ...changes } = readGraphBody(call, Change);
    const key = `${tied.alert.workspaceId}/${tied.alert.systemAlertId}`;
    const present = call.model.alertHandling.get(key);
    const now = call.now();
    const status = changes.status ?? present?.status;
    const { resolvedAt, ...rest } = { ...present, ...changes };
    call.model.alertHandling.put(key, {
      ...rest,
      workspaceId: tied.alert.workspaceId,
      systemAlertId: tied.alert.systemAlertId,
      changedAt: now,
      ...(status === "resolved" ? { resolvedAt: resolvedAt ?? now } : {}),
    });
    return entity(call, tied);
  });
}

function entity(call: Call, { incident, alert }: Tied) {
  return { status: 200, body: { "@odata.context": `${CONTEXT}/$entity`, ...alertBody(call, incident, alert) } };
}

/** Newest first. */
function tiedAlerts(call: Call): Tied[] {
  return [...call.model.incidents.values()]
    .filter((incident) => incident.providerName === "Microsoft XDR")
    .flatMap((incident) => alertsOf(call, incident).map((alert) => ({ incident, alert })))
    .sort((a, b) => b.alert.processedAt - a.alert.processedAt);
}

function require(call: Call, params: Record<string, string>): Tied {
  const wanted = (params.a ?? "").toLowerCase();
  const found = tiedAlerts(call).find(({ alert }) => graphAlertId(alert).toLowerCase() === wanted);
  if (!found) throw notFound("Alert", params.a ?? "");
  return found;
}

function fieldsFor(call: Call): Fields<Tied> {
  const handled = ({ alert }: Tied) => call.model.alertHandling.get(`${alert.workspaceId}/${alert.systemAlertId}`);
  return new Map<string, Field<Tied>>([
    ["assignedTo", { type: "text", get: (tied) => handled(tied)?.assignedTo ?? undefined }],
    ["classification", { type: "text", get: (tied) => handled(tied)?.classification ?? "unknown" }],
    ["determination", { type: "text", get: (tied) => handled(tied)?.determination ?? "unknown" }],
    ["status", { type: "text", get: (tied) => handled(tied)?.status ?? "new" }],
    ["severity", { type: "text", get: ({ alert }) => graphSeverity(alert.severity) }],
    ["serviceSource", { type: "text", get: () => "microsoftSentinel" }],
    ["createdDateTime", { type: "time", get: ({ alert }) => alert.processedAt }],
    ["lastUpdateDateTime", { type: "time", get: (tied) => handled(tied)?.changedAt ?? tied.alert.processedAt }],
  ]);
}
