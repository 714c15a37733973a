import type { Decoy } from "./decoys";

export const AUDIT_TABLES = ["AzureDiagnostics", "AZKVAuditLogs"] as const;
export type AuditTable = (typeof AUDIT_TABLES)[number];

/** One audit row as the control route `POST /sim/log-rows` takes it. */
export interface ReplayRow {
  table: AuditTable;
  vault: string;
  operation: string;
  status: number;
  requestUri: string;
  objectUri?: string;
  /** ISO 8601. */
  at: string;
  arrives: string;
  caller?: { oid: string; appId: string; kind: "User" | "ServicePrincipal"; upn?: string };
  callerAddress: string;
  correlationId: string;
  throughArm?: boolean;
  values?: Record<string, string>;
}

/** How a row writes the same things: as most do, or otherwise. */
export const SPELLINGS = ["plain", "capitals", "no slash", "slash at the vault's id"] as const;
export type Spelling = (typeof SPELLINGS)[number];

interface Call {
  table: AuditTable;
  decoy: Decoy;
  operation: string;
  status: number;
  /** `{}` stands for the decoy's name. */
  path: string;
  throughArm?: true;
  spelling: Spelling;
  oid: string;
  address: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Milliseconds from the operation to its row. */
  late: number;
}

/** The row of one operation. A row that the platform writes itself has no caller, a refused one has no object id. */
export function rowOf(call: Call): ReplayRow {
  const { table, decoy, operation, status, spelling, at } = call;
  const uri = spelled(`https://${call.throughArm ? "management.azure.com" : host(decoy)}`, pathOf(call), spelling);
  const anonymous = operation.endsWith("EventGridNotification") || status === 401;
  const id = `https://${host(decoy)}/${decoy.kind}s/${decoy.name}/0123456789abcdef0123456789abcdef`;
  const named = call.path.includes("{}") || call.path.endsWith("/restore");
  return {
    table,
    vault: decoy.vaultName,
    operation,
    status,
    requestUri: uri,
    ...(status < 400 && named && { objectUri: spelling === "capitals" ? id.toUpperCase() : id }),
    at: new Date(at).toISOString(),
    arrives: new Date(at + call.late).toISOString(),
    ...(!anonymous && { caller: { oid: call.oid, appId: "", kind: "User" as const } }),
    callerAddress: call.address,
    correlationId: call.oid,
    ...(call.throughArm && { throughArm: true }),
    ...vaultSpelling(table, decoy.vaultId, spelling),
  };
}

function host({ vaultName }: Decoy): string {
  return `${vaultName}.vault.azure.net`;
}

function pathOf({ path, decoy, throughArm }: Call): string {
  return `${throughArm ? decoy.vaultId : ""}${path.replace("{}", decoy.name)}`;
}

function spelled(origin: string, path: string, spelling: Spelling): string {
  const version = "?api-version=7.4";
  switch (spelling) {
    case "capitals":
      return `${origin}${path.toUpperCase()}${version}`;
    case "no slash":
      return `${origin}${path.replace(/\/$/, "")}`;
    case "slash at the vault's id":
      return `${origin}${path}${path.endsWith("/") ? "" : "/"}${version}`;
    case "plain":
      return `${origin}${path}${version}`;
  }
}

/** The vault's id otherwise than the service writes it. */
function vaultSpelling(table: AuditTable, vaultId: string, spelling: Spelling): Pick<ReplayRow, "values"> {
  const column = table === "AzureDiagnostics" ? "ResourceId" : "_ResourceId";
  if (spelling === "capitals") return { values: { [column]: vaultId } };
  if (spelling === "slash at the vault's id") return { values: { [column]: `${vaultId.toUpperCase()}/` } };
  return {};
}
