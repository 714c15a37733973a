import type { SimRequest } from "../http";
import type { ObjectKind } from "../model";
import { joinedParameter, repeatedParameter } from "../query-repeats";
import { badParameter } from "./vault-errors";

/**
 * Versions that the data plane answers to. Those of its documentation from 2016-10-01 to 7.6, and the dated ones that
 * the clients have sent since (keyvault-keys 4.10.2: 2025-07-01, keyvault-secrets 4.12.0: 2026-04-01).
 */
const API_VERSIONS = new Set([
  "2015-06-01",
  "2016-10-01",
  "7.0",
  "7.1",
  "7.2",
  "7.3",
  "7.4",
  "7.5",
  "7.6",
  "2025-06-01-preview",
  "2025-07-01",
  "2026-01-01-preview",
  "2026-04-01",
]);

const NAME = /^[0-9a-zA-Z-]{1,127}$/;
const VERSION = /^[0-9a-fA-F]{32}$/;
/** Items a page, and the greatest `maxresults` (specification: maximum 25). */
const PAGE_SIZE_MAX = 25;

/** The api-version of the request. @throws AzureError 400 when it is missing or unknown, or any parameter is given twice. */
export function readApiVersion(request: SimRequest): string {
  const version = joinedParameter(request.query, "api-version");
  if (!version) throw badParameter("api-version must be specified");
  if (!API_VERSIONS.has(version))
    throw badParameter(
      `The specified version (${version}) is not recognized. Consider using the latest supported version (7.6).`,
    );
  const repeated = repeatedParameter(request.query);
  // How the service words this is not published.
  if (repeated !== undefined) throw badParameter(`The query parameter ${repeated} was specified more than once.`);
  return version;
}

/** Object names: letters, digits and hyphens, 1 to 127. @throws AzureError 400. */
export function checkName(kind: ObjectKind | "certificate", name: string): void {
  if (NAME.test(name)) return;
  throw badParameter(
    `The request URI contains an invalid name: ${name}. ${kind}-name: 1 to 127 characters of 0-9, a-z, A-Z and -.`,
  );
}

/** Version ids are 32 hex digits. @throws AzureError 400. */
export function checkVersion(version: string): void {
  if (!VERSION.test(version))
    throw badParameter(`The request URI contains an invalid version: ${version}. Expected 32 hex digits.`);
}

/** Page size of a list request, 25 when not given. @throws AzureError 400 outside 1 to 25. */
export function readPageSize(request: SimRequest): number {
  const text = request.query.get("maxresults");
  if (text === null) return PAGE_SIZE_MAX;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > PAGE_SIZE_MAX)
    throw badParameter(`The maxresults parameter must be between 1 and ${PAGE_SIZE_MAX}.`);
  return size;
}
