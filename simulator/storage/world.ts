import type { Context } from "../context";
import { worldIds } from "../world/ids";
import { Random } from "../world/random";
import { OPEN_NETWORK } from "./accounts";
import type { StorageAccount } from "./documents";

const DAY = 86_400_000;

/** Groups that get an account for their application's data; more would only make a large estate slower to start. */
const DATA_ACCOUNTS_MAX = 40;

/**
 * Fills the storage accounts: the platform's two, one for the data of each of the first groups, and the archives that
 * diagnostic settings of vaults name. Runs after those settings are there.
 */
export function createStorageAccounts(context: Context): void {
  const platform = `/subscriptions/${worldIds(context).subscriptions[0]}/resourceGroups/rg-platform`;
  const suffix = new Random(`${context.settings.seed}/storage`).hex(4);
  for (const name of [`stcontosodiag${suffix}`, `stcontosostate${suffix}`]) put(context, platform, name);
  for (const setting of context.model.diagnosticSettings.values()) {
    const [group, name] = setting.storageAccountId?.split("/providers/Microsoft.Storage/storageAccounts/") ?? [];
    if (group !== undefined && name !== undefined) put(context, group, name);
  }
  let left = DATA_ACCOUNTS_MAX;
  for (const group of context.model.resourceGroups.values()) {
    if (!group.tags.environment) continue;
    if (left-- === 0) break;
    put(context, group.id, `${`st${group.name.replace(/^rg-/, "").replaceAll("-", "")}`.slice(0, 20)}data`);
  }
}

function put(context: Context, groupId: string, name: string): void {
  const { model, settings, identity } = context;
  const group = model.resourceGroups.get(groupId);
  const id = `${groupId}/providers/Microsoft.Storage/storageAccounts/${name}`;
  if (!group || model.storageAccounts.get(id)) return;
  const random = new Random(`${settings.seed}/storage/${name}/${group.name}`);
  const createdAt = identity.firstStart - random.int(130, 1400) * DAY;
  const account: StorageAccount = {
    id,
    name,
    subscriptionId: group.subscriptionId,
    resourceGroup: group.name,
    location: group.location,
    tags: group.tags,
    kind: "StorageV2",
    sku: random.pick(["Standard_LRS", "Standard_ZRS", "Standard_GRS"]),
    accessTier: "Hot",
    createdAt,
    minimumTlsVersion: random.chance(0.85) ? "TLS1_2" : "TLS1_0",
    httpsOnly: true,
    allowBlobPublicAccess: random.chance(0.1),
    allowSharedKeyAccess: random.chance(0.75),
    publicNetworkAccess: "Enabled",
    networkAcls: OPEN_NETWORK,
    keys: {
      key1: { generation: 0, createdAt },
      key2: { generation: 1, createdAt: Math.min(identity.firstStart - DAY, createdAt + 100 * DAY) },
    },
  };
  model.storageAccounts.put(id, account);
}
