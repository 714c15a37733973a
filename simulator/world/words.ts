/** Dull names as estates have them. Teams come first in the order in which resource groups are handed out. */
export const TEAMS: readonly string[] = [
  "payments",
  "orders",
  "billing",
  "identity",
  "catalog",
  "logistics",
  "search",
  "loyalty",
  "reporting",
  "claims",
  "inventory",
  "messaging",
  "pricing",
  "mobile",
  "partners",
  "treasury",
  "support",
  "content",
  "fraud",
  "ledger",
  "returns",
  "data",
  "portal",
  "gateway",
];

export const ENVIRONMENTS = ["prod", "test", "dev", "stg"] as const;

/** Azure region and the short form that names carry. */
export const REGIONS = [
  { location: "westeurope", short: "weu" },
  { location: "northeurope", short: "neu" },
  { location: "germanywestcentral", short: "gwc" },
  { location: "swedencentral", short: "sdc" },
] as const;

export const AREAS = [
  "Retail",
  "Corporate",
  "Platform",
  "Finance",
  "Supply Chain",
  "Digital",
  "Analytics",
  "Partner",
  "Store Operations",
  "Customer Service",
] as const;

export const COST_CENTERS = ["4100", "4120", "4310", "4475", "5002", "5210", "6033"] as const;

/** People of the estate besides the three personas; each team has one of them as its contact. */
export const PEOPLE = [
  "Priya Nair",
  "Tomas Berg",
  "Lucia Ferrer",
  "Jonas Weber",
  "Amina Diallo",
  "Piotr Zielinski",
  "Grace Osei",
  "Mikkel Holm",
  "Sara Lindqvist",
  "Daniel Costa",
  "Elif Yildiz",
  "Owen Reid",
] as const;

/** What a secret belongs to. */
export const SYSTEMS = [
  "sql",
  "cosmos",
  "redis",
  "servicebus",
  "eventhub",
  "storage",
  "smtp",
  "sftp",
  "oauth",
  "graph",
  "stripe",
  "adyen",
  "twilio",
  "elastic",
  "datadog",
  "jwt",
  "ldap",
  "sap",
  "salesforce",
  "postgres",
] as const;

/** What kind of secret it is. */
export const SECRET_NOUNS = [
  "password",
  "connection-string",
  "api-key",
  "client-secret",
  "access-key",
  "token",
  "signing-secret",
  "sas",
] as const;

export const QUALIFIERS = ["primary", "secondary", "read", "write", "admin", "batch", "worker", "reporting"] as const;

export const SECTIONS = ["ConnectionStrings", "Authentication", "Storage", "Messaging", "Mail", "Payments"] as const;

export const KEY_NOUNS = ["data-encryption", "token-signing", "backup", "column-master", "document-signing"] as const;

/** The path that configuration written with dots begins with, before dots became hyphens. */
export const DOTTED_ROOTS = ["spring", "app", "config", "service"] as const;

/** What a certificate stands for; the companions of one carry its name. */
export const CERTIFICATE_NOUNS = ["tls", "client-auth", "gateway", "saml-signing", "mutual-tls"] as const;

/** Decoys of the simulated estate: as dull as the rest, and never the same words as the rest by accident. */
export const DECOY_SYSTEMS = [
  "vpn",
  "backup",
  "jenkins",
  "nexus",
  "mainframe",
  "hsm",
  "dr-site",
  "etl",
  "kafka",
  "vsphere",
  "bitbucket",
  "idrac",
] as const;

export const DECOY_NOUNS = ["root-password", "svc-account", "break-glass", "recovery-key", "admin-token"] as const;
export const DECOY_KEY_NOUNS = ["wrapping", "master", "escrow", "recovery"] as const;

export const USER_AGENTS = {
  application: "azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11; Linux)",
  loader: "azsdk-net-Extensions.AspNetCore.Configuration.Secrets/1.3.2 (.NET 8.0.11; Linux)",
  appService: "AppServiceKeyVaultReferences/1.0",
  crypto: "azsdk-java-security-keyvault-keys/4.9.1 (17.0.13; Linux)",
  diskEncryption: "Microsoft.Compute.DiskEncryptionSet/1.0",
  pipeline: "AzureCLI/2.66.0 (DEB) azsdk-python-keyvault-secrets/4.9.0 Python/3.12.7 (Linux)",
  backup: "azsdk-python-keyvault-secrets/4.8.0 Python/3.11.9 (Linux)",
  sync: "external-secrets/0.10.5 azsdk-go-azsecrets/v1.1.0 (go1.23.2; linux)",
  portal: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
  inventory: "AzureResourceGraph.IngestionWorkerService.global/1.26.9.1",
  policyScan: "PolicyScan-GF/1.0",
  platform: "EventGrid",
} as const;
