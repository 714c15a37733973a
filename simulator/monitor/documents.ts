import type { State } from "../state";
import type { StorageAccount } from "../storage/documents";

/** Who is told of an alert. */
export interface ActionGroup {
  /** ARM id. Key. */
  id: string;
  name: string;
  location: string;
  tags: Record<string, string>;
  properties: Record<string, unknown>;
}

/** A rule of Azure Monitor over a workspace. The tenant stores it and runs none. */
export interface ScheduledQueryRule {
  /** ARM id. Key. */
  id: string;
  name: string;
  location: string;
  tags: Record<string, string>;
  kind: string;
  etag: string;
  createdAt: number;
  modifiedAt: number;
  /** Version of the API that made it. */
  createdWith: string;
  identity?: Record<string, unknown>;
  properties: Record<string, unknown>;
}

/** What sends a subscription's activity log somewhere. */
export interface ActivitySetting {
  /** `{subscription ARM id}/{name}` lower case. Key. */
  subscriptionId: string;
  name: string;
  workspaceId?: string;
  storageAccountId?: string;
  eventHubAuthorizationRuleId?: string;
  eventHubName?: string;
  logs: { category?: string; categoryGroup?: string; enabled: boolean }[];
  /** Events are sent from then on. */
  effectiveAt: number;
}

export function monitorCollections(state: State) {
  return {
    activitySettings: state.collection<ActivitySetting>("activitySettings"),
    actionGroups: state.collection<ActionGroup>("actionGroups"),
    scheduledQueryRules: state.collection<ScheduledQueryRule>("scheduledQueryRules"),
    storageAccounts: state.collection<StorageAccount>("storageAccounts"),
  };
}
