import type { Call } from "../context";
import { KqlError } from "../loganalytics/kql/errors";
import { queryFailed } from "../loganalytics/logs-errors";
import { queryColumns } from "../loganalytics/query-columns";
import { watchedWorkspace } from "../loganalytics/workspace";
import type { Workspace } from "../model";
import type { RuleInput } from "./rule-checks";

/**
 * Refuses a log alert whose query the workspace of its first scope cannot run, unless the rule says
 * `skipQueryValidation`. Other scopes have the tables of the watched workspace.
 * @throws AzureError 400 in the form of the query service, as issues of Microsoft's command line show it.
 */
export async function checkRuleQuery(call: Call, { scopes, criteria, skipQueryValidation }: RuleInput): Promise<void> {
  const query = criteria.allOf[0]?.query;
  const workspace = workspaceOf(call, scopes[0] ?? "");
  if (skipQueryValidation || query === undefined || !workspace) return;
  try {
    await queryColumns(call, workspace, query);
  } catch (error) {
    if (error instanceof KqlError) throw queryFailed(error, query);
    throw error;
  }
}

function workspaceOf(call: Call, scope: string): Workspace | undefined {
  return call.model.workspaces.get(scope) ?? watchedWorkspace(call);
}
