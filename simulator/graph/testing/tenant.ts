import { handleArm } from "../../arm/service";
import { answerOf } from "../../arm/test-context";
import { Timekeeper, VirtualClock } from "../../clock";
import type { Call, Context } from "../../context";
import { signAppToken, signPersonToken } from "../../entra/token";
import type { Principal } from "../../model";
import type { Incident, SentinelAlert } from "../../sentinel/documents";
import { openIncident } from "../../sentinel/incident-changes";
import { newIncident } from "../../sentinel/incident-store";
import { testRequest, testTenant } from "../../test-tenant";
import { worldIds } from "../../world/ids";
import { defenderSync } from "../defender-sync";
import { handleGraph } from "../service";

const GRAPH = "https://graph.microsoft.com";

export let context: Context;
let keeper: Timekeeper;
export let workspaceId: string;

/** Starts the tenant that the rest of this file speaks to. */
export async function start(settings: { defenderPortal?: true } = { defenderPortal: true }): Promise<void> {
  const tenant = await testTenant({ vaults: 2, ...settings });
  const clock = new VirtualClock(tenant.context.now());
  context = { ...tenant.context, now: () => clock.now() };
  keeper = new Timekeeper({
    clock,
    chores: [defenderSync(context)],
    commit: () => {},
    onFault: (error) => {
      throw error;
    },
  });
  workspaceId = worldIds(context).workspace.resourceId;
}

export function principal(oid: string): Principal {
  const found = context.model.principals.get(oid);
  if (!found) throw new Error("The world has no such principal.");
  return found;
}

export const registrar = () => principal(worldIds(context).identities.registrar.objectId);
export const appToken = (who: Principal, audience = GRAPH) => signAppToken(context, who, audience, 3600);
export const personToken = (oid: string, ...scopes: string[]) =>
  signPersonToken(context, principal(oid), {
    clientId: context.identity.apiClientId,
    confidential: true,
    audience: GRAPH,
    scopes,
    sid: "s",
    acrs: [],
  });

export async function send(
  method: string,
  path: string,
  more: { token?: string; body?: unknown; prefer?: string } = {},
) {
  const token = more.token ?? (await appToken(registrar()));
  const headers = { authorization: `Bearer ${token}`, ...(more.prefer && { prefer: more.prefer }) };
  const text = typeof more.body === "string" ? more.body : JSON.stringify(more.body ?? {});
  const request = { ...testRequest(method, path, { headers: token === "" ? {} : headers }), text };
  const response = await handleGraph(request, context);
  return { ...response, body: answerOf(response.body) };
}

/** A call to ARM by somebody who may do everything. */
function armCall(method: string, path: string, body?: unknown): Call {
  const admin = principal(worldIds(context).personas.administrator);
  const request = {
    ...testRequest(method, `${path}?api-version=2022-09-01-preview`),
    text: body === undefined ? "" : JSON.stringify(body),
  };
  context.model.roleAssignments.put("all", {
    id: "all",
    name: "all",
    scope: workspaceId,
    principalId: admin.oid,
    principalType: "User",
    roleDefinitionId: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    createdAt: 0,
    createdBy: admin.oid,
  });
  return { ...context, request, caller: { oid: admin.oid, appId: admin.oid, kind: "User", name: admin.name } };
}

export async function arm(method: string, path: string, body?: unknown) {
  const response = await handleArm(
    armCall(method, `${workspaceId}/providers/Microsoft.SecurityInsights/${path}`, body),
  );
  return { ...response, body: answerOf(response.body) };
}

export function open(fields: Partial<Incident> = {}): Incident {
  const alert: SentinelAlert = {
    workspaceId,
    systemAlertId: `a${context.model.alerts.size}`,
    ruleId: "rule-1",
    ruleKind: "NRT",
    displayName: "A decoy was read",
    description: "Somebody read it.",
    severity: "High",
    tactics: ["CredentialAccess"],
    techniques: ["T1555"],
    startTime: context.now(),
    endTime: context.now(),
    processedAt: context.now(),
    entities: [
      { type: "account", fields: { Name: "ada", UPNSuffix: "contoso.test" } },
      { type: "ip", fields: { Address: "203.0.113.7" } },
      { type: "azure-resource", fields: { ResourceId: "/subscriptions/s/resourceGroups/g/providers/A.B/c/kv-one" } },
      { type: "host", fields: { HostName: "h" } },
    ],
    customDetails: {},
    query: "AzureDiagnostics",
    eventCount: 1,
    vendorOriginalId: "v",
    extendedProperties: {},
    overrides: {},
  };
  context.model.alerts.put(`${workspaceId}/${alert.systemAlertId}`, alert);
  return openIncident(
    context,
    newIncident(context, {
      workspaceId,
      title: "T",
      severity: "High",
      alertIds: [alert.systemAlertId],
      ruleIds: ["rule-1"],
      ...fields,
    }),
  );
}

export const sync = () => keeper.advanceTo(context.now() + context.settings.delays.defenderPortal);
export const rows = () => [...context.model.logRows.values()].filter(({ table }) => table === "SecurityIncident");
