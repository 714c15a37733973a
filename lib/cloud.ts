import "server-only";
import type { CloudProfile } from "./config";

/** Endpoints of the clouds that this product supports; they come from the SDKs' own cloud tables. */
export const CLOUDS: Record<CloudProfile["name"], CloudProfile> = {
  AzureCloud: {
    name: "AzureCloud",
    authority: "https://login.microsoftonline.com",
    arm: "https://management.azure.com",
    logs: "https://api.loganalytics.io",
    logsScope: "https://api.loganalytics.io/.default",
    vaultSuffix: "vault.azure.net",
    vaultScope: "https://vault.azure.net/.default",
    tokenExchangeScope: "api://AzureADTokenExchange/.default",
    databaseScope: "https://ossrdbms-aad.database.windows.net/.default",
    portal: "https://portal.azure.com",
    graph: "https://graph.microsoft.com",
    defenderPortal: "https://security.microsoft.com",
    entraPortal: "https://entra.microsoft.com",
  },
  AzureUSGovernment: {
    name: "AzureUSGovernment",
    authority: "https://login.microsoftonline.us",
    arm: "https://management.usgovcloudapi.net",
    logs: "https://api.loganalytics.us",
    logsScope: "https://api.loganalytics.us/.default",
    vaultSuffix: "vault.usgovcloudapi.net",
    vaultScope: "https://vault.usgovcloudapi.net/.default",
    tokenExchangeScope: "api://AzureADTokenExchangeUSGov/.default",
    databaseScope: "https://ossrdbms-aad.database.usgovcloudapi.net/.default",
    portal: "https://portal.azure.us",
    graph: "https://graph.microsoft.us",
    defenderPortal: "https://security.microsoft.us",
    entraPortal: "https://entra.microsoft.us",
  },
};

/** `.invalid` can never resolve (RFC 2606): nothing simulated can reach, or pass for, a real tenant. */
export const SIMULATED_AUTHORITY = "https://entra-simulated.invalid";
