import type { TokenCredential } from "@azure/core-auth";
import { createDefaultHttpClient, type HttpClient, type PipelinePolicy } from "@azure/core-rest-pipeline";
import type { Exchange } from "./exchange";

/** A client's way to the tenant that writes down everything that passes. */
export interface Wire {
  httpClient: HttpClient;
  exchanges: Exchange[];
  /** The step that exchanges belong to from now on. */
  step: string;
}

/** Sends requests for Azure's hosts to the tenant at `tenantUrl`. */
export function recordingWire(tenantUrl: string): Wire {
  const inner = createDefaultHttpClient();
  const wire: Wire = {
    step: "",
    exchanges: [],
    httpClient: {
      sendRequest: async (request) => {
        const { url, step } = { url: request.url, step: wire.step };
        const { host, pathname, search } = new URL(url);
        const requestBody = parsed(typeof request.body === "string" ? request.body : undefined);
        request.headers.set("x-forwarded-host", host);
        request.url = `${tenantUrl}${pathname}${search}`;
        request.allowInsecureConnection = true;
        try {
          const response = await inner.sendRequest(request);
          request.headers.delete("x-forwarded-host");
          wire.exchanges.push({
            step,
            method: request.method,
            url,
            requestHeaders: { ...request.headers.toJSON() },
            requestBody,
            status: response.status,
            responseHeaders: { ...response.headers.toJSON() },
            responseBody: parsed(response.bodyAsText ?? undefined),
          });
          return response;
        } finally {
          request.url = url;
        }
      },
    },
  };
  return wire;
}

function parsed(text: string | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the validator then sees a text where it wants an object, and says so.
    return text;
  }
}

/** Rewrites the version of every request: some clients have one version per operation and no option for another. */
export function pinVersion(versionFor: (method: string, url: string) => string | undefined): PipelinePolicy {
  return {
    name: "pinVersion",
    sendRequest: (request, next) => {
      const url = new URL(request.url);
      const version = versionFor(request.method, request.url);
      if (version !== undefined && url.searchParams.has("api-version")) {
        url.searchParams.set("api-version", version);
        request.url = url.toString();
      }
      return next(request);
    },
  };
}

/** A credential that asks nobody: the program makes the tokens itself, one for each audience. */
export function credentialOf(tokenFor: (audience: string) => Promise<string>): TokenCredential {
  const tokens = new Map<string, Promise<string>>();
  return {
    getToken: async (scopes) => {
      const audience = [scopes].flat()[0]?.replace(/\/\.default$/, "") ?? "";
      const token = tokens.get(audience) ?? tokenFor(audience);
      tokens.set(audience, token);
      return { token: await token, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
}
