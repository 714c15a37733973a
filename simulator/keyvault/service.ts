import { mayData } from "../access";
import type { Caller, Context } from "../context";
import { derivedGuid } from "../derived-id";
import { readCaller } from "../entra/token";
import { AzureError, Router, type SimRequest, type SimResponse } from "../http";
import { auditRow } from "../loganalytics/audit-row";
import type { AuditEvent } from "../loganalytics/row-shape";
import type { Vault } from "../model";
import { Random } from "../world/random";
import { accessDenied } from "./authorize";
import { checkNetwork } from "./network";
import { OPERATIONS, type Operation } from "./operations";
import { checkName, readApiVersion } from "./request-rules";
import { takeFromBudget } from "./throttle";
import type { Answer, VaultCall } from "./vault-call";
import { badParameter, vaultNotFound } from "./vault-errors";

const HOST_SUFFIX = ".vault.azure.net";
/** Four numbers, as the service tells its version; clients only print it. */
const SERVICE_VERSION = "1.9.0.0";

interface Exchange {
  request: SimRequest;
  context: Context;
  vault: Vault;
  /** GUID: `x-ms-request-id` of the answer and `CorrelationId` of the audit row. */
  requestId: string;
}

/**
 * One request to a vault's data plane. Every request that reaches a vault leaves its audit row, whatever the answer.
 *
 * A vault that does not exist has no address in the real DNS, so a real client gets no answer at all. Over the loopback
 * there is always one: 404 `VaultNotFound`, without an audit row since there is no vault to write it for.
 */
export async function handleKeyVault(request: SimRequest, context: Context): Promise<SimResponse> {
  const vault = vaultOf(request, context);
  const requestId = derivedGuid(context, `${request.method} ${requestUri(request)} ${request.callerAddress}`);
  if (!vault) return withHeaders(vaultNotFound(request.host).toResponse(), request, requestId);
  const exchange: Exchange = { request, context, vault, requestId };
  const caller = await authenticate(exchange);
  if (caller instanceof AzureError) return withHeaders(caller.toResponse(), request, requestId, vault);
  return withHeaders(respond(exchange, caller), request, requestId, vault);
}

function vaultOf(request: SimRequest, context: Context): Vault | undefined {
  if (!request.host.endsWith(HOST_SUFFIX)) return undefined;
  const name = request.host.slice(0, -HOST_SUFFIX.length);
  const vault = vaultsByName(context).get(name.toLowerCase());
  // One that is still being made has no address yet.
  return vault && (vault.readyAt ?? 0) > context.now() ? undefined : vault;
}

const vaultIndexes = new WeakMap<object, { version: number; byName: Map<string, Vault> }>();

function vaultsByName(context: Context): Map<string, Vault> {
  const { vaults } = context.model;
  let index = vaultIndexes.get(vaults);
  if (index?.version !== vaults.version) {
    const byName = new Map([...vaults.values()].map((vault) => [vault.name.toLowerCase(), vault]));
    index = { version: vaults.version, byName };
    vaultIndexes.set(vaults, index);
  }
  return index.byName;
}

/** The caller, or the 401 that sends the client to the sign-in service; that one is logged as `Authentication`. */
async function authenticate(exchange: Exchange): Promise<Caller | AzureError> {
  const { request, context } = exchange;
  try {
    return await readCaller(request, context, "vault");
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    writeRow(exchange, { operation: "Authentication", status: 401, refusal: error.message });
    return error;
  }
}

/** What the router needs, and what the exchange is about. */
interface RoutedCall {
  request: SimRequest;
  exchange: Exchange;
  caller: Caller;
}

const router = new Router<RoutedCall>();
for (const operation of OPERATIONS)
  router.on(operation.method, operation.pattern, (call, params) => carryOut(call, operation, params));

function respond(exchange: Exchange, caller: Caller): SimResponse {
  const { request } = exchange;
  const match = router.match(request.method, request.path);
  if (match === "method") return new AzureError(405, "MethodNotAllowed", "The method is not allowed.").toResponse();
  if (match === "path") return badParameter("The request URI is not supported.").toResponse();
  const response = match.handler({ exchange, caller, request }, match.params);
  if (response instanceof Promise) throw new Error("Key Vault handlers answer at once.");
  return response;
}

/** Checks in the order of the service, then does the work; whichever way it ends is written to the audit log. */
function carryOut({ exchange, caller }: RoutedCall, operation: Operation, params: Record<string, string>): SimResponse {
  const row: RowFacts = { operation: operation.name, status: 200, caller };
  try {
    const answer = decideAndRun(exchange, caller, operation, params, row);
    row.status = answer.status ?? 200;
    Object.assign(row, pick(answer));
    return { status: row.status, ...(answer.body !== undefined && { body: answer.body }) };
  } catch (error) {
    row.status = error instanceof AzureError ? error.status : 500;
    if (!(error instanceof AzureError)) throw error;
    row.refusal = error.message;
    return error.toResponse();
  } finally {
    writeRow(exchange, row);
  }
}

function decideAndRun(
  exchange: Exchange,
  caller: Caller,
  operation: Operation,
  params: Record<string, string>,
  row: RowFacts,
): Answer {
  const { request, context, vault } = exchange;
  const { name, version } = params;
  const apiVersion = readApiVersion(request);
  takeFromBudget(context, vault, operation, name);
  row.addressAuthorized = false;
  checkNetwork(context, vault, caller, request.callerAddress);
  row.addressAuthorized = true;
  if (name !== undefined) checkName(KINDS[operation.collection], name);
  row.decision = decide(exchange, caller, operation, name);
  if (!row.decision.allowed) {
    const wanted = { ...operation, ...(name !== undefined && { objectName: name }) };
    throw accessDenied(context, caller, vault, wanted, row.decision.byPolicy);
  }
  const call: VaultCall = { ...context, request, caller, vault, apiVersion, origin: `https://${request.host}` };
  return operation.run(call, name ?? "", version);
}

/** Access policies tell `get` from `list` where one data action covers both; the operation knows which one it is. */
function decide({ context, vault }: Exchange, caller: Caller, operation: Operation, name: string | undefined) {
  if (vault.enableRbacAuthorization === true) return mayData(context, caller, operation.dataAction, vault, name);
  const askedName = operation.permission.endsWith(" list") ? undefined : name;
  return mayData(context, caller, operation.policyDataAction ?? operation.dataAction, vault, askedName);
}

const KINDS = { secrets: "secret", keys: "key", certificates: "certificate" } as const;

type RowFacts = Pick<AuditEvent, "operation" | "status"> &
  Partial<Pick<AuditEvent, "caller" | "decision" | "addressAuthorized" | "refusal" | "objectUri" | "key" | "secret">>;

function pick({ objectUri, key, secret }: Answer): Partial<RowFacts> {
  return { ...(objectUri !== undefined && { objectUri }), ...(key && { key }), ...(secret && { secret }) };
}

function writeRow({ request, context, vault, requestId }: Exchange, facts: RowFacts): void {
  const apiVersion = request.query.get("api-version");
  auditRow(context, {
    ...facts,
    vault,
    requestUri: requestUri(request),
    callerAddress: request.callerAddress,
    userAgent: request.headers["user-agent"] ?? "",
    correlationId: requestId,
    durationMs: new Random(requestId).int(8, 67),
    ...(apiVersion !== null && { apiVersion }),
  });
}

/** The URL as the client sent it. Parameter names come back decoded, which is how the service logs them. */
function requestUri(request: SimRequest): string {
  const path = request.path.split("/").map(encodeURIComponent).join("/");
  const query = request.query.toString();
  return `https://${request.host}${path}${query ? `?${query}` : ""}`;
}

function withHeaders(response: SimResponse, request: SimRequest, requestId: string, vault?: Vault): SimResponse {
  const family = request.callerAddress.includes(":") ? "Ipv6" : "Ipv4";
  const sockets = family === "Ipv6" ? "InterNetworkV6" : "InterNetwork";
  return {
    ...response,
    headers: {
      "cache-control": "no-cache",
      pragma: "no-cache",
      "x-ms-request-id": requestId,
      "x-ms-keyvault-service-version": SERVICE_VERSION,
      "x-ms-keyvault-network-info": `conn_type=${family};addr=${request.callerAddress};act_addr_fam=${sockets};`,
      ...(vault && { "x-ms-keyvault-region": vault.location }),
      ...response.headers,
    },
  };
}
