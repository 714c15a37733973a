import { AzureError, type SimRequest } from "../http";

/**
 * Refuses a write that a page of another site sent. Such a page cannot read what is answered here, but a browser would
 * carry its form or its request to this machine all the same. Programs send neither header and pass.
 * @throws AzureError 403.
 */
export function refuseForeignPages({ method, headers }: Pick<SimRequest, "method" | "headers">): void {
  if (method === "GET" || method === "HEAD") return;
  const { origin, host, "sec-fetch-site": site } = headers;
  const foreignOrigin = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
  const foreignSite = site !== undefined && site !== "same-origin" && site !== "none";
  if (foreignOrigin || foreignSite)
    throw new AzureError(403, "ForeignOrigin", "Pages of another origin may not change the simulated tenant.");
}
