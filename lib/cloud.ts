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
    portal: "https://portal.azure.com",
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
    portal: "https://portal.azure.us",
  },
};

/** `.invalid` can never resolve (RFC 2606): nothing simulated can reach, or pass for, a real tenant. */
export const SIMULATED_AUTHORITY = "https://entra-simulated.invalid";
