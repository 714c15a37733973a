import type { NetworkAcls } from "../model";

/** A storage account. Its keys are in no document: they are worked out from tenant, account and generation. */
export interface StorageAccount {
  /** ARM id. Key. */
  id: string;
  name: string;
  subscriptionId: string;
  resourceGroup: string;
  location: string;
  tags: Record<string, string>;
  kind: "Storage" | "StorageV2" | "BlobStorage" | "FileStorage" | "BlockBlobStorage";
  sku: string;
  accessTier: "Hot" | "Cool" | "Premium" | "Cold";
  createdAt: number;
  minimumTlsVersion: "TLS1_0" | "TLS1_1" | "TLS1_2" | "TLS1_3";
  httpsOnly: boolean;
  allowBlobPublicAccess: boolean;
  allowSharedKeyAccess: boolean;
  publicNetworkAccess?: "Enabled" | "Disabled";
  networkAcls: NetworkAcls;
  /** How often each key was made anew, and when last. */
  keys: Record<"key1" | "key2", { generation: number; createdAt: number }>;
}
