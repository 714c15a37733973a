import "server-only";
import {
  createDefaultHttpClient,
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import type { CloudProfile, Config } from "@/lib/config";
import { AppError } from "@/lib/errors";
import { mustGoOn } from "@/lib/slots";
import { azureTemplate } from "@/lib/telemetry/azure-template.pure";
import { traced } from "@/lib/telemetry/spans";
import { type AzureService, countCall } from "./counter";
import { KnownChallenge } from "./known-challenge";

/**
 * The one wire to Azure: every SDK client of this product, and MSAL on the server, is built with it.
 *
 * Both generations of SDK clients follow a `nextLink` to any https host and send the bearer token there, so a host
 * outside the configured cloud is refused here, before anything is sent. In the simulated tenant the same URLs go to
 * the loopback simulator instead, with the host they were meant for in `x-forwarded-host`.
 */
export function httpClientFor(config: Config, inner: HttpClient = createDefaultHttpClient()): HttpClient {
  const challenge = new KnownChallenge(config.tenantId);
  return {
    async sendRequest(request) {
      const url = new URL(request.url);
      const service = serviceOf(url, config.cloud);
      if (!service) {
        throw new AppError(
          "unavailable",
          `A call to ${url.host} was stopped: it is not part of ${config.cloud.name}.`,
          {
            fix: "Report this: Azure's answer pointed to a host outside the configured cloud.",
          },
        );
      }
      mustGoOn();
      const { simulatorUrl } = config;
      const send = () => {
        countCall(service);
        return tracedCall(service, request.method, url, () =>
          inTime(request, config.timing.requestTimeout, () =>
            simulatorUrl ? toLoopback(request, url, simulatorUrl, inner) : inner.sendRequest(request),
          ),
        );
      };
      const response = await (service === "keyVault" ? challenge.answer(request, send) : send());
      return service === "entra" ? response : withErrorBody(response);
    },
  };
}

/** As a span without what the address names: a host, and the template of its path. */
function tracedCall(
  service: AzureService,
  method: string,
  url: URL,
  send: () => Promise<PipelineResponse>,
): Promise<PipelineResponse> {
  const template = azureTemplate(service, url.pathname);
  const attributes = {
    "azure.service": service,
    "http.request.method": method,
    "server.address": url.hostname,
    "url.template": template,
  };
  return traced({ name: `${method} ${template}`, kind: "client", attributes }, async (add) => {
    const response = await send();
    add({ "http.response.status_code": response.status });
    return response;
  });
}

/**
 * The clients wait for ever by default, and a page would wait with them. An answer that is late is the same as none:
 * what was asked may still have been done.
 */
async function inTime(
  request: PipelineRequest,
  timeoutMs: number,
  send: () => Promise<PipelineResponse>,
): Promise<PipelineResponse> {
  if (request.timeout !== 0) return send();
  request.timeout = timeoutMs;
  try {
    return await send();
  } catch (error) {
    const late = error instanceof Error && error.name === "AbortError" && !request.abortSignal?.aborted;
    throw late ? new RestError("No answer in time.", { code: "RequestTimeout" }) : error;
  } finally {
    request.timeout = 0;
  }
}

/** Which service of the cloud an address belongs to; undefined when it is none. */
function serviceOf(url: URL, cloud: CloudProfile): AzureService | undefined {
  if (url.protocol !== "https:" || url.port !== "" || url.username !== "" || url.password !== "") return undefined;
  if (url.origin === cloud.arm) {
    return /^\/+providers\/microsoft\.resourcegraph\//i.test(url.pathname) ? "resourceGraph" : "arm";
  }
  if (url.origin === cloud.logs) return "logs";
  if (url.origin === cloud.graph) return "graph";
  if (url.origin === cloud.authority) return "entra";
  const [vault, ...suffix] = url.hostname.split(".");
  return vault && suffix.join(".") === cloud.vaultSuffix ? "keyVault" : undefined;
}

/**
 * Gateways answer errors with nothing, or with a page. The newer SDK clients read `error` from the body all the same
 * and fail on it, which would hide the status; so such an answer gets a body that only repeats it.
 */
function withErrorBody(response: PipelineResponse): PipelineResponse {
  if (response.status < 400 || isJsonObject(response.bodyAsText)) return response;
  const headers = createHttpHeaders(response.headers.toJSON());
  headers.set("content-type", "application/json");
  const bodyAsText = JSON.stringify({ error: { code: `Http${response.status}`, message: "" } });
  return { ...response, headers, bodyAsText };
}

function isJsonObject(text: string | null | undefined): boolean {
  try {
    const parsed: unknown = JSON.parse(text ?? "");
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}

/** Sends to the simulator and puts everything back: the pipeline above must see the address that it asked for. */
async function toLoopback(request: PipelineRequest, url: URL, simulatorUrl: string, inner: HttpClient) {
  const asked = { url: request.url, insecure: request.allowInsecureConnection ?? false };
  request.url = `${simulatorUrl}${url.pathname}${url.search}`;
  request.allowInsecureConnection = true;
  request.headers.set("x-forwarded-host", url.host);
  try {
    return await inner.sendRequest(request);
  } finally {
    request.url = asked.url;
    request.allowInsecureConnection = asked.insecure;
    request.headers.delete("x-forwarded-host");
  }
}
