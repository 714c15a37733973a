/** The parts of a Log Analytics workspace's ARM id, in the casing that was given. */
export interface WorkspaceIdParts {
  subscriptionId: string;
  resourceGroup: string;
  name: string;
}

const WORKSPACE_ID =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourcegroups\/([^/]+)\/providers\/microsoft\.operationalinsights\/workspaces\/([^/]+)$/i;

/** Throws when the text is not a workspace id: the configuration has checked it, so that is a fault of ours. */
export function workspaceIdParts(id: string): WorkspaceIdParts {
  const [, subscriptionId, resourceGroup, name] = WORKSPACE_ID.exec(id.replace(/\/+/g, "/").replace(/\/$/, "")) ?? [];
  if (!subscriptionId || !resourceGroup || !name) throw new Error("Not the resource id of a Log Analytics workspace.");
  return { subscriptionId, resourceGroup, name };
}
