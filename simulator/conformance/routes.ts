import { armRouter } from "../arm/service";
import { Router, type SimRequest } from "../http";
import { OPERATIONS } from "../keyvault/operations";
import { logsRouter } from "../loganalytics/service";
import type { ServiceName } from "../routing";
import type { Exchange } from "./exchange";
import type { Finding } from "./finding";
import type { SpecFile } from "./spec-files";

/** What is not driven here at all, and why. */
export const EXCLUDED: Readonly<Record<Exclude<ServiceName, "arm" | "keyvault" | "loganalytics">, string>> = {
  entra: "Sign-in, tokens and OpenID metadata have no API description; MSAL and jose prove them in their own tests.",
  identity: "The token address of managed identities has no API description.",
  graph: "Microsoft Graph has no API description of the kind that oav reads; its own tests pin it.",
  control: "The control routes are the simulator's own and exist in no Azure.",
};

const vaultRouter = new Router<{ request: SimRequest }>();
for (const { method, pattern } of OPERATIONS) vaultRouter.on(method, pattern, () => ({ status: 200 }));

/** Every route that the tenant's described services register, as `vault: GET /secrets/{name}`. */
export function allRoutes(): string[] {
  return [
    ...armRouter.list(),
    ...vaultRouter.list().map((route) => `vault: ${route}`),
    ...logsRouter.list().map((route) => `logs: ${route}`),
  ];
}

/** The route that answered; undefined where there is none. */
export function routeOf({ method, url }: Pick<Exchange, "method" | "url">): string | undefined {
  const { hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname).replace(/\/{2,}/g, "/");
  if (hostname.endsWith(".vault.azure.net")) return named("vault: ", vaultRouter.match(method, path));
  if (hostname === "api.loganalytics.io") return named("logs: ", logsRouter.match(method, path));
  return named("", armRouter.match(method, path));
}

function named(prefix: string, match: { route: string } | string): string | undefined {
  return typeof match === "string" ? undefined : `${prefix}${match.route}`;
}

/** Of the description files those with an operation that some route answers: loading the others would only take time. */
export function neededFiles(files: readonly SpecFile[]): string[] {
  return files.filter((one) => isNeeded(one)).map(({ file }) => file);
}

function isNeeded({ file, operations }: SpecFile): boolean {
  const dataPlane = /\/data-plane\/([^/]+)\//.exec(file)?.[1];
  // Templates of the query API leave out the `/v1` before them.
  const base = dataPlane === "Microsoft.OperationalInsights" ? "/v1" : "";
  const router = { "Microsoft.KeyVault": vaultRouter, "Microsoft.OperationalInsights": logsRouter }[dataPlane ?? ""];
  return operations.some((operation) => {
    const [method = "", template = ""] = operation.split(" ");
    const path =
      base + template.replace(/\{[^}]*scope\}|\{resourceUri\}|\{resourceId\}/gi, "scope").replace(/\{[^}]*\}/g, "x");
    return typeof (router ?? armRouter).match(method, path) !== "string";
  });
}

/** Routes that no request reached, or that only ever refused. */
export function undriven(exchanges: readonly Exchange[]): Finding[] {
  const answered = new Set(exchanges.filter(({ status }) => status < 400).map(routeOf));
  const refused = new Set(exchanges.map(routeOf));
  return allRoutes()
    .filter((route) => !answered.has(route))
    .map((route) => ({
      code: "UNDRIVEN",
      operation: route,
      path: "",
      message: refused.has(route) ? "This route only ever refused." : "No step of the program reaches this route.",
      where: "all runs",
    }));
}
