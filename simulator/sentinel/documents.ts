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

type TextOperator =
  | "Equals"
  | "NotEquals"
  | "Contains"
  | "NotContains"
  | "StartsWith"
  | "NotStartsWith"
  | "EndsWith"
  | "NotEndsWith";

/** A condition of an automation rule, in the form of the service's body. */
export type AutomationCondition =
  | {
      conditionType: "Property";
      conditionProperties: { propertyName: string; operator: TextOperator; propertyValues: string[] };
    }
  | {
      conditionType: "PropertyChanged";
      conditionProperties: {
        propertyName: "IncidentSeverity" | "IncidentStatus" | "IncidentOwner";
        changeType?: "ChangedFrom" | "ChangedTo" | undefined;
        operator?: TextOperator | undefined;
        propertyValues?: string[] | undefined;
      };
    }
  | {
      conditionType: "PropertyArrayChanged";
      conditionProperties: { arrayType: "Alerts" | "Labels" | "Tactics" | "Comments"; changeType: "Added" };
    }
  | {
      conditionType: "PropertyArray";
      conditionProperties: {
        arrayType: "CustomDetails" | "CustomDetailValues";
        arrayConditionType: "AnyItem";
        itemConditions: AutomationCondition[];
      };
    }
  | {
      conditionType: "Boolean";
      conditionProperties: { operator: "And" | "Or"; innerConditions: AutomationCondition[] };
    };

/** An action of an automation rule, in the form of the service's body. */
export type AutomationAction =
  | {
      order: number;
      actionType: "ModifyProperties";
      actionConfiguration: {
        severity?: Severity | undefined;
        status?: Incident["status"] | undefined;
        classification?: Incident["classification"];
        classificationReason?: Incident["classificationReason"];
        classificationComment?: string | undefined;
        owner?: { [Field in keyof IncidentOwner]?: IncidentOwner[Field] | undefined } | undefined;
        labels?: { labelName: string }[] | undefined;
      };
    }
  | {
      order: number;
      actionType: "RunPlaybook";
      actionConfiguration: { logicAppResourceId: string; tenantId?: string | undefined };
    }
  | {
      order: number;
      actionType: "AddIncidentTask";
      actionConfiguration: { title: string; description?: string | undefined };
    };

export interface AutomationRule {
  /** `{workspace id}/{rule id}`. Key. */
  workspaceId: string;
  ruleId: string;
  displayName: string;
  /** 1 to 1,000: rules run in this order. */
  order: number;
  isEnabled: boolean;
  /** As it was given; the rule does nothing from then on. */
  expirationTimeUtc?: string;
  triggersOn: "Incidents" | "Alerts";
  triggersWhen: "Created" | "Updated";
  /** All must hold. */
  conditions: AutomationCondition[];
  actions: AutomationAction[];
  createdAt: number;
  modifiedAt: number;
  createdBy: ClientInfo;
  modifiedBy: ClientInfo;
  etag: string;
}

/** A playbook that an analytics rule names itself. */
export interface RuleAction {
  /** `{workspace id}/{rule id}/{name}`. Key. */
  workspaceId: string;
  ruleId: string;
  name: string;
  logicAppResourceId: string;
  workflowId: string;
  etag: string;
}

/** A playbook that a rule or a person started. No logic app runs in the simulated tenant: the start is what is kept. */
export interface PlaybookRun {
  /** `{workspace id}/{incident name}/{time}/{n}`. Key. */
  workspaceId: string;
  incidentName: string;
  logicAppResourceId: string;
  /** Rule id, or object id of the person. */
  startedBy: string;
  startedAt: number;
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
    automationRules: state.collection<AutomationRule>("automationRules"),
    portalUpdates: state.collection<PortalUpdate>("portalUpdates"),
    alertHandling: state.collection<AlertHandling>("alertHandling"),
    ruleActions: state.collection<RuleAction>("ruleActions"),
    playbookRuns: state.collection<PlaybookRun>("playbookRuns"),
    ruleProgress: state.collection<RuleProgress>("ruleProgress"),
  };
}
