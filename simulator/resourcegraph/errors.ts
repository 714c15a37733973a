import { correlationId } from "../arm/correlation";
import { iso } from "../arm/respond";
import type { Call } from "../context";
import { AzureError } from "../http";

export interface GraphFault {
  code: string;
  message: string;
}

function supportText(call: Call): string {
  return `Please provide below info when asking for support: timestamp = ${iso(call.now())}, correlationId = ${correlationId(call)}.`;
}

/** 400 in Resource Graph's form: a general code, and in `details` what was wrong. */
export function graphBadRequest(call: Call, ...details: GraphFault[]): AzureError {
  return new AzureError(400, "BadRequest", supportText(call), { details });
}

/** 400 for a query that the language or the parser refuses. */
export function invalidQuery(call: Call, fault: GraphFault): AzureError {
  return graphBadRequest(
    call,
    {
      code: "InvalidQuery",
      message:
        "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.",
    },
    fault,
  );
}

/** 429 with `Retry-After`, when the caller has used up the quota of the window; `quota` tells of it as in every answer. */
export function rateLimited(call: Call, seconds: number, quota: Record<string, string>): AzureError {
  return new AzureError(429, "RateLimiting", supportText(call), {
    headers: { "retry-after": String(seconds), ...quota },
    details: [
      {
        code: "RateLimiting",
        message:
          "Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.",
      },
    ],
  });
}
