import { z } from "zod";

/*
 * What really stands in the simulated tenant, asked over its own address. Tests compare the product's screens with
 * this, never with the product's tables.
 */

const Vault = z.looseObject({
  id: z.string(),
  name: z.string(),
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  enableRbacAuthorization: z.boolean().optional(),
  accessPolicies: z.array(z.looseObject({ objectId: z.string() })),
  publicNetworkAccess: z.string(),
  networkAcls: z.looseObject({ defaultAction: z.string() }).optional(),
});
export type TrueVault = z.infer<typeof Vault>;

const VaultObject = z.looseObject({
  vaultId: z.string(),
  kind: z.enum(["secret", "key"]),
  name: z.string(),
  versions: z.array(z.looseObject({ version: z.string() })),
  deletedAt: z.number().optional(),
});

const WatchlistItem = z.looseObject({
  itemId: z.string(),
  fields: z.record(z.string(), z.string()),
  deleted: z.boolean().optional(),
});
const Assignment = z.looseObject({ scope: z.string(), principalId: z.string(), roleDefinitionId: z.string() });
const Setting = z.looseObject({
  vaultId: z.string(),
  workspaceId: z.string().optional(),
  destinationType: z.string().optional(),
  logs: z.array(
    z.looseObject({ enabled: z.boolean(), category: z.string().optional(), categoryGroup: z.string().optional() }),
  ),
});

const Tenant = z.looseObject({
  tenantId: z.string(),
  workspace: z.object({ resourceId: z.string(), customerId: z.string() }),
  identities: z.record(z.string(), z.object({ clientId: z.string(), objectId: z.string() })),
  plantRoleId: z.string(),
});

const Principal = z.looseObject({ oid: z.string(), name: z.string() });

export interface Truth {
  tenant(): Promise<z.infer<typeof Tenant>>;
  vaults(): Promise<TrueVault[]>;
  objects(): Promise<z.infer<typeof VaultObject>[]>;
  watchlistItems(): Promise<z.infer<typeof WatchlistItem>[]>;
  roleAssignments(): Promise<z.infer<typeof Assignment>[]>;
  diagnosticSettings(): Promise<z.infer<typeof Setting>[]>;
  principals(): Promise<z.infer<typeof Principal>[]>;
}

export function truthOf(simulatorUrl: string): Truth {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`${simulatorUrl}/sim/${path}`);
    if (!response.ok) throw new Error(`/sim/${path} answered ${response.status}`);
    return response.json();
  };
  const collection =
    <T>(name: string, schema: z.ZodType<T>) =>
    async () =>
      z.object({ documents: z.array(schema) }).parse(await get(`collections/${name}`)).documents;
  return {
    tenant: async () => Tenant.parse(await get("tenant")),
    vaults: collection("vaults", Vault),
    objects: collection("objects", VaultObject),
    watchlistItems: collection("watchlistItems", WatchlistItem),
    roleAssignments: collection("roleAssignments", Assignment),
    diagnosticSettings: collection("diagnosticSettings", Setting),
    principals: collection("principals", Principal),
  };
}
