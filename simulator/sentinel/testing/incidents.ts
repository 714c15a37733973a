import { type ArmTenant, makeArmTenant, WORKSPACE } from "../../arm/test-context";
import type { SentinelAlert } from "../documents";

export const INCIDENTS = `${WORKSPACE}/providers/Microsoft.SecurityInsights/incidents`;

/** A tenant with somebody who may do everything in Sentinel, and the calls that tests of incidents make. */
export function makeIncidentTenant(options: { defenderPortal?: boolean } = {}) {
  const tenant = makeArmTenant();
  const responder = tenant.personWith(["Microsoft.SecurityInsights/*"], WORKSPACE);
  if (options.defenderPortal) {
    const workspace = tenant.context.model.workspaces.get(WORKSPACE);
    if (workspace) tenant.context.model.workspaces.put(WORKSPACE, { ...workspace, defenderPortal: true });
  }
  const put = (name: string, properties: object, more: object = {}) =>
    tenant.send(responder, "PUT", `${INCIDENTS}/${name}`, { ...more, properties });
  const get = (name: string) => tenant.send(responder, "GET", `${INCIDENTS}/${name}`);
  const list = (query = "") => tenant.send(responder, "GET", `${INCIDENTS}${query}`);
  return { tenant, responder, put, get, list, rows: () => rowsOf(tenant) };
}

export const PLAIN = { title: "Something", severity: "Medium", status: "New" };

/** The `SecurityIncident` rows, oldest first. */
function rowsOf({ context }: ArmTenant): Record<string, unknown>[] {
  return [...context.model.logRows.values()]
    .filter(({ table }) => table === "SecurityIncident")
    .map(({ values }) => values);
}

/** An alert of a rule, stored. */
export function addAlert(
  { context }: ArmTenant,
  systemAlertId: string,
  fields: Partial<SentinelAlert> = {},
): SentinelAlert {
  const now = context.now();
  const alert: SentinelAlert = {
    workspaceId: WORKSPACE,
    systemAlertId,
    ruleId: "rule-1",
    ruleKind: "NRT",
    displayName: "A decoy was read",
    description: "Somebody read it.",
    severity: "High",
    tactics: ["CredentialAccess"],
    techniques: ["T1555"],
    startTime: now - 60_000,
    endTime: now - 30_000,
    processedAt: now,
    entities: [],
    customDetails: {},
    query: "AzureDiagnostics",
    eventCount: 1,
    vendorOriginalId: `vendor-${systemAlertId}`,
    extendedProperties: {},
    overrides: {},
    ...fields,
  };
  context.model.alerts.put(`${WORKSPACE}/${systemAlertId}`, alert);
  return alert;
}
