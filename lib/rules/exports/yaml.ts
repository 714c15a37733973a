import "server-only";
import { stringify } from "yaml";
import type { PackRule } from "@/lib/detection/rule-export";

/** The connectors that bring a table, by the names that the Azure-Sentinel repository has for them. */
const CONNECTORS: Readonly<Record<string, { connectorId: string; dataTypes: string[] }>> = {
  AzureDiagnostics: { connectorId: "AzureKeyVault", dataTypes: ["KeyVaultData"] },
  AZKVAuditLogs: { connectorId: "AzureKeyVault", dataTypes: ["KeyVaultData"] },
  AzureActivity: { connectorId: "AzureActivity", dataTypes: ["AzureActivity"] },
};

/** What a rule's own text counts as; raise it with every change of a rule that is published as YAML. */
const VERSION = "1.0.0";

/** All rules in the form that the Azure-Sentinel repository uses for analytics rules, a YAML document for each. */
export function yamlDocuments(rules: readonly PackRule[]): string {
  // Long lines stay whole: a query that is folded is another text.
  return rules.map((rule) => `---\n${stringify(documentOf(rule), { lineWidth: 0, blockQuote: "literal" })}`).join("");
}

function documentOf({ name, kind, properties, header }: PackRule): Record<string, unknown> {
  const { frequency, period } = header.bodies.Scheduled;
  const connectors = new Map(
    header.tables.flatMap((table) => {
      const connector = CONNECTORS[table];
      return connector ? [[connector.connectorId, connector] as const] : [];
    }),
  );
  return {
    id: name,
    name: properties.displayName,
    description: header.description,
    severity: header.severity,
    status: "Available",
    requiredDataConnectors: [...connectors.values()],
    ...(kind === "Scheduled" && {
      queryFrequency: shortDuration(frequency),
      queryPeriod: shortDuration(period),
      triggerOperator: "gt",
      triggerThreshold: 0,
    }),
    tactics: header.tactics,
    relevantTechniques: header.techniques,
    query: properties.query,
    entityMappings: properties.entityMappings,
    customDetails: properties.customDetails,
    alertDetailsOverride: properties.alertDetailsOverride,
    eventGroupingSettings: properties.eventGroupingSettings,
    incidentConfiguration: properties.incidentConfiguration,
    version: VERSION,
    kind,
  };
}

/** `PT5M` as that repository writes it: `5m`. */
function shortDuration(duration: string): string {
  return duration.replace(/^PT?/, "").toLowerCase();
}
