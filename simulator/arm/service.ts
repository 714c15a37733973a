import type { Call } from "../context";
import { routeDefender } from "../defender/routes";
import { AzureError, Router, type SimResponse } from "../http";
import { routeMonitor } from "../monitor/routes";
import { routePolicy } from "../policy/routes";
import { policyBefore, policyTick } from "../policy/tick";
import { repeatedParameter } from "../query-repeats";
import { routeResourceGraph } from "../resourcegraph/service";
import { sentinelLimits } from "../sentinel/rate-headers";
import { routeSentinel } from "../sentinel/routes";
import { routeAccessPolicies } from "./access-policies";
import { checkApiVersion, resourceTypeOf } from "./api-versions";
import { correlationId } from "./correlation";
import { routeDeletedVaults } from "./deleted-vaults";
import { routeDiagnosticSettings } from "./diagnostic-settings";
import { badRequest } from "./errors";
import { routeGroupWrites } from "./group-writes";
import { routeLocations } from "./locations";
import { routeOperationResults } from "./operations";
import { routeProviders } from "./provider-list";
import { routeResources } from "./resources";
import { routeRoleAssignments } from "./role-assignments";
import { routeRoleDefinitionWrites } from "./role-definition-writes";
import { routeRoleDefinitions } from "./role-definitions";
import { routeRoleScheduleInstances } from "./role-schedule-instances";
import { routeRoleScheduleRequests } from "./role-schedule-requests";
import { requireSubscription } from "./scope";
import { routeSubscriptions } from "./subscriptions";
import { routeTags } from "./tags";
import { takeToken } from "./throttle";
import { routeVaultEndpoints } from "./vault-endpoints";
import { routeVaultKeys } from "./vault-keys";
import { routeVaultNames } from "./vault-names";
import { routeVaultObjects } from "./vault-objects";
import { routeVaultOperations } from "./vault-operations";
import { routeVaultPut } from "./vault-put";
import { routeVaults } from "./vaults";
import { routeWorkspaceWrites } from "./workspace-writes";
import { routeWorkspaces } from "./workspaces";

/** Every operation of the control plane. */
export const armRouter = new Router<Call>();
for (const route of [
  routeSubscriptions,
  routeLocations,
  routeProviders,
  routeResources,
  routeGroupWrites,
  routeOperationResults,
  routeVaults,
  routeVaultPut,
  routeDeletedVaults,
  routeVaultNames,
  routeVaultEndpoints,
  routeVaultOperations,
  routeAccessPolicies,
  routeVaultObjects,
  routeVaultKeys,
  routeRoleAssignments,
  routeRoleScheduleRequests,
  routeRoleScheduleInstances,
  routeRoleDefinitions,
  routeRoleDefinitionWrites,
  routeDiagnosticSettings,
  routeTags,
  routeWorkspaces,
  routeWorkspaceWrites,
  routeSentinel,
  routePolicy,
  routeDefender,
  routeMonitor,
  routeResourceGraph,
]) {
  route(armRouter);
}

/**
 * Answers one authenticated call to management.azure.com: rate limit, API version, subscription, then the operation,
 * which asks for the right before it looks at what exists. Every answer carries ARM's headers; errors have ARM's form.
 */
export async function handleArm(call: Call): Promise<SimResponse> {
  let limits: Record<string, string> = {};
  try {
    // Resource Graph counts by itself: its answers carry its own quota.
    if (!isResourceGraph(call)) limits = sentinelLimits(call.request, takeToken(call));
    checkApiVersion(call);
    checkRepeats(call);
    policyBefore(call);
    const response = await dispatch(call);
    // What the call changed is known to policy from now on.
    policyTick(call);
    return { ...response, headers: { ...commonHeaders(call), ...limits, ...response.headers } };
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    const response = error.toResponse();
    return { ...response, headers: { ...commonHeaders(call), ...limits, ...response.headers } };
  }
}

async function dispatch(call: Call): Promise<SimResponse> {
  const { method, path } = call.request;
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(path)?.[1];
  if (subscription !== undefined) requireSubscription(call, subscription);
  const match = armRouter.match(method, path);
  if (match === "method") {
    throw new AzureError(405, "MethodNotAllowed", `The requested resource does not support http method '${method}'.`);
  }
  if (match === "path") {
    const { namespace, type } = resourceTypeOf(path);
    throw badRequest(
      `The request path '${path}' does not address a resource of type '${namespace}/${type}'.`,
      "InvalidRequestUri",
    );
  }
  return match.handler(call, match.params);
}

/** In the words of OData, which ARM's lists and many of its providers answer with; for other parameters they are a guess. */
function checkRepeats(call: Call): void {
  const name = repeatedParameter(call.request.query);
  if (name === undefined) return;
  throw badRequest(`Query option '${name}' was specified more than once, but it must be specified at most once.`);
}

function isResourceGraph(call: Call): boolean {
  return call.request.path.toLowerCase().startsWith("/providers/microsoft.resourcegraph/");
}

function commonHeaders(call: Call): Record<string, string> {
  const id = correlationId(call);
  const time = new Date(call.now()).toISOString().replace(/[-:]|\.\d+/g, "");
  return {
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    "x-ms-request-id": id,
    "x-ms-correlation-request-id": id,
    "x-ms-routing-request-id": `WESTEUROPE:${time}:${id}`,
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
  };
}
