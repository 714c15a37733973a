import { createHttpHeaders } from "@azure/core-rest-pipeline";
import { ANYWHERE } from "@/lib/azure/vault-network";
import { CLOUDS } from "@/lib/cloud";
import type { AzureAccess } from "@/lib/context";

/** What the workspace says to one query. */
export interface LogAnswer {
  status: number;
  body: unknown;
}

/**
 * Access to a workspace that answers the queries of a batch so, the last one first, as the service may. Bodies that were
 * sent are put into `sent`.
 */
export function answeringLogs(answers: readonly LogAnswer[], sent: unknown[] = []): AzureAccess {
  const responses = answers.map((answer, index) => ({ id: `query-${index}`, headers: {}, ...answer })).reverse();
  return {
    credential: { getToken: async () => ({ token: "t", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    cloud: CLOUDS.AzureCloud,
    outbound: ANYWHERE,
    httpClient: {
      sendRequest: async (request) => {
        sent.push(JSON.parse(String(request.body)));
        return {
          request,
          status: 200,
          headers: createHttpHeaders({ "content-type": "application/json" }),
          bodyAsText: JSON.stringify({ responses }),
        };
      },
    },
  };
}
