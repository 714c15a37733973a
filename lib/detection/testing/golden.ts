import { kqlString } from "@/lib/azure/kql-literal.pure";
import { expandRule, type RuleFile, type RuleKind } from "../expand";

/** One row of the audit log, as a case describes it; the rest is filled in. */
export interface AuditCase {
  table?: "AzureDiagnostics" | "AZKVAuditLogs";
  at?: string;
  operation?: string;
  status?: number | null;
  vault?: string;
  /** Path and query after the vault's host. */
  path?: string;
  /** The service's own id of the object; empty on refused calls. */
  id?: string;
  oid?: string;
  upn?: string;
  appId?: string;
  ip?: string;
  /** Claims under their long names, as control-plane rows have them. */
  longClaims?: boolean;
}

export const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-Shop/providers/Microsoft.KeyVault/vaults/kv-Shop";
export const PLANTER = "aaaaaaaa-0000-4000-8000-00000000000a";
export const INTRUDER = "bbbbbbbb-0000-4000-8000-00000000000b";
const AT = "2026-11-22T12:00:00Z";

export type RegisterCase = Partial<
  Record<
    "ResourceId" | "HoneyToken" | "Properties" | "TokenKey" | "State" | "PlanterOid" | "WindowStart" | "WindowEnd",
    string
  >
>;

const REGISTER = [
  "ResourceId",
  "HoneyToken",
  "Properties",
  "TokenKey",
  "State",
  "PlanterOid",
  "WindowStart",
  "WindowEnd",
] as const;

/** A row of the register as this product publishes it. */
export function published(change: RegisterCase = {}): RegisterCase {
  return {
    ResourceId: VAULT,
    HoneyToken: "Archive-Reader",
    Properties: '{"Type":"secret"}',
    TokenKey: `${VAULT.toLowerCase()}/secrets/archive-reader`,
    State: "live",
    PlanterOid: PLANTER,
    WindowStart: "2026-11-22T11:50:00Z",
    WindowEnd: "2026-11-22T12:10:00Z",
    ...change,
  };
}

/** A row by which people expect `operation` of the intruder, everywhere unless `TokenKey` says where. */
export function expectedRow(change: RegisterCase = {}, operation = "SecretGet", id = "exception-1"): RegisterCase {
  return {
    HoneyToken: "",
    Properties: JSON.stringify({ Type: "exception", Operation: operation, Id: id }),
    TokenKey: "*",
    State: "exception",
    PlanterOid: INTRUDER,
    WindowStart: "2026-11-01T00:00:00Z",
    WindowEnd: "2026-12-01T00:00:00Z",
    ...change,
  };
}

/** A rule over these rows instead of the workspace's: tables and watchlist are replaced by lets. */
export function ruleOver(
  audit: readonly AuditCase[],
  register: readonly RegisterCase[],
  { file, kind }: { file: RuleFile; kind: RuleKind } = { file: "honeytoken-touched", kind: "NRT" },
): string {
  const diagnostics = audit.filter(({ table }) => table !== "AZKVAuditLogs");
  const dedicated = audit.filter(({ table }) => table === "AZKVAuditLogs");
  return [
    `let AzureDiagnostics = datatable(TimeGenerated: datetime, ResourceProvider: string, Category: string, OperationName: string, ResourceId: string, CorrelationId: string, httpStatusCode_d: real, requestUri_s: string, id_s: string, CallerIPAddress: string, clientInfo_s: string, identity_claim_oid_g: string, identity_claim_appid_g: string, identity_claim_upn_s: string, identity_claim_xms_mirid_s: string, identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g: string)[${diagnostics.map(diagnosticsRow).join(",\n")}];`,
    `let AZKVAuditLogs = datatable(TimeGenerated: datetime, OperationName: string, _ResourceId: string, CorrelationId: string, HttpStatusCode: int, RequestUri: string, Id: string, CallerIpAddress: string, ClientInfo: string, Identity: dynamic)[${dedicated.map(dedicatedRow).join(",\n")}];`,
    `let published = datatable(${REGISTER.map((column) => `${column}: string`).join(", ")})[${register.map((row) => REGISTER.map((column) => kqlString(row[column] ?? "")).join(",")).join(",\n")}];`,
    expandRule(file, kind).query.replaceAll("_GetWatchlist('HoneyTokens')", "published"),
  ].join("\n");
}

function common({
  at = AT,
  operation = "SecretGet",
  vault = VAULT,
  path = "/secrets/Archive-Reader/?api-version=7.4",
  id = "",
}: AuditCase) {
  return {
    time: `datetime(${at})`,
    operation: kqlString(operation),
    vault,
    uri: kqlString(`https://kv-shop.vault.azure.net${path}`),
    id: kqlString(id),
  };
}

function diagnosticsRow(row: AuditCase): string {
  const { time, operation, vault, uri, id } = common(row);
  const { oid = INTRUDER, upn = "", appId = "", ip = "203.0.113.9", status = 200, longClaims = false } = row;
  const cells = [
    time,
    kqlString("MICROSOFT.KEYVAULT"),
    kqlString("AuditEvent"),
    operation,
    kqlString(vault.toUpperCase()),
    kqlString("request-1"),
    status === null ? "real(null)" : `real(${status})`,
    uri,
    id,
    kqlString(ip),
    kqlString("agent/1.0"),
    kqlString(longClaims ? "" : oid),
    kqlString(appId),
    kqlString(upn),
    kqlString(""),
    kqlString(longClaims ? oid : ""),
  ];
  return cells.join(",");
}

function dedicatedRow(row: AuditCase): string {
  const { time, operation, vault, uri, id } = common(row);
  const { oid = INTRUDER, upn = "", appId = "", ip = "203.0.113.9", status = 200, longClaims = false } = row;
  const name = longClaims ? "http://schemas.microsoft.com/identity/claims/objectidentifier" : "oid";
  const claim = { ...(oid && { [name]: oid }), ...(upn && { upn }), ...(appId && { appid: appId }) };
  const identity = oid || appId ? `dynamic(${JSON.stringify({ claim })})` : "dynamic(null)";
  const cells = [
    time,
    operation,
    kqlString(vault.toLowerCase()),
    kqlString("request-1"),
    status === null ? "int(null)" : `int(${status})`,
    uri,
    id,
    kqlString(ip),
    kqlString("agent/1.0"),
    identity,
  ];
  return cells.join(",");
}
