import "server-only";
import type { PackRule } from "@/lib/detection/rule-export";

/** The newest version whose description we hold with both kinds of rules in it. */
const API_VERSION = "2022-09-01-preview";
const WORKSPACES = "Microsoft.OperationalInsights/workspaces";

/**
 * One ARM template with all rules, for the workspace that is named at its deployment (by itself `workspace`). The queries
 * name this product's identities and workspace, so the template belongs to this set-up.
 */
export function armTemplate(rules: readonly PackRule[], workspace: string): Record<string, unknown> {
  return {
    $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    contentVersion: "1.0.0.0",
    parameters: {
      workspace: {
        type: "string",
        defaultValue: workspace,
        metadata: { description: "Name of the Log Analytics workspace, which has Microsoft Sentinel." },
      },
    },
    resources: rules.map(({ name, kind, properties }) => ({
      id: `[concat(resourceId('${WORKSPACES}/providers', parameters('workspace'), 'Microsoft.SecurityInsights'),'/alertRules/${name}')]`,
      name: `[concat(parameters('workspace'),'/Microsoft.SecurityInsights/${name}')]`,
      type: `${WORKSPACES}/providers/alertRules`,
      apiVersion: API_VERSION,
      kind,
      properties: literal(properties),
    })),
  };
}

/** A text that begins with a bracket would be taken for an expression; doubled it is a text again. */
function literal(value: unknown): unknown {
  if (typeof value === "string") return value.startsWith("[") ? `[${value}` : value;
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, literal(one)]));
}
