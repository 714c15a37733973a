import "server-only";
import { createHttpHeaders, createPipelineRequest, type HttpClient } from "@azure/core-rest-pipeline";
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";

/** MSAL over the one wire: the same allow-list, the same way to the simulated tenant, the same counters. */
export function networkFor(httpClient: HttpClient): INetworkModule {
  async function send<T>(method: "GET" | "POST", url: string, options: NetworkRequestOptions = {}, timeout = 0) {
    const response = await httpClient.sendRequest(
      createPipelineRequest({
        url,
        method,
        timeout,
        headers: createHttpHeaders(options.headers ?? {}),
        ...(options.body !== undefined && { body: options.body }),
      }),
    );
    // MSAL names the type that it expects and checks the fields that it uses.
    const body: T = JSON.parse(response.bodyAsText ?? "null");
    const answer: NetworkResponse<T> = { status: response.status, headers: response.headers.toJSON(), body };
    return answer;
  }
  return {
    sendGetRequestAsync: (url, options, timeout) => send("GET", url, options, timeout),
    sendPostRequestAsync: (url, options) => send("POST", url, options),
  };
}
