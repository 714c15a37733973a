import type { Context } from "../context";
import { EntraError } from "../entra/errors";
import { expiredToken } from "../entra/token";
import { graphError } from "../graph/errors";
import { AzureError, type SimRequest, type SimResponse } from "../http";
import { logsError } from "../loganalytics/logs-errors";
import type { ServiceName } from "../routing";
import type { Fault } from "./rules";

/**
 * Answers a request that meets a fault. Whether the service carries it out depends on the fault: an answer that is late,
 * cut or lost half-way was given, a refusal was not, and for the rest the rule says so (`done`).
 */
export async function answerWithFault(
  fault: Fault,
  service: ServiceName,
  request: SimRequest,
  context: Context,
  carryOut: () => Promise<SimResponse>,
): Promise<SimResponse> {
  const real = isDone(fault) ? await settled(carryOut) : undefined;
  return faultAnswer(fault, service, request, context) ?? real ?? { status: 500 };
}

function isDone(fault: Fault): boolean {
  switch (fault.kind) {
    case "slow":
    case "truncated":
      return true;
    case "reset":
      return fault.done || fault.at === "body";
    case "error":
    case "timeout":
      return fault.done;
    default:
      return false;
  }
}

async function settled(carryOut: () => Promise<SimResponse>): Promise<SimResponse> {
  try {
    return await carryOut();
  } catch (error) {
    if (error instanceof AzureError) return error.toResponse();
    throw error;
  }
}

/** What the faulty service answers in place of the real answer; undefined where the answer itself stays as it is. */
function faultAnswer(
  fault: Fault,
  service: ServiceName,
  request: SimRequest,
  context: Context,
): SimResponse | undefined {
  switch (fault.kind) {
    case "throttle":
      return withHeaders(failure(service, 429, request, context), waitHeader(fault.header, fault.retryAfter));
    case "error":
      return withHeaders(
        failure(service, fault.status, request, context),
        waitHeader("retry-after", fault.retryAfter ?? null),
      );
    case "expired-token":
      return service === "entra" || service === "identity"
        ? new EntraError("invalid_grant", 700082, "The token has expired due to inactivity.").toResponse(
            request,
            context.now(),
          )
        : worded(service, request, context, expiredToken(context, audienceOf(service)));
    default:
      return undefined;
  }
}

function audienceOf(service: ServiceName): Parameters<typeof expiredToken>[1] {
  if (service === "keyvault") return "vault";
  if (service === "graph") return "graph";
  return service === "loganalytics" ? "logs" : "arm";
}

function worded(service: ServiceName, request: SimRequest, context: Context, error: AzureError): SimResponse {
  return service === "graph" ? graphError(context, request, error) : error.toResponse();
}

function waitHeader(name: string, wait: number | null): Record<string, string> {
  if (wait === null) return {};
  return { [name]: name === "retry-after" ? String(Math.ceil(wait)) : String(Math.round(wait * 1000)) };
}

function withHeaders(response: SimResponse, headers: Record<string, string>): SimResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}

const CODES: Readonly<Record<number, [code: string, message: string]>> = {
  429: ["TooManyRequests", "Too many requests. Please try again later."],
  500: ["InternalServerError", "The server encountered an internal error. Please retry the request."],
  502: ["BadGateway", "The gateway did not receive a response from the resource provider."],
  503: ["ServiceUnavailable", "The service is temporarily unavailable. Please retry the request."],
  504: ["GatewayTimeout", "The gateway did not receive a response within the specified time period."],
};

/** A failure in the words of each service. Gateways answer 502 with a page, which clients must survive. */
function failure(service: ServiceName, status: number, request: SimRequest, context: Context): SimResponse {
  const [code = "", message = ""] = CODES[status] ?? [];
  if (status === 502) return { status, headers: { "content-type": "text/html" }, body: page(status, message) };
  if (service === "entra" || service === "identity")
    return new EntraError("temporarily_unavailable", 90033, message, { status }).toResponse(request, context.now());
  if (service === "loganalytics")
    return logsError(status, { code: status === 429 ? "ThrottledError" : code, message }).toResponse();
  if (service === "keyvault" && status === 429)
    return new AzureError(429, "Throttled", "Request was not processed because too many requests were received.", {
      innererror: { code: "VaultRequestTypeLimitReached" },
    }).toResponse();
  return worded(service, request, context, new AzureError(status, code, message));
}

function page(status: number, message: string): string {
  return `<html><head><title>${status}</title></head><body><h1>${status}</h1><p>${message}</p></body></html>`;
}
