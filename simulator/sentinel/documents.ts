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
}

export interface IncidentOwner {
  objectId?: string;
  email?: string;
  assignedTo?: string;
  userPrincipalName?: string;
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
  providerIncidentId: string;
}

export interface IncidentComment {
  /** `{workspace id}/{incident name}/{name}`. Key. */
  workspaceId: string;
  incidentName: string;
  name: string;
  message: string;
  createdAt: number;
  modifiedAt: number;
  author: { objectId: string; name: string; userPrincipalName?: string };
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
}

export function sentinelCollections(state: State) {
  return {
    alerts: state.collection<SentinelAlert>("alerts"),
    incidents: state.collection<Incident>("incidents"),
    incidentComments: state.collection<IncidentComment>("incidentComments"),
    ruleProgress: state.collection<RuleProgress>("ruleProgress"),
  };
}
