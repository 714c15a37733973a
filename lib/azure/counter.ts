import "server-only";

export type AzureService = "arm" | "resourceGraph" | "keyVault" | "logs" | "graph" | "entra";
/** Azure calls since the process started, by service; retries and challenges count, as they do for Azure. */
export type CallCounts = Record<AzureService, number>;

const counts: CallCounts = { arm: 0, resourceGraph: 0, keyVault: 0, logs: 0, graph: 0, entra: 0 };

/** A copy of the counters; the difference of two copies is what a piece of work cost. */
export function callCounts(): CallCounts {
  return { ...counts };
}

/** Only the transport counts: every call to Azure passes it. */
export function countCall(service: AzureService): void {
  counts[service] += 1;
}
