import { randomUUID } from "node:crypto";
import type { Context } from "../context";
import { AzureError, type SimRequest, type SimResponse } from "../http";

/** A refusal of Microsoft Graph in its own form: code, sentence, and what to name to support. */
export function graphError(context: Context, request: SimRequest, error: AzureError): SimResponse {
  const id = requestId(request);
  return {
    status: error.status,
    headers: { ...error.extra.headers },
    body: {
      error: {
        code: error.code,
        message: error.message,
        innerError: {
          date: new Date(context.now()).toISOString().slice(0, 19),
          "request-id": id,
          "client-request-id": request.headers["client-request-id"]?.slice(0, 100) ?? id,
        },
      },
    },
  };
}

const ids = new WeakMap<SimRequest, string>();

/** The id of a request, the same in every header and body of its answer. */
export function requestId(request: SimRequest): string {
  const known = ids.get(request) ?? randomUUID();
  ids.set(request, known);
  return known;
}

export function badRequest(message: string): AzureError {
  return new AzureError(400, "BadRequest", message);
}

/** What is not there, of a kind such as `Incident`. The sentence is unverified. */
export function notFound(kind: string, id: string): AzureError {
  return new AzureError(404, "NotFound", `${kind} with id '${id.slice(0, 100)}' was not found.`);
}
