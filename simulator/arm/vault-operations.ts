import type { Call } from "../context";
import type { Router } from "../http";
import { ok } from "./respond";

type Row = readonly [name: string, resource: string, operation: string, description: string, data?: true];

/** What Key Vault tells of its own operations; names as in role definitions. */
const ROWS: readonly Row[] = [
  ["register/action", "Subscription", "Register Subscription", "Registers a subscription"],
  [
    "checkNameAvailability/read",
    "Vault",
    "Check Name Availability",
    "Checks that a key vault name is valid and is not in use",
  ],
  [
    "operations/read",
    "Operation",
    "Available Key Vault Operations",
    "Lists operations available on Microsoft.KeyVault resource provider",
  ],
  ["deletedVaults/read", "Deleted Vault", "View Soft Deleted Vaults", "View the properties of soft deleted key vaults"],
  [
    "locations/deletedVaults/read",
    "Deleted Vault",
    "View Soft Deleted Vault",
    "View the properties of a soft deleted key vault",
  ],
  [
    "locations/deletedVaults/purge/action",
    "Deleted Vault",
    "Purge Soft Deleted Vault",
    "Purge a soft deleted key vault",
  ],
  [
    "locations/operationResults/read",
    "Operation Result",
    "Check Operation Result",
    "Check the result of a long run operation",
  ],
  ["vaults/read", "Key Vault", "View Key Vault", "View the properties of a key vault"],
  [
    "vaults/write",
    "Key Vault",
    "Update Key Vault",
    "Creates a new key vault or updates the properties of an existing key vault",
  ],
  ["vaults/delete", "Key Vault", "Delete Key Vault", "Deletes a key vault"],
  [
    "vaults/deploy/action",
    "Key Vault",
    "Use Vault for Azure Deployments",
    "Enables access to secrets in a key vault when deploying Azure resources",
  ],
  [
    "vaults/accessPolicies/write",
    "Access Policy",
    "Update Access Policy",
    "Updates an existing access policy by merging or replacing, or adds a new access policy to the key vault",
  ],
  ["vaults/secrets/read", "Secret", "View Secret Properties", "View the properties of a secret, but not its value"],
  [
    "vaults/secrets/write",
    "Secret",
    "Create or Update Secret",
    "Creates a new secret or updates the value of an existing secret",
  ],
  ["vaults/keys/read", "Key", "View Key Properties", "Read the properties of a key"],
  ["vaults/keys/write", "Key", "Create Key", "Creates the first version of a new key if it does not exist"],
  [
    "vaults/privateEndpointConnections/read",
    "Private Endpoint Connection",
    "View Connections",
    "View the state of a connection to a key vault via private endpoint",
  ],
  [
    "vaults/privateLinkResources/read",
    "Private Link Resource",
    "View Private Link Resources",
    "View the available private link resources for the specified instance of Key Vault",
  ],
  ["vaults/secrets/getSecret/action", "Secret", "Get Secret", "Gets the value of a secret", true],
  ["vaults/secrets/setSecret/action", "Secret", "Set Secret", "Sets the value of a secret", true],
  [
    "vaults/secrets/readMetadata/action",
    "Secret",
    "View Secret Properties",
    "List or view the properties of a secret, but not its value",
    true,
  ],
  ["vaults/secrets/delete", "Secret", "Delete Secret", "Deletes a secret", true],
  [
    "vaults/keys/read",
    "Key",
    "Read Key",
    "List keys in the specified vault, or read properties and public material of a key",
    true,
  ],
  ["vaults/keys/create/action", "Key", "Create Key", "Creates a new key", true],
  ["vaults/keys/delete", "Key", "Delete Key", "Deletes a key", true],
];

/** `GET /providers/Microsoft.KeyVault/operations`: open to everybody who has signed in. */
export function routeVaultOperations(router: Router<Call>): void {
  router.on("GET", "/providers/Microsoft.KeyVault/operations", () =>
    ok({
      value: ROWS.map(([name, resource, operation, description, data]) => ({
        name: `Microsoft.KeyVault/${name}`,
        display: { provider: "Microsoft Key Vault", resource, operation, description },
        isDataAction: data ?? false,
      })),
    }),
  );
}
