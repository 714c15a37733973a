import { z } from "zod";
import type { NetworkAcls } from "../model";
import { OPEN_NETWORK } from "./accounts";
import type { StorageAccount } from "./documents";

const SKUS = [
  ...["Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS"],
  ...["Premium_LRS", "Premium_ZRS", "PremiumV2_LRS", "PremiumV2_ZRS", "StandardV2_LRS", "StandardV2_GRS"],
  ...["StandardV2_ZRS", "StandardV2_GZRS"],
];

const Sku = z.object({ name: z.enum(SKUS) });
const Tags = z.record(z.string(), z.string()).nullish();
const Network = z.object({
  bypass: z.string().max(128).nullish(),
  defaultAction: z.enum(["Allow", "Deny"]),
  ipRules: z
    .array(z.object({ value: z.string().min(1) }))
    .max(400)
    .nullish(),
  virtualNetworkRules: z
    .array(z.object({ id: z.string().min(1) }))
    .max(400)
    .nullish(),
});

const Properties = z.object({
  accessTier: z.enum(["Hot", "Cool", "Premium", "Cold"]).nullish(),
  supportsHttpsTrafficOnly: z.boolean().nullish(),
  allowBlobPublicAccess: z.boolean().nullish(),
  allowSharedKeyAccess: z.boolean().nullish(),
  minimumTlsVersion: z.enum(["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"]).nullish(),
  publicNetworkAccess: z.enum(["Enabled", "Disabled"]).nullish(),
  networkAcls: Network.nullish(),
});

export const CreateBody = z.object({
  sku: Sku,
  kind: z.enum(["Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage"]),
  location: z.string().min(1).max(128),
  tags: Tags,
  properties: Properties.nullish(),
});

export const UpdateBody = z.object({ sku: Sku.nullish(), tags: Tags, properties: Properties.nullish() });

export const RegenerateBody = z.object({ keyName: z.string().min(1).max(128) });

/** The account with the properties that are given; the others stay. */
export function withProperties(account: StorageAccount, given: z.infer<typeof Properties>): StorageAccount {
  return {
    ...account,
    accessTier: given.accessTier ?? account.accessTier,
    httpsOnly: given.supportsHttpsTrafficOnly ?? account.httpsOnly,
    allowBlobPublicAccess: given.allowBlobPublicAccess ?? account.allowBlobPublicAccess,
    allowSharedKeyAccess: given.allowSharedKeyAccess ?? account.allowSharedKeyAccess,
    minimumTlsVersion: given.minimumTlsVersion ?? account.minimumTlsVersion,
    ...(given.publicNetworkAccess ? { publicNetworkAccess: given.publicNetworkAccess } : {}),
    networkAcls: given.networkAcls ? networkOf(given.networkAcls) : account.networkAcls,
  };
}

function networkOf(given: z.infer<typeof Network>): NetworkAcls {
  return {
    ...OPEN_NETWORK,
    bypass: given.bypass === "None" ? "None" : "AzureServices",
    defaultAction: given.defaultAction,
    ipRules: given.ipRules ?? [],
    virtualNetworkRules: given.virtualNetworkRules ?? [],
  };
}
