import type { Call, Context } from "../context";
import { readCaller } from "../entra/token";
import { AzureError, Router, type SimRequest, type SimResponse } from "../http";
import { repeatedParameter } from "../query-repeats";
import { routeAlerts } from "./alerts";
import { routeDirectory } from "./directory";
import { badRequest, graphError, requestId } from "./errors";
import { routeIncidents } from "./incidents";

const router = new Router<Call>();
routeIncidents(router);
routeAlerts(router);
routeDirectory(router);

/**
 * Answers one request to graph.microsoft.com: the part of the security API that incidents of the Defender portal go
 * through, and the applications of the directory. Errors have Graph's form.
 */
export async function handleGraph(request: SimRequest, context: Context): Promise<SimResponse> {
  const headers = { "request-id": requestId(request), "client-request-id": requestId(request), "odata-version": "4.0" };
  try {
    const caller = await readCaller(request, context, "graph");
    const response = await dispatch({ ...context, request, caller });
    return { ...response, headers: { ...headers, ...response.headers } };
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    const response = graphError(context, request, error);
    return { ...response, headers: { ...headers, ...response.headers } };
  }
}

async function dispatch(call: Call): Promise<SimResponse> {
  const { method, path } = call.request;
  const [version = "", ...segments] = path.split("/").filter(Boolean);
  if (version !== "v1.0") throw badRequest(`Invalid version: ${version.slice(0, 100)}`);
  const repeated = repeatedParameter(call.request.query);
  if (repeated !== undefined) {
    throw badRequest(`Query option '${repeated}' was specified more than once, but it must be specified at most once.`);
  }
  const match = router.match(method, path);
  if (match === "method") {
    throw new AzureError(405, "MethodNotAllowed", "Specified HTTP method is not allowed for the request target.");
  }
  if (match === "path") {
    const known = segments[0]?.toLowerCase() === "security" ? (segments[1] ?? segments[0]) : segments[0];
    throw badRequest(`Resource not found for the segment '${(known ?? "").slice(0, 100)}'.`);
  }
  return match.handler(call, match.params);
}
