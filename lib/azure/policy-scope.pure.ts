import { z } from "zod";

/** Where a recommendation stands: a management group by its name, or a subscription by its id (lower case). */
export type PolicyScope = { managementGroup: string } | { subscriptionId: string };

const MANAGEMENT_GROUP = /^\/providers\/Microsoft\.Management\/managementGroups\/([-\w._()]{1,90})$/i;
const SUBSCRIPTION = /^\/subscriptions\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/** The scope that an ARM id names; undefined when it names neither. */
export function parsePolicyScope(text: string): PolicyScope | undefined {
  const managementGroup = MANAGEMENT_GROUP.exec(text)?.[1];
  if (managementGroup !== undefined) return { managementGroup };
  const subscriptionId = SUBSCRIPTION.exec(text)?.[1]?.toLowerCase();
  return subscriptionId === undefined ? undefined : { subscriptionId };
}

/** The ARM id of a scope. */
export function policyScopeId(scope: PolicyScope): string {
  return "managementGroup" in scope
    ? `/providers/Microsoft.Management/managementGroups/${scope.managementGroup}`
    : `/subscriptions/${scope.subscriptionId}`;
}

/** An ARM id in a request. */
export const PolicyScopeText = z
  .string()
  .max(300)
  .transform((text, context): PolicyScope => {
    const scope = parsePolicyScope(text);
    if (scope) return scope;
    context.addIssue({ code: "custom", message: "This is not the id of a management group or a subscription." });
    return z.NEVER;
  });
