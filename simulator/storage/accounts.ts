import { createHmac } from "node:crypto";
import type { Context } from "../context";
import type { NetworkAcls } from "../model";
import type { StorageAccount } from "./documents";

export const KEY_NAMES = ["key1", "key2"] as const;
export type KeyName = (typeof KEY_NAMES)[number];

/** Network rules of an account that is open to all. */
export const OPEN_NETWORK: NetworkAcls = {
  bypass: "AzureServices",
  defaultAction: "Allow",
  ipRules: [],
  virtualNetworkRules: [],
};

export function storageAccounts({ model }: Pick<Context, "model">): StorageAccount[] {
  return [...model.storageAccounts.values()];
}

/**
 * The present value of one key: base64 of 64 bytes. A function of the tenant, the account and how often the key was
 * made anew, so that it need not be kept and no list of documents can give it away.
 */
export function keyValue({ identity }: Pick<Context, "identity">, account: StorageAccount, name: KeyName): string {
  return createHmac("sha512", `${identity.tenantId} storage keys`)
    .update(`${account.id.toLowerCase()} ${name} ${account.keys[name].generation}`)
    .digest("base64");
}

/** `properties` of an account, as ARM and Resource Graph show them. */
export function accountProperties(account: StorageAccount) {
  const { name, location } = account;
  const endpoint = (service: string) => `https://${name}.${service}.core.windows.net/`;
  const service = { enabled: true, keyType: "Account", lastEnabledTime: time(account.createdAt) };
  return {
    provisioningState: "Succeeded",
    primaryEndpoints: {
      blob: endpoint("blob"),
      queue: endpoint("queue"),
      table: endpoint("table"),
      file: endpoint("file"),
      web: endpoint("z6.web"),
      dfs: endpoint("dfs"),
    },
    primaryLocation: location,
    statusOfPrimary: "available",
    creationTime: time(account.createdAt),
    keyCreationTime: { key1: time(account.keys.key1.createdAt), key2: time(account.keys.key2.createdAt) },
    encryption: { services: { blob: service, file: service }, keySource: "Microsoft.Storage" },
    accessTier: account.accessTier,
    supportsHttpsTrafficOnly: account.httpsOnly,
    networkAcls: account.networkAcls,
    privateEndpointConnections: [],
    allowBlobPublicAccess: account.allowBlobPublicAccess,
    minimumTlsVersion: account.minimumTlsVersion,
    allowSharedKeyAccess: account.allowSharedKeyAccess,
    ...(account.publicNetworkAccess === undefined ? {} : { publicNetworkAccess: account.publicNetworkAccess }),
  };
}

/** An account as ARM answers it. */
export function accountBody(account: StorageAccount) {
  return {
    id: account.id,
    name: account.name,
    type: "Microsoft.Storage/storageAccounts",
    location: account.location,
    tags: account.tags,
    sku: { name: account.sku, tier: account.sku.split("_")[0] ?? "" },
    kind: account.kind,
    properties: accountProperties(account),
  };
}

function time(at: number): string {
  return new Date(at).toISOString().replace("Z", "0000Z");
}
