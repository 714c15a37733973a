import { ok } from "../arm/respond";
import type { Call } from "../context";
import type { Router } from "../http";

/** What the provider can do to each of its types, by the words of its actions. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  alertRules: ["read", "write", "delete"],
  "alertRules/actions": ["read", "write", "delete"],
  alertRuleTemplates: ["read"],
  automationRules: ["read", "write", "delete"],
  bookmarks: ["read", "write", "delete"],
  incidents: ["read", "write", "delete", "runPlaybook/action"],
  "incidents/comments": ["read", "write", "delete"],
  "incidents/relations": ["read", "write", "delete"],
  "incidents/tasks": ["read", "write", "delete"],
  onboardingStates: ["read", "write"],
  watchlists: ["read", "write", "delete"],
};

const VERBS: Readonly<Record<string, string>> = {
  read: "Get",
  write: "Update",
  delete: "Delete",
  "runPlaybook/action": "Run a playbook on",
};

/** `GET /providers/Microsoft.SecurityInsights/operations`: for everybody in the tenant, as ARM has it. */
export function routeOperations(router: Router<Call>): void {
  router.on("GET", "/providers/Microsoft.SecurityInsights/operations", () =>
    ok({
      value: Object.entries(TYPES).flatMap(([type, actions]) =>
        actions.map((action) => ({
          name: `Microsoft.SecurityInsights/${type}/${action}`,
          origin: "user",
          isDataAction: false,
          display: {
            provider: "Microsoft Security Insights",
            resource: type,
            operation: `${VERBS[action] ?? action} ${type}`,
            description: `${VERBS[action] ?? action} ${type}.`,
          },
        })),
      ),
    }),
  );
}
