import path from "node:path";
import { LiveValidator, parseValidationRequest } from "oav";
import { type Exchange, isChallenge } from "./exchange";

/** An operation as Microsoft's description names it. */
export interface SpecOperation {
  /** `Vaults_Get`. */
  id: string;
  version: string;
  method: string;
  /** `/subscriptions/{subscriptionId}/...`. */
  template: string;
  /** Where the copy of the description lies. */
  file: string;
}

export interface Fault {
  side: "request" | "response";
  /** The validator's code: `OBJECT_ADDITIONAL_PROPERTIES`. */
  code: string;
  /** Into the body, list places as `{}`: `/value/{}/properties/etag`. */
  path: string;
  message: string;
}

export interface Verdict {
  /** Absent where no description covers the request. */
  operation?: SpecOperation;
  faults: Fault[];
}

export interface Oracle {
  /** Versions in which the descriptions know this operation, oldest first. */
  versionsOf(method: string, url: string): string[];
  check(exchange: Exchange): Promise<Verdict>;
}

/** Log Analytics takes its version from the path; the description wants it as a parameter. */
const LOGS_VERSION = "2022-10-27";

/** Key Vault's description repeats ARM's own list of resources, at a version of ARM's. */
const BORROWED = "Vaults_List";

/** Microsoft's `oav` over these description files (relative to `folder`). */
export async function openOracle(folder: string, files: readonly string[]): Promise<Oracle> {
  const problems: string[] = [];
  const validator = new LiveValidator(
    {
      git: { shouldClone: false },
      directory: folder,
      swaggerPathsPattern: [...files],
      // Its default leaves out every data plane.
      excludedSwaggerPathsPattern: [],
      loadValidatorInInitialize: false,
      loadValidatorInBackground: false,
    },
    (message, level) => {
      if (level === "error") problems.push(message);
    },
  );
  await validator.initialize();
  if (problems.length > 0) throw new Error(`The API descriptions could not be loaded: ${problems[0]}`);
  return {
    versionsOf: (method, url) => versionsOf(validator, method, url),
    check: (exchange) => check(validator, exchange),
  };
}

/** A provider itself is a parameter of ARM's own description, which the validator files under no provider. */
const PROVIDER_ITSELF = /^(?:\/subscriptions\/[^/]+)?\/providers\/[^/]+(?:\/register)?$/i;

function requestOf(method: string, url: string): SearchRequest {
  const request = parseValidationRequest(url, method, "", "");
  return PROVIDER_ITSELF.test(new URL(url).pathname) ? { ...request, providerNamespace: "microsoft.unknown" } : request;
}

function versionsOf(validator: LiveValidator, method: string, address: string): string[] {
  const url = specUrl(method, address);
  const request = requestOf(method, url);
  const known = validator.operationSearcher.cache.get(request.providerNamespace);
  const found = [...(known?.keys() ?? [])].flatMap((version) => {
    const match = find(validator, url, { ...request, apiVersion: version });
    return match ? [{ version, literals: literalsOf(match) }] : [];
  });
  // Another file may know the same place only as "any resource".
  const most = Math.max(...found.map(({ literals }) => literals));
  return found.flatMap(({ version, literals }) => (literals === most ? [version] : [])).sort();
}

type Searcher = LiveValidator["operationSearcher"];
type SearchRequest = Parameters<Searcher["getPotentialOperations"]>[0];
type Match = ReturnType<Searcher["getPotentialOperations"]>["matches"][number];

/** `/versions` and `/rotationpolicy` also fit `/{version}`: the template with the fewest parameters is meant. */
function find(validator: LiveValidator, url: string, request: SearchRequest): Match | undefined {
  const { matches } = validator.operationSearcher.getPotentialOperations(request);
  const folder = dataPlaneOf(url);
  return (
    matches
      .filter(({ operation }) => folder === dataPlaneIn(operation._path._spec._filePath))
      // A template such as `/{resourceId}` fits everything and says nothing.
      .filter((match) => literalsOf(match) > 0 && match.operation.operationId !== BORROWED)
      .sort((a, b) => literalsOf(b) - literalsOf(a))[0]
  );
}

function literalsOf({ operation }: Match): number {
  return operation._path._pathTemplate.split("/").filter((part) => part !== "" && !part.startsWith("{")).length;
}

/** The data plane that a host belongs to, as the folders of the descriptions name it; undefined for ARM. */
function dataPlaneOf(url: string): string | undefined {
  const { hostname } = new URL(url);
  if (hostname.endsWith(".vault.azure.net")) return "Microsoft.KeyVault";
  return hostname === "api.loganalytics.io" ? "Microsoft.OperationalInsights" : undefined;
}

function dataPlaneIn(file: string): string | undefined {
  return /\/data-plane\/([^/]+)\//.exec(file)?.[1];
}

async function check(validator: LiveValidator, exchange: Exchange): Promise<Verdict> {
  if (isChallenge(exchange)) return { faults: [] };
  const url = specUrl(exchange.method, exchange.url);
  const request = requestOf(exchange.method, url);
  const match = find(validator, url, request);
  if (!match) return { faults: [] };
  const { operation } = match;
  const info = () => ({
    apiVersion: request.apiVersion,
    operationId: operation.operationId ?? "",
    operationMatch: match,
    validationRequest: { ...request },
  });
  // The validator changes what it is given, and a second look at the same object would pass: so it gets copies.
  const { requestHeaders, requestBody, responseHeaders, responseBody, status, method } = exchange;
  // Long operations of ARM must then tell where they are asked for.
  validator.options.isArmCall = dataPlaneOf(url) === undefined;
  const sent = copy({ url, method, headers: requestHeaders, body: requestBody });
  const answered = copy({ statusCode: String(status), headers: responseHeaders, body: responseBody });
  const results = {
    request: await validator.validateLiveRequest(sent, {}, info()),
    response: await validator.validateLiveResponse(answered, { url, method }, {}, info()),
  };
  return {
    operation: {
      id: operation.operationId ?? "",
      version: request.apiVersion,
      method: operation._method,
      template: operation._path._pathTemplate,
      file: path.resolve(validator.options.directory, operation._path._spec._filePath),
    },
    faults: (["request", "response"] as const).flatMap((side) => faultsOf(side, results[side])),
  };
}

type Result = Awaited<ReturnType<LiveValidator["validateLiveRequest"]>>;

function faultsOf(side: Fault["side"], { errors, runtimeException }: Result): Fault[] {
  const faults = errors.flatMap(({ code, message, pathsInPayload }) =>
    (pathsInPayload.length > 0 ? pathsInPayload : [""]).map((at) => ({ side, code, message, path: general(at) })),
  );
  if (runtimeException)
    faults.push({ side, code: "OBJECT_ADDITIONAL_PROPERTIES", message: runtimeException.message, path: "" });
  return faults;
}

/** Places in lists do not matter: `/value/3/id` becomes `/value/{}/id`. */
function general(at: string): string {
  return at.replace(/\/\d+(?=\/|$)/g, "/{}");
}

function copy<T>(value: T) {
  return JSON.parse(JSON.stringify(value));
}

/** Clients write a resource without a parent as `Microsoft.KeyVault//vaults`, where the template wants a parent. */
const NO_PARENT = /(\/providers\/[^/]+)\/\//i;
/** The tenant as a scope is written as nothing, which no template with `{scope}` fits. */
const TENANT_SCOPE = /^\/providers\/Microsoft\.Authorization\/(?=roleAssignments|roleDefinitions)/i;

/** A resource that logs are asked about is one parameter of the template, and its id has slashes. */
const LOGS_OF_RESOURCE = /^\/v1\/subscriptions\/.+(?=\/query$)/i;

/** The address as the descriptions write it: single slashes, a version where a secret's or key's newest one is meant. */
export function specUrl(method: string, address: string): string {
  const url = new URL(address);
  url.pathname = url.pathname.replace(NO_PARENT, "$1/none/").replace(/\/{2,}/g, "/");
  url.pathname = url.pathname.replace(TENANT_SCOPE, "/tenant$&");
  if (url.hostname === "api.loganalytics.io") url.pathname = url.pathname.replace(LOGS_OF_RESOURCE, "/v1/resource");
  if (url.hostname === "api.loganalytics.io" && !url.searchParams.has("api-version"))
    url.searchParams.set("api-version", LOGS_VERSION);
  if (url.hostname.endsWith(".vault.azure.net")) url.pathname = newestVersion(method, url.pathname);
  return url.toString();
}

/** `GET /keys/{n}/` and `PATCH /keys/{n}/` mean the newest version, `POST /keys/{n}//sign` too. */
function newestVersion(method: string, pathname: string): string {
  const one = /^\/(?:secrets|keys|certificates)\/[^/]+\/?$/;
  if (["GET", "PATCH"].includes(method) && one.test(pathname)) return `${pathname.replace(/\/$/, "")}/newest`;
  return pathname.replace(/^(\/keys\/[^/]+)\/(sign|verify|encrypt|decrypt|wrapkey|unwrapkey)$/i, "$1/newest/$2");
}
