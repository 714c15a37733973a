import type { PolicyDefinition, PolicySetDefinition } from "./documents";
import { type Json, type JsonObject, policyRule } from "./json";

/*
 * Built-in definitions that any tenant has: those that matter for Key Vault and for tags, under their real ids. Their
 * rules follow the published ones. Source: the built-in policies that Microsoft publishes in Azure/azure-policy.
 */

const PUBLISHED = Date.UTC(2024, 0, 15);
const VAULT = { field: "type", equals: "Microsoft.KeyVault/vaults" };
const ALIAS = "Microsoft.KeyVault/vaults";
/** A vault, unless it is being brought back: recovery may not be refused. */
const VAULT_NOT_RECOVERED = [VAULT, { not: { field: `${ALIAS}/createMode`, equals: "recover" } }];

interface Published {
  id: string;
  name: string;
  description: string;
  category: string;
  mode?: string;
  parameters?: JsonObject;
  rule: { if: Json; outcome: JsonObject };
}

function effect(allowedValues: string[], defaultValue: string): JsonObject {
  return {
    effect: {
      type: "String",
      metadata: { displayName: "Effect", description: "Enable or disable the execution of the policy" },
      allowedValues,
      defaultValue,
    },
  };
}

const AUDIT_DENY = effect(["Audit", "Deny", "Disabled"], "Audit");
const outcome = { effect: "[parameters('effect')]" };
const tag = (name: string, description: string): JsonObject => ({
  [name]: { type: "String", metadata: { displayName: name, description } },
});
const CONTRIBUTOR = "/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c";

const DEFINITIONS: readonly Published[] = [
  {
    id: "12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5",
    name: "Azure Key Vault should use RBAC permission model",
    description: "Enable RBAC permission model across Key Vaults.",
    category: "Key Vault",
    parameters: AUDIT_DENY,
    rule: {
      if: {
        allOf: [
          ...VAULT_NOT_RECOVERED,
          {
            anyOf: [
              { field: `${ALIAS}/enableRbacAuthorization`, exists: "false" },
              { field: `${ALIAS}/enableRbacAuthorization`, equals: "false" },
            ],
          },
        ],
      },
      outcome,
    },
  },
  {
    id: "55615ac9-af46-4a59-874e-391cc3dfb490",
    name: "Azure Key Vault should have firewall enabled or public network access disabled",
    description: "Enable the key vault firewall so that the key vault is not accessible by default to any public IPs.",
    category: "Key Vault",
    parameters: AUDIT_DENY,
    rule: {
      if: {
        allOf: [
          ...VAULT_NOT_RECOVERED,
          { field: `${ALIAS}/publicNetworkAccess`, notEquals: "Disabled" },
          { field: `${ALIAS}/networkAcls.defaultAction`, notEquals: "Deny" },
        ],
      },
      outcome,
    },
  },
  {
    id: "0b60c0b2-2dc2-4e1c-b5c9-abbed971de53",
    name: "Key vaults should have deletion protection enabled",
    description:
      "Malicious deletion of a key vault can lead to permanent data loss. Purge protection guards against it.",
    category: "Key Vault",
    parameters: AUDIT_DENY,
    rule: {
      if: {
        allOf: [
          ...VAULT_NOT_RECOVERED,
          {
            anyOf: [
              { field: `${ALIAS}/enableSoftDelete`, equals: "false" },
              { field: `${ALIAS}/enablePurgeProtection`, exists: "false" },
              { field: `${ALIAS}/enablePurgeProtection`, equals: "false" },
            ],
          },
        ],
      },
      outcome,
    },
  },
  {
    id: "1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d",
    name: "Key vaults should have soft delete enabled",
    description: "Deleting a key vault without soft delete enabled permanently deletes everything stored in it.",
    category: "Key Vault",
    parameters: AUDIT_DENY,
    rule: {
      if: {
        allOf: [...VAULT_NOT_RECOVERED, { field: `${ALIAS}/enableSoftDelete`, equals: "false" }],
      },
      outcome,
    },
  },
  {
    id: "a6abeaec-4d90-4a02-805f-6b26c4d3fbe9",
    name: "Azure Key Vaults should use private link",
    description: "Private endpoints let a virtual network reach a vault without a public address.",
    category: "Key Vault",
    parameters: { ...effect(["Audit", "Deny", "Disabled"], "Audit") },
    rule: {
      if: {
        allOf: [
          VAULT,
          {
            count: {
              field: `${ALIAS}/privateEndpointConnections[*]`,
              where: {
                field: `${ALIAS}/privateEndpointConnections[*].privateLinkServiceConnectionState.status`,
                equals: "Approved",
              },
            },
            less: 1,
          },
        ],
      },
      outcome,
    },
  },
  {
    id: "cf820ca0-f99e-4f3e-84fb-66e913812d21",
    name: "Resource logs in Key Vault should be enabled",
    description:
      "Audit enabling of resource logs, so that activity trails can be recreated when an incident is investigated.",
    category: "Key Vault",
    parameters: {
      ...effect(["AuditIfNotExists", "Disabled"], "AuditIfNotExists"),
      requiredRetentionDays: {
        type: "String",
        metadata: { displayName: "Required retention (days)", description: "Of an archive in a storage account" },
        defaultValue: "0",
      },
    },
    rule: {
      if: VAULT,
      outcome: {
        ...outcome,
        details: {
          type: "Microsoft.Insights/diagnosticSettings",
          existenceCondition: {
            anyOf: [
              {
                allOf: [
                  { field: "Microsoft.Insights/diagnosticSettings/storageAccountId", exists: "false" },
                  loggedTo({ field: "Microsoft.Insights/diagnosticSettings/logs[*].enabled", equals: "true" }),
                ],
              },
              loggedTo({
                allOf: [
                  { field: "Microsoft.Insights/diagnosticSettings/logs[*].enabled", equals: "true" },
                  {
                    field: "Microsoft.Insights/diagnosticSettings/logs[*].retentionPolicy.days",
                    greaterOrEquals: "[int(parameters('requiredRetentionDays'))]",
                  },
                ],
              }),
            ],
          },
        },
      },
    },
  },
  {
    id: "951af2fa-529b-416e-ab6e-066fd85ac459",
    name: "Deploy - Configure diagnostic settings for Azure Key Vault to Log Analytics workspace",
    description:
      "Deploys the diagnostic setting that streams resource logs of a vault to a workspace where it is missing.",
    category: "Key Vault",
    parameters: {
      ...effect(["DeployIfNotExists", "AuditIfNotExists", "Disabled"], "DeployIfNotExists"),
      diagnosticsSettingNameToUse: {
        type: "String",
        metadata: { displayName: "Setting name", description: "Name of the diagnostic settings." },
        defaultValue: "AzureKeyVaultDiagnosticsLogsToWorkspace",
      },
      logAnalytics: {
        type: "String",
        metadata: { displayName: "Log Analytics workspace", strongType: "omsWorkspace", assignPermissions: true },
      },
    },
    rule: {
      if: VAULT,
      outcome: {
        ...outcome,
        details: {
          type: "Microsoft.Insights/diagnosticSettings",
          roleDefinitionIds: [
            "/providers/microsoft.authorization/roleDefinitions/749f88d5-cbae-40b8-bcfc-e573ddc772fa",
            "/providers/microsoft.authorization/roleDefinitions/92aaf0da-9dab-42b6-94a3-d43ce8d16293",
          ],
          existenceCondition: {
            allOf: [
              loggedTo({ field: "Microsoft.Insights/diagnosticSettings/logs[*].enabled", equals: "true" }),
              { field: "Microsoft.Insights/diagnosticSettings/workspaceId", equals: "[parameters('logAnalytics')]" },
            ],
          },
          deployment: {
            properties: {
              mode: "incremental",
              parameters: {
                vaultName: { value: "[field('name')]" },
                settingName: { value: "[parameters('diagnosticsSettingNameToUse')]" },
              },
              template: {
                $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
                contentVersion: "1.0.0.0",
                resources: [],
              },
            },
          },
        },
      },
    },
  },
  {
    id: "0e6763cc-5078-4e64-889d-ff4d9a839047",
    name: "Azure Defender for Key Vault should be enabled",
    description: "Defender for Key Vault detects unusual and potentially harmful attempts to access or exploit vaults.",
    category: "Security Center",
    mode: "All",
    parameters: effect(["AuditIfNotExists", "Disabled"], "AuditIfNotExists"),
    rule: {
      if: { field: "type", equals: "Microsoft.Resources/subscriptions" },
      outcome: {
        ...outcome,
        details: {
          type: "Microsoft.Security/pricings",
          name: "KeyVaults",
          existenceScope: "subscription",
          existenceCondition: { field: "Microsoft.Security/pricings/pricingTier", equals: "Standard" },
        },
      },
    },
  },
  {
    id: "4f9dc7db-30c1-420c-b61a-e1d640128d26",
    name: "Add a tag to resources",
    description:
      "Adds the specified tag and value when any resource missing this tag is created or updated. Existing resources can be remediated by triggering a remediation task. If the tag exists with a different value it will not be changed. Does not modify tags on resource groups.",
    category: "Tags",
    parameters: {
      ...tag("tagName", "Name of the tag, such as 'environment'"),
      ...tag("tagValue", "Value of the tag, such as 'production'"),
    },
    rule: {
      if: { field: "[concat('tags[', parameters('tagName'), ']')]", exists: "false" },
      outcome: {
        effect: "modify",
        details: {
          roleDefinitionIds: [CONTRIBUTOR],
          operations: [
            {
              operation: "add",
              field: "[concat('tags[', parameters('tagName'), ']')]",
              value: "[parameters('tagValue')]",
            },
          ],
        },
      },
    },
  },
  {
    id: "871b6d14-10aa-478d-b590-94f262ecfa99",
    name: "Require a tag on resources",
    description: "Enforces existence of a tag. Does not apply to resource groups.",
    category: "Tags",
    parameters: tag("tagName", "Name of the tag, such as 'environment'"),
    rule: {
      if: { field: "[concat('tags[', parameters('tagName'), ']')]", exists: "false" },
      outcome: { effect: "deny" },
    },
  },
];

function loggedTo(where: JsonObject): JsonObject {
  return { count: { field: "Microsoft.Insights/diagnosticSettings/logs[*]", where }, greaterOrEquals: 1 };
}

/** Members of the benchmark that are about Key Vault: the name that assignments call them by, and the definition. */
const BENCHMARK: readonly [reference: string, definition: string][] = [
  ["diagnosticLogsInKeyVaultMonitoring", "cf820ca0-f99e-4f3e-84fb-66e913812d21"],
  ["firewallShouldBeEnabledOnKeyVaultMonitoring", "55615ac9-af46-4a59-874e-391cc3dfb490"],
  ["keyVaultsShouldHavePurgeProtectionEnabledMonitoring", "0b60c0b2-2dc2-4e1c-b5c9-abbed971de53"],
  ["keyVaultsShouldHaveSoftDeleteEnabledMonitoring", "1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d"],
  ["privateEndpointShouldBeConfiguredForKeyVaultMonitoring", "a6abeaec-4d90-4a02-805f-6b26c4d3fbe9"],
  ["azureDefenderForKeyVaultShouldBeEnabledMonitoring", "0e6763cc-5078-4e64-889d-ff4d9a839047"],
];

const AUTHORSHIP = { createdAt: PUBLISHED, createdBy: "", updatedAt: PUBLISHED, updatedBy: "" };

function definition({
  id: name,
  name: displayName,
  category,
  mode,
  parameters,
  description,
  rule,
}: Published): PolicyDefinition {
  return {
    ...AUTHORSHIP,
    id: definitionId(name),
    name,
    builtIn: true,
    mode: mode ?? "Indexed",
    displayName,
    description,
    metadata: { version: "1.0.1", category },
    version: "1.0.1",
    parameters: parameters ?? {},
    policyRule: policyRule(rule.if, rule.outcome),
  };
}

function definitionId(name: string): string {
  return `/providers/Microsoft.Authorization/policyDefinitions/${name}`;
}

/** Built-in definitions by lower-case id. */
export const BUILT_IN_DEFINITIONS: ReadonlyMap<string, PolicyDefinition> = new Map(
  DEFINITIONS.map((source) => {
    const made = definition(source);
    return [made.id.toLowerCase(), made];
  }),
);

const benchmark: PolicySetDefinition = {
  ...AUTHORSHIP,
  id: "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
  name: "1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
  builtIn: true,
  displayName: "Microsoft cloud security benchmark",
  description: "Policies and controls of the Microsoft cloud security benchmark that are about Key Vault.",
  metadata: { version: "57.51.0", category: "Security Center" },
  version: "57.51.0",
  parameters: {},
  members: BENCHMARK.map(([referenceId, name]) => ({
    referenceId,
    policyDefinitionId: definitionId(name),
    definitionVersion: "1.*.*",
    parameters: {},
    groupNames: ["Azure_Security_Benchmark_v3.0_DP-8"],
  })),
  groups: [
    {
      name: "Azure_Security_Benchmark_v3.0_DP-8",
      additionalMetadataId: "/providers/Microsoft.PolicyInsights/policyMetadata/Azure_Security_Benchmark_v3.0_DP-8",
    },
  ],
};

/** Built-in initiatives by lower-case id. */
export const BUILT_IN_SETS: ReadonlyMap<string, PolicySetDefinition> = new Map([
  [benchmark.id.toLowerCase(), benchmark],
]);
