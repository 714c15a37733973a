import type { Context } from "../context";
import type { RoleDefinition } from "../model";
import { worldIds } from "./ids";

const COMMON = [
  "Microsoft.Authorization/*/read",
  "Microsoft.Insights/alertRules/*",
  "Microsoft.Resources/deployments/*",
  "Microsoft.Resources/subscriptions/resourceGroups/read",
  "Microsoft.Support/*",
];
const VAULT_READING = [
  ...COMMON,
  "Microsoft.KeyVault/checkNameAvailability/read",
  "Microsoft.KeyVault/deletedVaults/read",
  "Microsoft.KeyVault/locations/*/read",
  "Microsoft.KeyVault/vaults/*/read",
  "Microsoft.KeyVault/operations/read",
];
const SENTINEL_READING = [
  ...COMMON,
  "Microsoft.SecurityInsights/*/read",
  "Microsoft.SecurityInsights/dataConnectorsCheckRequirements/action",
  "Microsoft.SecurityInsights/threatIntelligence/indicators/query/action",
  "Microsoft.OperationalInsights/workspaces/analytics/query/action",
  "Microsoft.OperationalInsights/workspaces/*/read",
  "Microsoft.OperationalInsights/workspaces/LinkedServices/read",
  "Microsoft.OperationalInsights/workspaces/savedSearches/read",
  "Microsoft.Insights/workbooks/read",
];
const RESPONDING = [
  ...SENTINEL_READING,
  "Microsoft.SecurityInsights/automationRules/*",
  "Microsoft.SecurityInsights/cases/*",
  "Microsoft.SecurityInsights/incidents/*",
  "Microsoft.SecurityInsights/entities/runPlaybook/action",
];

type Built = readonly [
  id: string,
  name: string,
  grants: { actions?: string[]; notActions?: string[]; dataActions?: string[] },
];

const vaults = (...actions: string[]) => actions.map((action) => `Microsoft.KeyVault/vaults/${action}`);

/** Built-in roles by their real ids; what they give follows Azure's published definitions. */
export const ROLES = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  monitoringContributor: "749f88d5-cbae-40b8-bcfc-e573ddc772fa",
  vaultContributor: "f25e0fa2-a7c8-4377-a976-54943a77a395",
  vaultReader: "21090545-7ca7-4776-b22c-e363652d74d2",
  secretsOfficer: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  cryptoOfficer: "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
  cryptoUser: "12338af0-0e69-4776-bea7-57ae8d297424",
  vaultAdministrator: "00482a5a-887f-4fb3-b363-3b7fe8e74483",
  secretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  tagContributor: "4a9ae827-6dc8-4573-8ac7-8239d42aa03f",
  logReader: "73c42c96-874c-492b-b04d-ab87d138a893",
  sentinelReader: "8d289c81-5878-46d4-8554-54e1e3d8b5cb",
  sentinelResponder: "3e150937-b8fe-4cfb-8069-0eaf05ecd056",
  sentinelContributor: "ab8e14d6-4a74-4a29-9ba8-549422addade",
} as const;

const BUILT_IN: readonly Built[] = [
  [ROLES.owner, "Owner", { actions: ["*"] }],
  [
    ROLES.contributor,
    "Contributor",
    {
      actions: ["*"],
      notActions: [
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
        "Microsoft.Blueprint/blueprintAssignments/write",
        "Microsoft.Blueprint/blueprintAssignments/delete",
      ],
    },
  ],
  [ROLES.reader, "Reader", { actions: ["*/read"] }],
  [
    "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
    "Monitoring Reader",
    { actions: ["*/read", "Microsoft.OperationalInsights/workspaces/search/action", "Microsoft.Support/*"] },
  ],
  [
    ROLES.monitoringContributor,
    "Monitoring Contributor",
    {
      actions: [
        "*/read",
        "Microsoft.AlertsManagement/alerts/*",
        "Microsoft.AlertsManagement/alertsSummary/*",
        "Microsoft.Insights/actiongroups/*",
        "Microsoft.Insights/activityLogAlerts/*",
        "Microsoft.Insights/AlertRules/*",
        "Microsoft.Insights/components/*",
        "Microsoft.Insights/DiagnosticSettings/*",
        "Microsoft.Insights/eventtypes/*",
        "Microsoft.Insights/LogDefinitions/*",
        "Microsoft.Insights/metricalerts/*",
        "Microsoft.Insights/MetricDefinitions/*",
        "Microsoft.Insights/Metrics/*",
        "Microsoft.Insights/scheduledqueryrules/*",
        "Microsoft.Insights/workbooks/*",
        "Microsoft.OperationalInsights/workspaces/search/action",
        "Microsoft.OperationalInsights/workspaces/savedSearches/*",
        "Microsoft.OperationalInsights/workspaces/storageinsightconfigs/*",
        "Microsoft.Support/*",
      ],
    },
  ],
  [
    ROLES.vaultReader,
    "Key Vault Reader",
    { actions: VAULT_READING, dataActions: vaults("*/read", "secrets/readMetadata/action") },
  ],
  [ROLES.secretsOfficer, "Key Vault Secrets Officer", { actions: VAULT_READING, dataActions: vaults("secrets/*") }],
  [
    ROLES.cryptoOfficer,
    "Key Vault Crypto Officer",
    { actions: VAULT_READING, dataActions: vaults("keys/*", "keyrotationpolicies/*") },
  ],
  [
    "a4417e6f-fecd-4de8-b567-7b0420556985",
    "Key Vault Certificates Officer",
    { actions: VAULT_READING, dataActions: vaults("certificatecas/*", "certificates/*", "certificatecontacts/write") },
  ],
  [
    "a68e7c17-0ab2-4c09-9a58-125dae29748c",
    "Key Vault Purge Operator",
    {
      actions: [
        "Microsoft.KeyVault/locations/deletedVaults/purge/action",
        "Microsoft.KeyVault/locations/operationResults/read",
        "Microsoft.KeyVault/deletedVaults/read",
      ],
    },
  ],
  [
    ROLES.secretsUser,
    "Key Vault Secrets User",
    { dataActions: vaults("secrets/getSecret/action", "secrets/readMetadata/action") },
  ],
  [
    ROLES.cryptoUser,
    "Key Vault Crypto User",
    {
      dataActions: vaults(
        "keys/read",
        "keys/update/action",
        "keys/backup/action",
        "keys/encrypt/action",
        "keys/decrypt/action",
        "keys/wrap/action",
        "keys/unwrap/action",
        "keys/sign/action",
        "keys/verify/action",
      ),
    },
  ],
  [ROLES.vaultAdministrator, "Key Vault Administrator", { actions: VAULT_READING, dataActions: vaults("*") }],
  [
    ROLES.vaultContributor,
    "Key Vault Contributor",
    {
      actions: [...COMMON, "Microsoft.KeyVault/*"],
      notActions: [
        "Microsoft.KeyVault/locations/deletedVaults/purge/action",
        "Microsoft.KeyVault/hsmPools/*",
        "Microsoft.KeyVault/managedHsms/*",
      ],
    },
  ],
  [
    "8b54135c-b56d-4d72-a534-26097cfdc8d8",
    "Key Vault Data Access Administrator",
    {
      actions: [
        ...COMMON,
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments/delete",
        "Microsoft.KeyVault/vaults/*/read",
      ],
      dataActions: [],
    },
  ],
  [
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "Role Based Access Control Administrator",
    {
      actions: [
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments/delete",
        "*/read",
        "Microsoft.Support/*",
      ],
    },
  ],
  [
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "User Access Administrator",
    { actions: ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"] },
  ],
  [
    "3b03c2da-16b3-4a49-8834-0f8130efdd3b",
    "Log Analytics Data Reader",
    {
      actions: ["Microsoft.OperationalInsights/workspaces/read", "Microsoft.OperationalInsights/workspaces/query/read"],
      dataActions: ["Microsoft.OperationalInsights/workspaces/tables/data/read"],
    },
  ],
  [
    ROLES.logReader,
    "Log Analytics Reader",
    {
      actions: [
        "*/read",
        "Microsoft.OperationalInsights/workspaces/analytics/query/action",
        "Microsoft.OperationalInsights/workspaces/search/action",
        "Microsoft.Support/*",
      ],
      notActions: ["Microsoft.OperationalInsights/workspaces/sharedKeys/read"],
    },
  ],
  [ROLES.sentinelReader, "Microsoft Sentinel Reader", { actions: SENTINEL_READING }],
  [ROLES.sentinelResponder, "Microsoft Sentinel Responder", { actions: RESPONDING }],
  [
    "f4c81013-99ee-4d62-a7ee-b3f1f648599a",
    "Microsoft Sentinel Automation Contributor",
    {
      actions: [
        "Microsoft.Authorization/*/read",
        "Microsoft.Logic/workflows/triggers/read",
        "Microsoft.Logic/workflows/triggers/listCallbackUrl/action",
        "Microsoft.Logic/workflows/runs/read",
      ],
    },
  ],
  [
    "51d6186e-6489-4900-b93f-92e23144cca5",
    "Microsoft Sentinel Playbook Operator",
    {
      actions: ["Microsoft.Logic/workflows/read", "Microsoft.Logic/workflows/triggers/listCallbackUrl/action"],
    },
  ],
  [
    ROLES.sentinelContributor,
    "Microsoft Sentinel Contributor",
    {
      actions: [
        ...SENTINEL_READING,
        "Microsoft.SecurityInsights/*",
        "Microsoft.OperationalInsights/workspaces/savedSearches/*",
        "Microsoft.Insights/workbooks/*",
      ],
      notActions: [
        "Microsoft.SecurityInsights/ConfidentialWatchlists/*",
        "Microsoft.OperationalInsights/workspaces/query/ConfidentialWatchlist/*",
      ],
    },
  ],
  [
    "36243c78-bf99-498c-9df9-86d9f8d28608",
    "Resource Policy Contributor",
    {
      actions: [
        "*/read",
        "Microsoft.Authorization/policyassignments/*",
        "Microsoft.Authorization/policydefinitions/*",
        "Microsoft.Authorization/policyexemptions/*",
        "Microsoft.Authorization/policysetdefinitions/*",
        "Microsoft.PolicyInsights/*",
        "Microsoft.Resources/deployments/*",
        "Microsoft.Support/*",
      ],
    },
  ],
  [
    ROLES.tagContributor,
    "Tag Contributor",
    { actions: [...COMMON, "Microsoft.Resources/subscriptions/resources/read", "Microsoft.Resources/tags/*"] },
  ],
  [
    "fb1c8493-542b-48eb-b624-b4c8fea62acd",
    "Security Admin",
    {
      actions: [
        ...COMMON,
        "Microsoft.Authorization/policyAssignments/*",
        "Microsoft.Authorization/policyDefinitions/*",
        "Microsoft.Authorization/policyExemptions/*",
        "Microsoft.Authorization/policySetDefinitions/*",
        "Microsoft.Management/managementGroups/read",
        "Microsoft.operationalInsights/workspaces/*/read",
        "Microsoft.Security/*",
      ],
    },
  ],
  [
    "39bc4728-0917-49c7-9d2c-d95423bc2eb4",
    "Security Reader",
    {
      actions: [
        ...COMMON.filter((action) => action !== "Microsoft.Resources/deployments/*"),
        "Microsoft.operationalInsights/workspaces/*/read",
        "Microsoft.Resources/deployments/*/read",
        "Microsoft.Security/*/read",
        "Microsoft.Management/managementGroups/read",
      ],
    },
  ],
  [
    "81a9662b-bebf-436f-a333-f67b29880f12",
    "Storage Account Key Operator Service Role",
    {
      actions: [
        "Microsoft.Storage/storageAccounts/listkeys/action",
        "Microsoft.Storage/storageAccounts/regeneratekey/action",
      ],
    },
  ],
];

/** Fills the role definitions: the built-in ones that matter here, and the custom roles of the product's set-up. */
export function createRoles(context: Context): void {
  const ids = worldIds(context);
  const put = (id: string, name: string, custom: boolean, grants: Built[2]) => {
    const role: RoleDefinition = {
      id,
      name,
      custom,
      actions: grants.actions ?? [],
      notActions: grants.notActions ?? [],
      dataActions: grants.dataActions ?? [],
      notDataActions: [],
    };
    context.model.roleDefinitions.put(id, role);
  };
  for (const [id, name, grants] of BUILT_IN) put(id, name, false, grants);
  if (!context.settings.bare) createProductRoles(put, ids);
  put(ids.grantRoleId, "Secret access delegation", true, {
    actions: [
      "Microsoft.Authorization/roleAssignments/read",
      "Microsoft.Authorization/roleAssignments/write",
      "Microsoft.Authorization/roleAssignments/delete",
      "Microsoft.Authorization/roleAssignmentScheduleRequests/read",
      "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
      "Microsoft.KeyVault/vaults/read",
      "Microsoft.KeyVault/vaults/accessPolicies/write",
    ],
  });
  // Azure asks for the keys action on the receiving workspace when somebody points a diagnostic setting at it.
  put(ids.logDeliveryRoleId, "Diagnostic log delivery", true, {
    actions: [
      "Microsoft.OperationalInsights/workspaces/read",
      "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
    ],
  });
}

/** What the product's own set-up makes: a role to plant and one to retire. */
function createProductRoles(
  put: (id: string, name: string, custom: boolean, grants: Built[2]) => void,
  ids: Pick<ReturnType<typeof worldIds>, "plantRoleId" | "retireRoleId">,
): void {
  put(ids.plantRoleId, "Secret provisioning", true, {
    actions: vaults("keys/write"),
    dataActions: vaults("secrets/setSecret/action", "secrets/readMetadata/action", "keys/create/action", "keys/read"),
  });
  put(ids.retireRoleId, "Secret retirement", true, {
    dataActions: vaults("secrets/readMetadata/action", "secrets/delete", "keys/read", "keys/delete"),
  });
}
