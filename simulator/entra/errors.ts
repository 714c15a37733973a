import { randomUUID } from "node:crypto";
import type { SimRequest, SimResponse } from "../http";
import { repeatedParameter } from "../query-repeats";

/** A refusal as Entra words it: an OAuth error code, an AADSTS number and a sentence. */
export class EntraError extends Error {
  constructor(
    readonly error: string,
    readonly number: number,
    message: string,
    readonly extra: { status?: number; suberror?: string; claims?: string } = {},
  ) {
    super(message);
  }

  /** The text that goes into `error_description`. */
  describe(correlationId: string, at: number): string {
    return `AADSTS${this.number}: ${this.message} Trace ID: ${randomUUID()} Correlation ID: ${correlationId} Timestamp: ${timestamp(at)}`;
  }

  /** The JSON answer of the token endpoint. */
  toResponse(request: SimRequest, at: number): SimResponse {
    const { status, suberror, claims } = this.extra;
    const correlationId = correlationOf(request);
    return {
      status: status ?? 400,
      body: {
        error: this.error,
        error_description: this.describe(correlationId, at),
        error_codes: [this.number],
        timestamp: timestamp(at),
        trace_id: randomUUID(),
        correlation_id: correlationId,
        error_uri: `https://login.microsoftonline.com/error?code=${this.number}`,
        ...(suberror === undefined ? {} : { suberror }),
        ...(claims === undefined ? {} : { claims }),
      },
    };
  }
}

/** The caller's own correlation id when it is a GUID, else a new one. */
export function correlationOf(request: SimRequest): string {
  const given = request.headers["client-request-id"] ?? request.query.get("client-request-id") ?? "";
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(given) ? given : randomUUID();
}

/** @throws EntraError for a parameter that is given twice, which OAuth 2.0 forbids. */
export function refuseRepeats(parameters: URLSearchParams): void {
  const name = repeatedParameter(parameters);
  if (name === undefined) return;
  const message = `The request is not properly formatted. The parameter '${name}' is duplicated.`;
  throw new EntraError("invalid_request", 9000411, message);
}

/** A parameter that the caller left out, in Entra's words. */
export function missing(parameter: string): EntraError {
  return new EntraError(
    "invalid_request",
    900144,
    `The request body must contain the following parameter: '${parameter}'.`,
  );
}

function timestamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
