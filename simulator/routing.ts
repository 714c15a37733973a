import { AzureError } from "./http";
import { hostName } from "./request";

export type ServiceName = "entra" | "identity" | "arm" | "keyvault" | "loganalytics" | "graph" | "control";

const LOOPBACK = new Set(["localhost", "127.0.0.1"]);
const SIGN_IN = new Set(["login.microsoftonline.com", "entra-simulated.invalid"]);

/**
 * Which service a request is for, by the host it means: `x-forwarded-host`, else `Host`. Undefined = answered with 421.
 *
 * `Host` itself must be this machine or an Azure host in either case. A page on another site can point its own name
 * at 127.0.0.1 and add headers, but not choose its `Host` (DNS rebinding).
 */
export function serviceOf(
  headers: { host: string | undefined; forwardedHost: string | undefined },
  path: string,
  tenantId: string,
): { service: ServiceName; host: string } | undefined {
  const actual = hostName(headers.host);
  if (actual === undefined || !(LOOPBACK.has(actual) || azureService(actual))) return undefined;
  const host = headers.forwardedHost === undefined ? actual : hostName(headers.forwardedHost);
  if (host === undefined) return undefined;
  const azure = azureService(host);
  if (azure) return { service: azure, host };
  if (!LOOPBACK.has(host)) return undefined;
  const first = path.split("/")[1]?.toLowerCase() ?? "";
  if (first === tenantId) return { service: "entra", host };
  // The control routes tell everything about the tenant, so nothing that was forwarded for somebody reaches them.
  if (headers.forwardedHost !== undefined) return undefined;
  if (first === "sim") return { service: "control", host };
  if (first === "msi") return { service: "identity", host };
  return undefined;
}

function azureService(host: string): ServiceName | undefined {
  if (SIGN_IN.has(host)) return "entra";
  if (host === "management.azure.com") return "arm";
  if (host === "api.loganalytics.io") return "loganalytics";
  if (host === "graph.microsoft.com") return "graph";
  return /^[a-z0-9-]{1,127}\.vault\.azure\.net$/.test(host) ? "keyvault" : undefined;
}

/** Host names of the tenant for a certificate; vaults share a wildcard. */
export const AZURE_NAMES: readonly string[] = [
  ...SIGN_IN,
  "management.azure.com",
  "api.loganalytics.io",
  "graph.microsoft.com",
  "*.vault.azure.net",
];

/** Whether a host (lower case, without port) is one of Azure's that this tenant stands in for. */
export function isAzureHost(host: string): boolean {
  return azureService(host) !== undefined;
}

/** How each service words a body that is not JSON. */
export function notJson(service: ServiceName): AzureError {
  switch (service) {
    case "keyvault":
      return new AzureError(400, "BadParameter", "The request body could not be parsed as JSON.");
    case "loganalytics":
      return new AzureError(400, "BadArgumentError", "The request had some invalid properties", {
        innererror: { code: "SyntaxError", message: "The request body is not valid JSON." },
      });
    default:
      return new AzureError(
        400,
        "InvalidRequestContent",
        "The request content was invalid and could not be deserialized: it is not valid JSON.",
      );
  }
}
