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

function commonValues(event: AuditEvent): Record<string, unknown> {
  const refused = event.status >= 400;
  return {
    OperationName: event.operation,
    OperationVersion: event.apiVersion ?? "7.4",
    ResultType: "Success",
    ResultSignature: SIGNATURES[event.status] ?? String(event.status),
    ResultDescription: refused ? description(event) : "",
    CorrelationId: event.correlationId,
    DurationMs: event.durationMs,
    SourceSystem: "Azure",
    _ResourceId: event.vault.id.toLowerCase(),
  };
}

function description(event: AuditEvent): string {
  if (event.refusal !== undefined) return event.refusal.split("\r\n", 1)[0] ?? "";
  if (event.status === 401) return "AKV10000: Request is missing a Bearer or PoP token.";
  if (event.addressAuthorized === false) return "Client address is not authorized and caller is not a trusted service.";
  if (event.status === 403) return "Caller is not authorized to perform action on resource.";
  if (event.status === 404) return "The object was not found in this key vault.";
  return "";
}

function diagnosticsValues(event: AuditEvent): Record<string, unknown> {
  const values: Record<string, unknown> = {
    ...commonValues(event),
    Type: "AzureDiagnostics",
    Category: "AuditEvent",
    ResourceProvider: "MICROSOFT.KEYVAULT",
    ResourceType: "VAULTS",
    ResourceId: event.vault.id.toUpperCase(),
    Resource: event.vault.name.toUpperCase(),
    ResourceGroup: event.vault.resourceGroup.toUpperCase(),
    SubscriptionId: event.vault.subscriptionId,
    CallerIPAddress: event.callerAddress,
    httpStatusCode_d: event.status,
    requestUri_s: event.requestUri,
    id_s: event.objectUri ?? "",
    clientInfo_s: event.userAgent,
    tlsVersion_s: "TLS1_3",
    isAddressAuthorized_b: event.addressAuthorized ?? true,
    addrAuthType_s: "PublicIP",
  };
  const { caller, decision, key, secret } = event;
  if (caller) Object.assign(values, diagnosticsClaims(caller, event));
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

function diagnosticsClaims(caller: AuditCaller, event: AuditEvent): Record<string, unknown> {
  const claims: Record<string, unknown> = { identity_claim_appid_g: caller.appId };
  claims[event.throughArm ? `identity_claim_${LONG_OID}_g` : "identity_claim_oid_g"] = caller.oid;
  if (caller.upn) {
    claims[event.throughArm ? `identity_claim_${LONG_UPN}_s` : "identity_claim_upn_s"] = caller.upn;
    if (!event.throughArm) claims.identity_claim_unique_name_s = caller.upn;
    claims.identity_claim_ipaddr_s = event.callerAddress;
  }
  if (caller.kind === "ServicePrincipal") claims.identity_claim_idtyp_s = "app";
  if (caller.managedIdentityId) claims.identity_claim_xms_mirid_s = caller.managedIdentityId;
  return claims;
}

function dedicatedValues(event: AuditEvent): Record<string, unknown> {
  const { caller, decision, key, secret } = event;
  return {
    ...commonValues(event),
    Type: "AZKVAuditLogs",
    CallerIpAddress: event.callerAddress,
    HttpStatusCode: event.status,
    RequestUri: event.requestUri,
    Id: event.objectUri ?? "",
    ClientInfo: event.userAgent,
    Tlsversion: "TLS1_3",
    IsAddressAuthorized: event.addressAuthorized ?? true,
    AddressAuthorizationType: "PublicIP",
    Identity: caller ? { claim: dedicatedClaims(caller, event) } : null,
    ...(decision?.byPolicy === false && {
      IsRbacAuthorized: decision.allowed,
      AppliedAssignmentId: decision.assignmentId ?? "",
    }),
    ...(decision?.byPolicy === true && { IsAccessPolicyMatch: decision.allowed }),
    ...(key && {
      KeyProperties: { type: key.type, ...(key.size !== undefined && { size: key.size }), ...enabledOf(key) },
    }),
    ...(secret && { SecretProperties: { type: secret.contentType ?? "", ...enabledOf(secret) } }),
  };
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
