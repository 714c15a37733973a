/*
 * The aliases that rules may name, by resource type: names as Azure publishes them, without the type. All of them read
 * below `properties`. Source: `az provider show --expand resourceTypes/aliases` of each type.
 */

/** Aliases by lower-case resource type. `modifiable` are those that a modify effect may change. */
interface TypeAliases {
  type: string;
  names: readonly string[];
  modifiable: readonly string[];
}

const PERMISSIONS = ["keys", "secrets", "certificates", "storage"].flatMap((kind) => [
  `accessPolicies[*].permissions.${kind}`,
  `accessPolicies[*].permissions.${kind}[*]`,
]);

const TYPES: readonly TypeAliases[] = [
  {
    type: "Microsoft.KeyVault/vaults",
    names: [
      ...["sku", "sku.name", "sku.family", "tenantId", "vaultUri", "createMode", "provisioningState"],
      ...["enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"],
      ...["enableSoftDelete", "softDeleteRetentionInDays", "enablePurgeProtection", "enableRbacAuthorization"],
      ...["publicNetworkAccess", "networkAcls", "networkAcls.bypass", "networkAcls.defaultAction"],
      ...["networkAcls.ipRules", "networkAcls.ipRules[*]", "networkAcls.ipRules[*].value"],
      ...[
        "networkAcls.virtualNetworkRules",
        "networkAcls.virtualNetworkRules[*]",
        "networkAcls.virtualNetworkRules[*].id",
      ],
      ...["accessPolicies", "accessPolicies[*]", "accessPolicies[*].tenantId", "accessPolicies[*].objectId"],
      ...["accessPolicies[*].applicationId", "accessPolicies[*].permissions", ...PERMISSIONS],
      ...["privateEndpointConnections", "privateEndpointConnections[*]"],
      "privateEndpointConnections[*].privateLinkServiceConnectionState.status",
    ],
    modifiable: ["publicNetworkAccess", "networkAcls.bypass", "networkAcls.defaultAction"],
  },
  {
    type: "Microsoft.Insights/diagnosticSettings",
    names: [
      ...[
        "workspaceId",
        "storageAccountId",
        "eventHubAuthorizationRuleId",
        "eventHubName",
        "logAnalyticsDestinationType",
      ],
      ...["logs", "logs.enabled", "logs[*]", "logs[*].category", "logs[*].categoryGroup", "logs[*].enabled"],
      ...["logs[*].retentionPolicy", "logs[*].retentionPolicy.enabled", "logs[*].retentionPolicy.days"],
      ...["metrics", "metrics.enabled", "metrics[*]", "metrics[*].category", "metrics[*].enabled"],
    ],
    modifiable: [],
  },
  { type: "Microsoft.Security/pricings", names: ["pricingTier", "subPlan", "freeTrialRemainingTime"], modifiable: [] },
  {
    type: "Microsoft.OperationalInsights/workspaces",
    names: ["sku.name", "retentionInDays", "publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"],
    modifiable: [],
  },
];

/** Aliases whose values lie elsewhere than their names say. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "privateEndpointConnections[*].privateLinkServiceConnectionState.status":
    "privateEndpointConnections[*].properties.privateLinkServiceConnectionState.status",
};

interface Alias {
  /** Lower case. */
  type: string;
  /** Names below `properties`; `*` stands for every member of a list. */
  path: string[];
  modifiable: boolean;
}

const known = new Map<string, Alias>();
for (const { type, names, modifiable } of TYPES) {
  for (const name of names) {
    known.set(`${type}/${name}`.toLowerCase(), {
      type: type.toLowerCase(),
      path: (ELSEWHERE[name] ?? name).replaceAll("[*]", ".*").split("."),
      modifiable: modifiable.includes(name),
    });
  }
}

/** The alias of that name (without case), or undefined when no known type has it. */
export function aliasNamed(name: string): Alias | undefined {
  return known.get(name.toLowerCase());
}
