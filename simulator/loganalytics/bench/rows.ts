import type { LogTable } from "../../model";
import { LogStore } from "../log-store";
import { type AuditEvent, auditValues } from "../row-shape";

/** The clock of the bench. */
export const NOW = Date.parse("2026-09-15T12:00:00Z");
const DAY = 86_400_000;
/** The rows lie in this many days before the clock. */
const DAYS = 30;

const VAULTS = 240;
const CALLERS = 180;
const SECRETS = 40;
const SUBSCRIPTION = "00000000-0000-4000-8000-000000000001";
const WATCHED = 21;

const OPERATIONS = ["SecretGet", "SecretGet", "SecretGet", "SecretList", "KeyGet", "KeySign", "VaultGet", "SecretSet"];
const AGENTS = [
  "azsdk-net-secrets/4.7.0 (.NET 8.0.1; Linux)",
  "azsdk-python-keyvault-keys/4.9.0",
  "Mozilla/5.0 Chrome/128.0",
];

/** A number below `bound` that follows from `seed` alone. */
function pick(seed: number, bound: number): number {
  let mixed = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % bound;
}

function vaultId(index: number): string {
  return `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-${index % 20}/providers/microsoft.keyvault/vaults/kv-${index}`;
}

function callerId(index: number): string {
  return `00000000-0000-4000-9000-${String(index).padStart(12, "0")}`;
}

/** Names of the decoys of the bench, one in each of the first vaults. */
export function decoys(): { vault: string; name: string; kind: "secrets" }[] {
  return Array.from({ length: WATCHED }, (_, index) => ({
    vault: vaultId(index),
    name: `sql-admin-${index}`,
    kind: "secrets",
  }));
}

function eventAt(index: number, count: number): AuditEvent {
  const vault = pick(index, VAULTS);
  const touch = index % 240 === 7;
  // An application that nobody has seen before the last hours.
  const app = index > 0.99 * count && index % 50 === 0 ? 99 : pick(index + 5, 12);
  const operation = touch ? "SecretGet" : (OPERATIONS[pick(index + 1, OPERATIONS.length)] ?? "SecretGet");
  const denied = pick(index + 2, 40) === 0;
  const caller = callerId(pick(index + 3, CALLERS));
  const name = touch ? `sql-admin-${vault % WATCHED}` : `app-setting-${pick(index + 4, SECRETS)}`;
  const kind = operation.startsWith("Key") ? "keys" : "secrets";
  const host = touch ? vault % WATCHED : vault;
  return {
    vault: { id: vaultId(host), name: `kv-${host}`, subscriptionId: SUBSCRIPTION, resourceGroup: `rg-${host % 20}` },
    operation,
    status: denied ? 403 : 200,
    requestUri: `https://kv-${host}.vault.azure.net/${kind}/${name}/?api-version=7.4`,
    caller: {
      oid: caller,
      appId: callerId(app),
      kind: "User",
      upn: `user${pick(index + 3, CALLERS)}@contoso.test`,
    },
    callerAddress: `203.0.${pick(index + 6, 4)}.${pick(index + 7, 250)}`,
    userAgent: AGENTS[pick(index + 8, AGENTS.length)] ?? "",
    correlationId: callerId(index),
    durationMs: pick(index + 9, 200),
    decision: { byPolicy: false, allowed: !denied },
  };
}

/** Times rise through the days, as they do where rows come in. */
function timeOf(index: number, count: number): number {
  return NOW - DAYS * DAY + Math.floor((index / count) * DAYS * DAY);
}

/** Audit rows of `count` calls, a few of them touches of decoys, in the store that the workspace uses itself. */
export function auditStore(table: "AzureDiagnostics" | "AZKVAuditLogs", count: number): LogStore {
  const store = new LogStore(table);
  for (let index = 0; index < count; index++) {
    const timeGenerated = timeOf(index, count);
    const ingestedAt = timeGenerated + 180_000 + pick(index, 420_000);
    store.add({ timeGenerated, ingestedAt, values: auditValues(table, eventAt(index, count)) });
  }
  return store;
}

/** Small side tables: alerts with entities, incidents, and changes of diagnostic settings. */
export function sideStores(): ReadonlyMap<LogTable, LogStore> {
  const alerts = new LogStore("SecurityAlert");
  const incidents = new LogStore("SecurityIncident");
  const activity = new LogStore("AzureActivity");
  for (let index = 0; index < 1000; index++) {
    const timeGenerated = timeOf(index, 1000);
    const row = { timeGenerated, ingestedAt: timeGenerated + 60_000 };
    const address = `203.0.${pick(index, 4)}.${pick(index, 250)}`;
    const entities = JSON.stringify([
      { $id: "1", Address: address, Type: "ip" },
      { $id: "2", Name: "eve", UPNSuffix: "contoso.test", Type: "account" },
    ]);
    const severity = ["High", "Medium", "Low"][index % 3];
    alerts.add({
      ...row,
      values: { SystemAlertId: `a-${index}`, AlertName: "Decoy touched", AlertSeverity: severity, Entities: entities },
    });
    if (index % 20 === 0) {
      const changed = {
        IncidentNumber: index,
        Title: "Decoy touched",
        Status: "New",
        Severity: "High",
        AlertIds: [`a-${index}`],
      };
      incidents.add({ ...row, values: { ...changed, LastModifiedTime: timeGenerated } });
      incidents.add({ ...row, values: { ...changed, Status: "Active", LastModifiedTime: timeGenerated + 60_000 } });
    }
    const write = index % 3 === 0;
    activity.add({
      ...row,
      values: {
        OperationNameValue: `MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/${write ? "WRITE" : "DELETE"}`,
        ActivityStatusValue: "Success",
        Caller: `user${pick(index, CALLERS)}@contoso.test`,
        CallerIpAddress: address,
        CorrelationId: callerId(index),
        _ResourceId: vaultId(index % VAULTS),
        Properties: JSON.stringify({
          requestbody: JSON.stringify({ properties: { logs: [{ category: "AuditEvent", enabled: !write }] } }),
        }),
      },
    });
  }
  return new Map<LogTable, LogStore>([
    ["SecurityAlert", alerts],
    ["SecurityIncident", incidents],
    ["AzureActivity", activity],
  ]);
}
