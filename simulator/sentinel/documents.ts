import type { State } from "../state";

/*
 * The documents of Microsoft Sentinel beyond watchlists and rules. Times are milliseconds since 1970; keys are lower case.
 */

export type Severity = "High" | "Medium" | "Low" | "Informational";

/** One entity of an alert as the `Entities` column and the incident's entity list know it. */
export interface AlertEntity {
  /** `account`, `ip`, `azure-resource`, `cloud-application`, ...; the names of the alert schema. */
  type: string;
  /** Identifiers in the alert schema's spelling: `AadUserId`, `Address`, `ResourceId`, `AppId`. */
  fields: Record<string, string>;
}

/** One alert of a rule. Written once; its incident refers to it. */
export interface SentinelAlert {
  /** `{workspace id}/{system alert id}`. Key. */
  workspaceId: string;
  /** GUID. */
  systemAlertId: string;
  ruleId: string;
  ruleKind: "Scheduled" | "NRT";
  displayName: string;
  description: string;
  severity: Severity;
  tactics: string[];
  techniques: string[];
  /** Time of the first and last event behind it. */
  startTime: number;
  endTime: number;
  /** When the rule wrote it. */
  processedAt: number;
  entities: AlertEntity[];
  customDetails: Record<string, string[]>;
  /** The query with its window, as the alert's extended properties show it. */
  query: string;
  /** Rows of the query's result that this alert stands for. */
  eventCount: number;
  /** The id that the rule itself gave it, a GUID. */
  vendorOriginalId: string;
  /** What the extended properties say beside query and custom details: window, trigger, counts. */
  extendedProperties: Record<string, string>;
  /** Columns of the row that the rule fills from its result instead: `AlertLink`, `RemediationSteps`, ... */
  overrides: Record<string, string>;
}

/** An alert whose incident is still to come. */
export interface PendingIncident {
  /** `{workspace id}/{system alert id}`. Key. */
  workspaceId: string;
  systemAlertId: string;
  dueAt: number;
}

export interface IncidentOwner {
  objectId?: string;
  email?: string;
  assignedTo?: string;
  userPrincipalName?: string;
  ownerType?: "Unknown" | "User" | "Group";
}

export interface Incident {
  /** `{workspace id}/{name}`. Key. */
  workspaceId: string;
  /** GUID, or what the creator chose. */
  name: string;
  incidentNumber: number;
  title: string;
  description: string;
  severity: Severity;
  status: "New" | "Active" | "Closed";
  classification?: "Undetermined" | "TruePositive" | "BenignPositive" | "FalsePositive";
  classificationReason?: "SuspiciousActivity" | "SuspiciousButExpected" | "IncorrectAlertLogic" | "InaccurateData";
  classificationComment?: string;
  owner: IncidentOwner;
  labels: { labelName: string; labelType: "User" | "AutoAssigned" }[];
  createdAt: number;
  modifiedAt: number;
  firstModifiedAt: number;
  modifiedBy: string;
  firstActivityAt?: number;
  lastActivityAt?: number;
  closedAt?: number;
  etag: string;
  /** `SentinelAlert.systemAlertId`, oldest first. */
  alertIds: string[];
  /** Rule ids (names), without the path. */
  ruleIds: string[];
  providerName: "Azure Sentinel" | "Microsoft XDR";
  /** What the Defender portal found, in Graph's words. */
  determination?: string;
  providerIncidentId: string;
}

export interface IncidentComment {
  /** `{workspace id}/{incident name}/{name}`. Key. */
  workspaceId: string;
  incidentName: string;
  name: string;
  message: string;
  /** What the Defender portal still shows after a change that it was not told of. */
  defenderMessage?: string;
  createdAt: number;
  modifiedAt: number;
  author: ClientInfo;
  etag: string;
}

/** How far the clockwork has come with one rule. */
export interface RuleProgress {
  /** `{workspace id}/{rule id}`. Key. */
  workspaceId: string;
  ruleId: string;
  /** End of the last window that was run. */
  ranUntil: number;
  /** Set while suppression is on. */
  suppressedUntil?: number;
  /** Runs in a row that failed; absent after one that did not. */
  failures?: number;
}

/** The last numbers that a workspace gave to its incidents; numbers of deleted ones are not given again. */
export interface IncidentNumbers {
  /** Lower case. Key. */
  workspaceId: string;
  incidentNumber: number;
  /** The Defender portal counts on its own. */
  providerIncidentId: number;
}

/** What the Defender portal knows of an incident and Sentinel does not yet. */
export interface PortalUpdate {
  /** `{workspace id}/{incident name}`. Key. */
  workspaceId: string;
  incidentName: string;
  /** When Sentinel is told. */
  dueAt: number;
  /** Of the last change. */
  changedAt: number;
  /** In Graph's words; only what was changed. */
  changes: {
    title?: string;
    description?: string;
    status?: "active" | "resolved" | "inProgress";
    severity?: "informational" | "low" | "medium" | "high";
    classification?: "unknown" | "falsePositive" | "truePositive" | "informationalExpectedActivity";
    determination?: string;
    assignedTo?: string | null;
    tags?: string[];
    resolvingComment?: string | null;
  };
  comments: { message: string; at: number; author: ClientInfo }[];
}

/** What was done to an alert in the Defender portal. Sentinel's own alert is not touched by it. */
export interface AlertHandling {
  /** `{workspace id}/{system alert id}`. Key. */
  workspaceId: string;
  systemAlertId: string;
  status?: string;
  classification?: string;
  determination?: string;
  assignedTo?: string | null;
  changedAt: number;
  resolvedAt?: number;
}

/** What ties a bookmark to an incident. Alerts are tied by `Incident.alertIds` and named by their own id. */
export interface IncidentRelation {
  /** `{workspace id}/{incident name}/{name}`. Key. */
  workspaceId: string;
  incidentName: string;
  name: string;
  bookmarkName: string;
}

/** A person or application as Sentinel's bodies name the author of something. */
export interface ClientInfo {
  objectId: string;
  name: string;
  email?: string;
  userPrincipalName?: string;
}

export interface Bookmark {
  /** `{workspace id}/{name}`. Key. */
  workspaceId: string;
  name: string;
  displayName: string;
  query: string;
  queryResult?: string;
  notes?: string;
  labels: string[];
  eventTime?: number;
  createdAt: number;
  modifiedAt: number;
  createdBy: ClientInfo;
  modifiedBy: ClientInfo;
  etag: string;
}

export interface IncidentTask {
  /** `{workspace id}/{incident name}/{name}`. Key. */
  workspaceId: string;
  incidentName: string;
  name: string;
  title: string;
  description?: string;
  status: "New" | "Completed";
  createdAt: number;
  modifiedAt: number;
  createdBy: ClientInfo;
  modifiedBy: ClientInfo;
  etag: string;
}

/** How many watchlist items changed in one month. */
export interface WatchlistChanges {
  /** `{workspace id}/{yyyy-mm}`. Key. */
  workspaceId: string;
  month: string;
  changes: number;
}

export function sentinelCollections(state: State) {
  return {
    watchlistChanges: state.collection<WatchlistChanges>("watchlistChanges"),
    alerts: state.collection<SentinelAlert>("alerts"),
    pendingIncidents: state.collection<PendingIncident>("pendingIncidents"),
    incidents: state.collection<Incident>("incidents"),
    incidentNumbers: state.collection<IncidentNumbers>("incidentNumbers"),
    incidentComments: state.collection<IncidentComment>("incidentComments"),
    incidentRelations: state.collection<IncidentRelation>("incidentRelations"),
    incidentTasks: state.collection<IncidentTask>("incidentTasks"),
    bookmarks: state.collection<Bookmark>("bookmarks"),
    portalUpdates: state.collection<PortalUpdate>("portalUpdates"),
    alertHandling: state.collection<AlertHandling>("alertHandling"),
    ruleProgress: state.collection<RuleProgress>("ruleProgress"),
  };
}
