import { columnsOf, database, table } from "../testing/harness";
import type { Database, Row, TabularFunction, Value } from "../types";
import { DAY, MINUTE, parseDatetime } from "../values/time";

/*
 * A small made-up workspace: two vaults, one decoy secret and one decoy key, a burst of denied reads, an incident.
 * Times are minutes before 2026-09-15 12:00 UTC, the clock of the tests.
 */

const NOON = parseDatetime("2026-09-15T12:00:00Z") ?? 0;

/** Microseconds of a moment so many minutes before noon. */
export function minutesAgo(minutes: number): number {
  return NOON - minutes * MINUTE;
}

export const VAULT_A = "/subscriptions/s1/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-a";
export const VAULT_B = "/subscriptions/s1/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-b";

const DIAGNOSTICS =
  "TimeGenerated:datetime ResourceProvider:string Category:string ResourceId:string OperationName:string ResultType:string ResultSignature:string CallerIPAddress:string requestUri_s:string httpStatusCode_d:real identity_claim_oid_g:string clientInfo_s:string CorrelationId:string";

function diagnostic(minutes: number, operation: string, uri: string, status: number, caller: string, ip: string): Row {
  return [
    minutesAgo(minutes),
    "MICROSOFT.KEYVAULT",
    "AuditEvent",
    VAULT_A.toUpperCase(),
    operation,
    "Success",
    status === 200 ? "OK" : status === 401 ? "Unauthorized" : "Forbidden",
    ip,
    `https://kv-a.vault.azure.net/${uri}?api-version=7.4`,
    status,
    caller,
    operation === "Authentication" ? "" : "azsdk-python-keyvault-secrets/4.7.0 (Linux)",
    `c-${minutes}`,
  ];
}

const PLANTER = "00000000-0000-0000-0000-00000000000p";
export const THIEF = "11111111-1111-1111-1111-111111111111";
export const APP = "22222222-2222-2222-2222-222222222222";

const diagnostics: Row[] = [
  diagnostic(1500, "SecretSet", "secrets/sql-admin-pw", 200, PLANTER, "10.0.0.4"),
  diagnostic(120, "SecretGet", "secrets/app-key/0123", 200, APP, "10.1.0.9"),
  diagnostic(60, "SecretGet", "secrets/app-key/", 200, APP, "10.1.0.9"),
  diagnostic(42, "Authentication", "secrets/sql-admin-pw/", 401, "", "203.0.113.9"),
  diagnostic(41, "SecretGet", "secrets/SQL-admin-pw/", 200, THIEF, "203.0.113.9"),
  diagnostic(30, "SecretGet", "secrets/x1/", 403, THIEF, "203.0.113.9"),
  diagnostic(29, "SecretGet", "secrets/x2/", 403, THIEF, "203.0.113.9"),
  diagnostic(28, "SecretGet", "secrets/x3/", 403, THIEF, "203.0.113.9"),
  diagnostic(20, "SecretNearExpiryEventGridNotification", "secrets/sql-admin-pw", 200, "", ""),
];

const AUDIT =
  "TimeGenerated:datetime OperationName:string HttpStatusCode:int RequestUri:string CallerIpAddress:string Identity:dynamic _ResourceId:string CorrelationId:string KeyProperties:dynamic";

function audit(minutes: number, operation: string, uri: string, status: number, oid: string): Row {
  const identity = { claim: { oid, appid: "app-1", upn: "eve@contoso.test" } };
  return [
    minutesAgo(minutes),
    operation,
    status,
    `https://kv-b.vault.azure.net/${uri}?api-version=7.4`,
    "198.51.100.7",
    identity,
    VAULT_B,
    `d-${minutes}`,
    { type: "RSA", size: 2048, attributes: { enabled: true } },
  ];
}

const audits: Row[] = [
  audit(90, "KeyGet", "keys/signing/abc", 200, APP),
  audit(15, "KeySign", "keys/Payments-Root/", 200, THIEF),
  audit(14, "KeyGet", "keys/payments-root", 403, THIEF),
];

const WATCHLIST =
  "_DTItemId:string LastUpdatedTimeUTC:datetime SearchKey:string WatchlistItem:dynamic ResourceProvider:string ResourceId:string HoneyToken:string Properties:string TokenKey:string State:string PlanterOid:string";

const listed: Row[] = [
  [
    "1",
    minutesAgo(DAY / MINUTE),
    VAULT_A,
    {},
    "Microsoft.KeyVault",
    VAULT_A,
    "sql-admin-pw",
    '{"Type":"secret"}',
    `${VAULT_A}/secrets/sql-admin-pw`,
    "live",
    PLANTER,
  ],
  [
    "2",
    minutesAgo(DAY / MINUTE),
    VAULT_B,
    {},
    "Microsoft.KeyVault",
    VAULT_B,
    "payments-root",
    '{"Type":"key"}',
    `${VAULT_B}/keys/payments-root`,
    "live",
    PLANTER,
  ],
];

/** Two lists with columns of their own, as a workspace has. */
const getWatchlist: TabularFunction = {
  parameters: [{ name: "alias", type: "string" }],
  schemaOf: ([alias]: readonly Value[]) => columnsOf(alias === "VIPUsers" ? "SearchKey:string Upn:string" : WATCHLIST),
  call: ([alias]) =>
    alias === "VIPUsers"
      ? table("VIPUsers", "SearchKey:string Upn:string", [["eve", "eve@contoso.test"]])
      : table("HoneyTokens", WATCHLIST, alias === "HoneyTokens" ? listed : []),
};

const activity: Row[] = [
  [
    minutesAgo(50),
    "MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE",
    "Success",
    "mallory@contoso.test",
    `${VAULT_A}/providers/microsoft.insights/diagnosticSettings/audit`,
    "{}",
  ],
  [
    minutesAgo(45),
    "MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/WRITE",
    "Success",
    "kim@contoso.test",
    `${VAULT_B}/providers/microsoft.insights/diagnosticSettings/audit`,
    '{"requestbody":"{\\"properties\\":{\\"logs\\":[{\\"category\\":\\"AuditEvent\\",\\"enabled\\":false},{\\"category\\":\\"Other\\",\\"enabled\\":true}]}}"}',
  ],
];

const entities = JSON.stringify([
  { $id: "1", Type: "ip", Address: "203.0.113.9" },
  { $id: "2", Type: "account", Name: "eve", UPNSuffix: "contoso.test" },
]);

const alerts: Row[] = [
  [
    minutesAgo(38),
    "a-1",
    "HoneyTokens: secret touched",
    "High",
    entities,
    '{"Custom Details":"{\\"Decoy\\":[\\"sql-admin-pw\\"]}"}',
  ],
  [minutesAgo(12), "a-2", "HoneyTokens: key touched", "Medium", "[]", "{}"],
];

const incidents: Row[] = [
  [minutesAgo(37), 7, "Decoy touched", "New", ["a-1"], { assignedTo: null }, minutesAgo(37)],
  [minutesAgo(10), 7, "Decoy touched", "Active", ["a-1", "a-2"], { assignedTo: "Ana" }, minutesAgo(10)],
  [minutesAgo(9), 8, "Other", "New", [], { assignedTo: null }, minutesAgo(9)],
];

/** The planted workspace. */
export const planted: Database = database(
  [
    table("AzureDiagnostics", DIAGNOSTICS, diagnostics, {
      timeColumn: "TimeGenerated",
      ingestedAt: (index) => minutesAgo(index === 4 ? 3 : 100),
    }),
    table("AZKVAuditLogs", AUDIT, audits, {
      timeColumn: "TimeGenerated",
      ingestedAt: (index) => minutesAgo(index === 0 ? 80 : 2),
    }),
    table(
      "AzureActivity",
      "TimeGenerated:datetime OperationNameValue:string ActivityStatusValue:string Caller:string _ResourceId:string Properties:string",
      activity,
      { timeColumn: "TimeGenerated" },
    ),
    table(
      "SecurityAlert",
      "TimeGenerated:datetime SystemAlertId:string AlertName:string AlertSeverity:string Entities:string ExtendedProperties:string",
      alerts,
      { timeColumn: "TimeGenerated" },
    ),
    table(
      "SecurityIncident",
      "TimeGenerated:datetime IncidentNumber:int Title:string Status:string AlertIds:dynamic Owner:dynamic LastModifiedTime:datetime",
      incidents,
      { timeColumn: "TimeGenerated" },
    ),
  ],
  { _GetWatchlist: getWatchlist },
);
