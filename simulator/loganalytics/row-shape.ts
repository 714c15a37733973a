import type { Vault } from "../model";

export type AuditTable = "AzureDiagnostics" | "AZKVAuditLogs";

/** Who made a call, as the claims of the token say. */
export interface AuditCaller {
  oid: string;
  appId: string;
  kind: "User" | "ServicePrincipal";
  upn?: string;
  managedIdentityId?: string;
}

/** One call to a vault, before it takes the shape of a table. */
export interface AuditEvent {
  vault: Pick<Vault, "id" | "name" | "subscriptionId" | "resourceGroup">;
  /** `SecretGet`, `KeyCreate`, `Authentication`, ... */
  operation: string;
  /** HTTP status of the answer. */
  status: number;
  /** The whole URI as the caller sent it, query included. */
  requestUri: string;
  /** `https://{vault}.vault.azure.net/{kind}/{name}/{version}`; empty on most refused calls, as in Azure. */
  objectUri?: string;
  /** Absent on an unauthenticated call (the 401 challenge) and on events that the platform writes itself. */
  caller?: AuditCaller;
  callerAddress: string;
  userAgent: string;
  /** GUID, equal to the `x-ms-request-id` of the answer. */
  correlationId: string;
  durationMs: number;
  /** Data-plane version, `7.4` by default; ARM calls carry a date. */
  apiVersion?: string;
  /** The call came through management.azure.com: claims are then written with their long names. */
  throughArm?: boolean;
  /** How the vault decided; absent where it did not get that far. */
  decision?: { byPolicy: boolean; allowed: boolean; assignmentId?: string };
  /** False when the firewall refused the caller's address. */
  addressAuthorized?: boolean;
  /** What a refused call was told; the first line goes into the row. */
  refusal?: string;
  key?: { type: string; size?: number; enabled?: boolean };
  secret?: { contentType?: string; enabled?: boolean };
}

const SIGNATURES: Record<number, string> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  429: "Too Many Requests",
};

const LONG_OID = "http_schemas_microsoft_com_identity_claims_objectidentifier";
const LONG_UPN = "http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn";

/**
 * The column values of one audit record in one of the two tables. `TimeGenerated` and the ingestion time belong to the
 * row around it, `TenantId` to the workspace. Numbers, booleans and text are plain; dynamic columns are objects.
 *
 * Two habits of the real log are kept on purpose because they mislead queries: `ResultType` says `Success` also for
 * refused calls, and a refused call has no object id, so only the request URI names the object.
 */
export function auditValues(table: AuditTable, event: AuditEvent): Record<string, unknown> {
  return table === "AzureDiagnostics" ? diagnosticsValues(event) : dedicatedValues(event);
}

/** Spellings of a vault's id; kept, since a month of traffic has tens of thousands of rows of a few vaults. */
interface VaultSpellings {
  lowerId: string;
  upperId: string;
  upperName: string;
  upperGroup: string;
}

const spellings = new WeakMap<AuditEvent["vault"], VaultSpellings>();

function spell(vault: AuditEvent["vault"]): VaultSpellings {
  let known = spellings.get(vault);
  if (!known) {
    known = {
      lowerId: vault.id.toLowerCase(),
      upperId: upperCase(vault.id),
      upperName: upperCase(vault.name),
      upperGroup: upperCase(vault.resourceGroup),
    };
    spellings.set(vault, known);
  }
  return known;
}

/** Letter by letter, as .NET does it: a sharp s stays one, and the id keeps its length. */
function upperCase(text: string): string {
  const letters = Array.from(text, (letter) => {
    const upper = letter.toUpperCase();
    return upper.length === letter.length ? upper : letter;
  });
  return letters.join("");
}

function description(event: AuditEvent): string {
  if (event.status < 400) return "";
  if (event.refusal !== undefined) return event.refusal.split("\r\n", 1)[0] ?? "";
  if (event.status === 401) return "AKV10000: Request is missing a Bearer, PoP, or MTLS_POP token.";
  if (event.addressAuthorized === false) return "Client address is not authorized and caller is not a trusted service.";
  if (event.status === 403) return "Caller is not authorized to perform action on resource.";
  if (event.status === 404) return "The object was not found in this key vault.";
  return "";
}

function diagnosticsValues(event: AuditEvent): Record<string, unknown> {
  const { caller, decision, key, secret } = event;
  const vault = spell(event.vault);
  const values: Record<string, unknown> = {
    Type: "AzureDiagnostics",
    SourceSystem: "Azure",
    Category: "AuditEvent",
    ResourceProvider: "MICROSOFT.KEYVAULT",
    ResourceType: "VAULTS",
    ResourceId: vault.upperId,
    Resource: vault.upperName,
    ResourceGroup: vault.upperGroup,
    SubscriptionId: event.vault.subscriptionId,
    _ResourceId: vault.lowerId,
    OperationName: event.operation,
    OperationVersion: event.apiVersion ?? "7.4",
    ResultType: "Success",
    ResultSignature: SIGNATURES[event.status] ?? String(event.status),
    ResultDescription: description(event),
    CorrelationId: event.correlationId,
    DurationMs: event.durationMs,
    CallerIPAddress: event.callerAddress,
    httpStatusCode_d: event.status,
    requestUri_s: event.requestUri,
    id_s: event.objectUri ?? "",
    clientInfo_s: event.userAgent,
    tlsVersion_s: "TLS1_3",
    isAddressAuthorized_b: event.addressAuthorized ?? true,
    addrAuthType_s: "PublicIP",
  };
  if (caller) addClaims(values, caller, event);
  if (decision?.byPolicy === false) {
    values.isRbacAuthorized_b = decision.allowed;
    if (decision.assignmentId) values.appliedAssignmentId_g = decision.assignmentId;
  } else if (decision) values.isAccessPolicyMatch_b = decision.allowed;
  if (key) {
    values.keyProperties_type_s = key.type;
    if (key.size !== undefined) values.keyProperties_size_d = key.size;
    if (key.enabled !== undefined) values.keyProperties_attributes_enabled_b = key.enabled;
  }
  if (secret?.contentType) values.secretProperties_type_s = secret.contentType;
  if (secret?.enabled !== undefined) values.secretProperties_attributes_enabled_b = secret.enabled;
  return values;
}

function addClaims(values: Record<string, unknown>, caller: AuditCaller, event: AuditEvent): void {
  values.identity_claim_appid_g = caller.appId;
  values[event.throughArm ? `identity_claim_${LONG_OID}_g` : "identity_claim_oid_g"] = caller.oid;
  if (caller.upn) {
    values[event.throughArm ? `identity_claim_${LONG_UPN}_s` : "identity_claim_upn_s"] = caller.upn;
    if (!event.throughArm) values.identity_claim_unique_name_s = caller.upn;
    values.identity_claim_ipaddr_s = event.callerAddress;
  }
  if (caller.kind === "ServicePrincipal") values.identity_claim_idtyp_s = "app";
  if (caller.managedIdentityId) values.identity_claim_xms_mirid_s = caller.managedIdentityId;
}

function dedicatedValues(event: AuditEvent): Record<string, unknown> {
  const { caller, decision, key, secret } = event;
  const values: Record<string, unknown> = {
    Type: "AZKVAuditLogs",
    SourceSystem: "Azure",
    _ResourceId: spell(event.vault).lowerId,
    OperationName: event.operation,
    OperationVersion: event.apiVersion ?? "7.4",
    ResultType: "Success",
    ResultSignature: SIGNATURES[event.status] ?? String(event.status),
    ResultDescription: description(event),
    CorrelationId: event.correlationId,
    DurationMs: event.durationMs,
    CallerIpAddress: event.callerAddress,
    HttpStatusCode: event.status,
    RequestUri: event.requestUri,
    Id: event.objectUri ?? "",
    ClientInfo: event.userAgent,
    Tlsversion: "TLS1_3",
    IsAddressAuthorized: event.addressAuthorized ?? true,
    AddressAuthorizationType: "PublicIP",
    Identity: caller ? { claim: dedicatedClaims(caller, event) } : null,
  };
  if (decision?.byPolicy === false) {
    values.IsRbacAuthorized = decision.allowed;
    values.AppliedAssignmentId = decision.assignmentId ?? "";
  } else if (decision) values.IsAccessPolicyMatch = decision.allowed;
  if (key)
    values.KeyProperties = { type: key.type, ...(key.size !== undefined && { size: key.size }), ...enabledOf(key) };
  if (secret) values.SecretProperties = { type: secret.contentType ?? "", ...enabledOf(secret) };
  return values;
}

function enabledOf(properties: { enabled?: boolean }): Record<string, unknown> {
  return properties.enabled === undefined ? {} : { attributes: { enabled: properties.enabled } };
}

function dedicatedClaims(caller: AuditCaller, event: AuditEvent): Record<string, string> {
  const oidClaim = event.throughArm ? "http://schemas.microsoft.com/identity/claims/objectidentifier" : "oid";
  const upnClaim = event.throughArm ? "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn" : "upn";
  return {
    [oidClaim]: caller.oid,
    appid: caller.appId,
    ...(caller.upn && { [upnClaim]: caller.upn, ipaddr: event.callerAddress }),
    ...(caller.kind === "ServicePrincipal" && { idtyp: "app" }),
    ...(caller.managedIdentityId && { xms_mirid: caller.managedIdentityId }),
  };
}
