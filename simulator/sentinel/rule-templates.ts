import { resourceNotFound } from "../arm/errors";
import { ok, page } from "../arm/respond";
import type { Call } from "../context";
import type { Router } from "../http";
import type { Workspace } from "../model";
import { SENTINEL, sentinelWorkspace } from "./workspace";

const READ = "Microsoft.SecurityInsights/alertRuleTemplates/read";
const TEMPLATES = `${SENTINEL}/alertRuleTemplates`;

interface Template {
  name: string;
  kind: "Fusion" | "MicrosoftSecurityIncidentCreation" | "Scheduled";
  properties: Record<string, unknown>;
}

const DATES = { createdDateUTC: "2021-06-09T00:00:00Z", lastUpdatedDateUTC: "2024-03-14T00:00:00Z" };

/** A few of the templates that every workspace offers; one of each kind that a rule here can have. */
const OFFERED: readonly Template[] = [
  {
    name: "f71aba3d-28fb-450b-b192-4e76a83015c8",
    kind: "Fusion",
    properties: {
      displayName: "Advanced Multistage Attack Detection",
      description: "Correlates alerts and anomalies of several products into incidents of high severity.",
      severity: "High",
      tactics: ["CredentialAccess", "Exfiltration", "InitialAccess", "LateralMovement", "Persistence"],
    },
  },
  {
    name: "90586451-7ba8-4c1e-9904-7d1b7c3cc4d6",
    kind: "MicrosoftSecurityIncidentCreation",
    properties: {
      displayName: "Create incidents based on Microsoft Defender for Cloud",
      description: "Makes an incident of every alert of Microsoft Defender for Cloud.",
      productFilter: "Azure Security Center",
    },
  },
  {
    name: "884be6e7-e568-418e-9c12-89229865ffde",
    kind: "Scheduled",
    properties: {
      displayName: "Mass secret retrieval from Azure Key Vault",
      description: "Finds one caller that reads more secrets within a day than callers of its vault usually do.",
      severity: "Low",
      version: "1.0.9",
      query: 'AzureDiagnostics | where OperationName == "SecretGet" | summarize count() by CallerIPAddress',
      queryFrequency: "P1D",
      queryPeriod: "P1D",
      triggerOperator: "GreaterThan",
      triggerThreshold: 25,
      tactics: ["CredentialAccess"],
      techniques: ["T1003"],
      requiredDataConnectors: [{ connectorId: "AzureKeyVault", dataTypes: ["KeyVaultData"] }],
    },
  },
];

/** Templates of analytics rules: list and get. */
export function routeRuleTemplates(router: Router<Call>): void {
  router.on("GET", TEMPLATES, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, "alertRuleTemplates");
    const { value, ...rest } = page(call, [...OFFERED], ({ name }) => name, 100);
    return ok({ value: value.map((template) => body(call, workspace, template)), ...rest });
  });

  router.on("GET", `${TEMPLATES}/{t}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `alertRuleTemplates/${params.t}`);
    const found = OFFERED.find(({ name }) => name === params.t?.toLowerCase());
    if (!found) throw resourceNotFound(`Microsoft.SecurityInsights/alertRuleTemplates/${params.t}`, params.g ?? "");
    return ok(body(call, workspace, found));
  });
}

function body(call: Call, workspace: Workspace, { name, kind, properties }: Template) {
  const made = [...call.model.alertRules.values()].filter(
    (rule) => rule.workspaceId === workspace.id && rule.properties.alertRuleTemplateName === name,
  ).length;
  return {
    id: `${workspace.id}/providers/Microsoft.SecurityInsights/AlertRuleTemplates/${name}`,
    name,
    type: "Microsoft.SecurityInsights/AlertRuleTemplates",
    kind,
    properties: {
      ...properties,
      ...DATES,
      status: made > 0 ? "Installed" : "Available",
      alertRulesCreatedByTemplateCount: made,
    },
  };
}
