import type { TokenCredential } from "@azure/core-auth";
import { createHttpHeaders, type HttpClient, type PipelineRequest } from "@azure/core-rest-pipeline";
import { handleArm } from "../../arm/service";
import { callerOf } from "../../arm/test-context";
import type { Context } from "../../context";
import type { Principal } from "../../model";

/** A client's options that lead its requests to the tenant in this process, as one of its principals. */
export function sdkOptions(context: Context, as: Principal) {
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      const response = await handleArm({ ...context, caller: callerOf(as), request: simRequest(request) });
      const text = response.body === undefined ? "" : JSON.stringify(response.body);
      return {
        request,
        status: response.status,
        headers: createHttpHeaders({ "content-type": "application/json", ...response.headers }),
        bodyAsText: text,
      };
    },
  };
  return { httpClient, retryOptions: { maxRetries: 0 } };
}

/** A token that nobody reads: the caller is given by `sdkOptions`. */
export const CREDENTIAL: TokenCredential = {
  getToken: async () => ({ token: "token", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
};

function simRequest(request: PipelineRequest) {
  const url = new URL(request.url);
  const text = typeof request.body === "string" ? request.body : "";
  return {
    method: request.method,
    host: url.hostname,
    path: decodeURIComponent(url.pathname).replace(/\/+/g, "/"),
    query: url.searchParams,
    headers: { "user-agent": "sdk" },
    text,
    json: (): unknown => JSON.parse(text),
    callerAddress: "203.0.113.9",
  };
}
