import { defenderCollections } from "./defender/documents";
import { LogRows } from "./loganalytics/log-rows";
import { monitorCollections } from "./monitor/documents";
import { policyCollections } from "./policy/documents";
import { automationCollections } from "./sentinel/automation-documents";
import { sentinelCollections } from "./sentinel/documents";
import type { State } from "./state";

/*
 * The documents of the simulated tenant, by collection. Resource ids keep the casing they were created with;
 * collection keys are lower case. Times are milliseconds since 1970 unless a name says otherwise.
 */

export interface Subscription {
  /** GUID. Key. */
  id: string;
  name: string;
}

export interface ResourceGroup {
  /** `/subscriptions/{s}/resourceGroups/{rg}`. Key. */
  id: string;
  subscriptionId: string;
  name: string;
  location: string;
  tags: Record<string, string>;
}

export interface AccessPolicy {
  tenantId: string;
  objectId: string;
  applicationId?: string;
  permissions: { keys?: string[]; secrets?: string[]; certificates?: string[]; storage?: string[] };
}

export interface NetworkAcls {
  bypass: "AzureServices" | "None";
  defaultAction: "Allow" | "Deny";
  ipRules: { value: string }[];
  virtualNetworkRules: { id: string }[];
}

export interface Vault {
  /** ARM id. Key. */
  id: string;
  name: string;
  subscriptionId: string;
  resourceGroup: string;
  location: string;
  tags: Record<string, string>;
  createdAt: number;
  /** Absent means access policies, as on real vaults made before the default changed. */
  enableRbacAuthorization?: boolean;
  accessPolicies: AccessPolicy[];
  /** Earlier lists, oldest first: the data plane honours a new permission only after the last list without it expired. */
  policyHistory?: { until: number; accessPolicies: AccessPolicy[] }[];
  networkAcls?: NetworkAcls;
  publicNetworkAccess: "Enabled" | "Disabled";
  softDeleteRetentionInDays: number;
  enablePurgeProtection?: true;
  /** Standard unless set. */
  sku?: "premium";
  /** What else may read the vault: the switches of deployments, disk encryption and templates that are on. */
  enabledFor?: readonly ("deployment" | "diskEncryption" | "templateDeployment")[];
  /** Until then the vault is being made and has no address yet. */
  readyAt?: number;
}

export type ObjectKind = "secret" | "key";

export interface ObjectVersion {
  /** 32 hex digits. */
  version: string;
  enabled: boolean;
  created: number;
  updated: number;
  notBefore?: number;
  expires?: number;
  contentType?: string;
  tags: Record<string, string>;
  /** Secrets only. Never leaves the simulator except by a permitted read. */
  value?: string;
  /** Keys only: the public part. */
  jwk?: { kty: string; n?: string; e?: string; crv?: string; x?: string; y?: string; key_ops: string[] };
}

export interface VaultObject {
  /** Collection key: `{vault id}/{secrets|keys}/{name}`. */
  vaultId: string;
  kind: ObjectKind;
  /** Casing of the first creation. */
  name: string;
  /** Oldest first. */
  versions: ObjectVersion[];
  /** Set while soft-deleted. */
  deletedAt?: number;
  purgeAt?: number;
  /** True when a certificate owns it. */
  managed?: boolean;
  /** Keys only; absent: the one that every key has. */
  rotationPolicy?: {
    lifetimeActions: {
      trigger: { timeAfterCreate?: string; timeBeforeExpiry?: string };
      action: { type: "Rotate" | "Notify" };
    }[];
    expiryTime?: string;
    created: number;
    updated: number;
  };
}

export type PrincipalKind = "User" | "ServicePrincipal";

export interface Principal {
  /** Object id, GUID. Key. */
  oid: string;
  kind: PrincipalKind;
  name: string;
  upn?: string;
  /** Client id of an application or managed identity. */
  appId?: string;
  /** ARM id of a managed identity. */
  managedIdentityId?: string;
  /** App roles on the product's API registration. */
  appRoles: string[];
  /** Application permissions on Microsoft Graph. */
  graphPermissions?: string[];
  /** Roles in the directory, by name. */
  directoryRoles?: string[];
  /** Offered on the simulated sign-in page, with this label. */
  persona?: string;
}

export interface RoleDefinition {
  /** GUID. Key. */
  id: string;
  name: string;
  actions: string[];
  notActions: string[];
  dataActions: string[];
  notDataActions: string[];
  custom: boolean;
  description?: string;
  /** Of a custom role; all subscriptions when absent. */
  assignableScopes?: string[];
  createdAt?: number;
  updatedAt?: number;
  createdBy?: string;
}

export interface RoleAssignment {
  /** Full ARM id `{scope}/providers/Microsoft.Authorization/roleAssignments/{guid}`. Key. */
  id: string;
  name: string;
  scope: string;
  principalId: string;
  principalType: PrincipalKind;
  roleDefinitionId: string;
  createdAt: number;
  createdBy: string;
  /** Constrained delegation: which roles the holder may assign to whom; one of the clauses has to fit. */
  mayAssign?: { roleDefinitionIds: string[]; principalIds: string[] }[];
  /** It was made by a request for a time-bound assignment (Privileged Identity Management). */
  schedule?: { name: string; startsAt: number; endsAt?: number };
}

/** A request that was carried out: to make, change or end a time-bound assignment. */
export interface RoleScheduleRequest {
  /** Full ARM id `{scope}/providers/Microsoft.Authorization/roleAssignmentScheduleRequests/{guid}`. Key. */
  id: string;
  name: string;
  scope: string;
  principalId: string;
  principalType: PrincipalKind;
  roleDefinitionId: string;
  requestType: "AdminAssign" | "AdminExtend" | "AdminUpdate" | "AdminRemove";
  /** Name of the schedule that it made, changed or ended. */
  schedule: string;
  scheduleInfo?: { startsAt: number; endsAt?: number; duration?: string };
  justification?: string;
  createdAt: number;
  createdBy: string;
}

export interface DiagnosticSetting {
  /** `{vault id}/{name}` lower case. Key. */
  vaultId: string;
  name: string;
  workspaceId?: string;
  storageAccountId?: string;
  eventHubAuthorizationRuleId?: string;
  eventHubName?: string;
  destinationType?: "Dedicated";
  logs: { category?: string; categoryGroup?: string; enabled: boolean }[];
  metrics?: { category: string; enabled: boolean }[];
  /** When it began to apply; rows are written from `effectiveAt` on. */
  createdAt: number;
  effectiveAt: number;
}

export interface Workspace {
  /** ARM id. Key. */
  id: string;
  name: string;
  subscriptionId: string;
  resourceGroup: string;
  location: string;
  /** The GUID that queries name. */
  customerId: string;
  /** False: a plain workspace, not onboarded to Microsoft Sentinel. */
  sentinel?: false;
  /** Set: onboarded to the Defender portal, which then owns the incidents. */
  defenderPortal?: true;
  tags?: Record<string, string>;
  /** Days; 90 when absent. */
  retentionInDays?: number;
  /** Table name -> plan; absent tables are on Analytics. */
  tablePlans: Record<string, "Analytics" | "Basic" | "Auxiliary">;
}

export interface Watchlist {
  /** `{workspace id}/{alias}`. Key. */
  workspaceId: string;
  alias: string;
  watchlistId: string;
  displayName: string;
  provider: string;
  source: string;
  description?: string;
  itemsSearchKey: string;
  etag: string;
  createdAt: number;
  updatedAt: number;
  createdBy: string;
  /** Absent on lists that the world began with. */
  updatedBy?: string;
  labels?: string[];
  defaultDuration?: string;
}

export interface WatchlistItem {
  /** `{workspace id}/{alias}/{item id}`. Key. */
  workspaceId: string;
  alias: string;
  itemId: string;
  fields: Record<string, string>;
  etag: string;
  createdAt: number;
  updatedAt: number;
  createdBy: string;
  updatedBy?: string;
  /** Which columns name entities, as it was given. */
  entityMapping?: Record<string, unknown>;
  /** From when `_GetWatchlist` shows this form of the row; before it, `previous` (if any) is shown. */
  visibleAt: number;
  previous?: Record<string, string>;
  /** Deleted rows stay visible until `visibleAt`. */
  deleted?: true;
}

export interface AlertRule {
  /** `{workspace id}/{rule id}`. Key. */
  workspaceId: string;
  ruleId: string;
  kind: "NRT" | "Scheduled" | "Fusion" | "MicrosoftSecurityIncidentCreation";
  etag: string;
  properties: Record<string, unknown>;
}

export type LogTable = "AzureDiagnostics" | "AZKVAuditLogs" | "AzureActivity" | "SecurityAlert" | "SecurityIncident";

/** One row of a workspace. Written ones are journaled; background traffic is generated and is not. */
export interface LogRow {
  table: LogTable;
  /** ARM id of the workspace that it went to; absent for the watched one. */
  workspaceId?: string;
  timeGenerated: number;
  /** When a query can first see it. */
  ingestedAt: number;
  values: Record<string, unknown>;
}

/** A span after the first start in which a vault logged to a workspace, and that is over. */
export interface EndedLogging {
  vaultId: string;
  /** ARM id in lower case; absent for the watched workspace. */
  workspaceId?: string;
  table: "AzureDiagnostics" | "AZKVAuditLogs";
  from: number;
  to: number;
}

export interface Session {
  sid: string;
  oid: string;
  /** Authentication contexts that this sign-in satisfied (step-up). */
  acrs?: string[];
  expiresAt: number;
}

export interface RefreshToken {
  oid: string;
  clientId: string;
  sid: string;
  spa: boolean;
  acrs?: string[];
  expiresAt: number;
}

/** Typed access to every collection. */
export function model(state: State) {
  return {
    subscriptions: state.collection<Subscription>("subscriptions"),
    resourceGroups: state.collection<ResourceGroup>("resourceGroups"),
    vaults: state.collection<Vault>("vaults"),
    /** Soft-deleted vaults, by ARM id. */
    deletedVaults: state.collection<Vault & { deletedAt: number }>("deletedVaults"),
    objects: state.collection<VaultObject>("objects"),
    principals: state.collection<Principal>("principals"),
    roleDefinitions: state.collection<RoleDefinition>("roleDefinitions"),
    roleAssignments: state.collection<RoleAssignment>("roleAssignments"),
    roleScheduleRequests: state.collection<RoleScheduleRequest>("roleScheduleRequests"),
    diagnosticSettings: state.collection<DiagnosticSetting>("diagnosticSettings"),
    workspaces: state.collection<Workspace>("workspaces"),
    watchlists: state.collection<Watchlist>("watchlists"),
    watchlistItems: state.collection<WatchlistItem>("watchlistItems"),
    alertRules: state.collection<AlertRule>("alertRules"),
    logRows: state.log("logRows", (added: (row: LogRow) => void) => new LogRows(added)),
    endedLogging: state.collection<EndedLogging>("endedLogging"),
    sessions: state.collection<Session>("sessions"),
    refreshTokens: state.collection<RefreshToken>("refreshTokens"),
    /** One document, `virtual`: where a virtual clock stands. */
    clock: state.collection<{ now: number }>("clock"),
    ...sentinelCollections(state),
    ...automationCollections(state),
    ...policyCollections(state),
    ...defenderCollections(state),
    ...monitorCollections(state),
  };
}

export type Model = ReturnType<typeof model>;
