import "server-only";
import type { HttpClient, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import type { CloudProfile } from "@/lib/config";
import { outsideSlot } from "@/lib/slots";
import { ARM_BUCKETS, type ArmOperation } from "./arm-limits.pure";
import { retryAfterSeconds } from "./azure-error";
import { TokenBucket } from "./token-bucket";

/** After a refusal that says for how long, a call is sent once more when its turn comes; then the client's own retries decide. */
const TRIES = 2;
/** The clients do not repeat what was refused without saying for how long: so often it is sent, each time after twice as long. */
const SILENT = { tries: 4, firstMs: 1_000 };

/**
 * The wire of one identity that never asks more of ARM than its documented buckets hold: a call that would be refused
 * waits for its turn in its own subscription's bucket, outside of the slot of whoever works, so that subscriptions do not
 * wait for each other. ARM counts per principal: every identity needs a wire of its own.
 *
 * The buckets are this process's picture. That other processes or tools draw from them shows in the rate-limit headers
 * of ARM's answers, and in a 429, which holds back that one bucket for as long as it says.
 */
export function pacedForArm(inner: HttpClient, cloud: Pick<CloudProfile, "arm">): HttpClient {
  const buckets = new Map<string, TokenBucket>();
  const now = () => performance.now();
  const bucketFor = (key: string, operation: ArmOperation): TokenBucket => {
    let bucket = buckets.get(key);
    if (!bucket) {
      bucket = new TokenBucket(ARM_BUCKETS[operation], now);
      buckets.set(key, bucket);
    }
    return bucket;
  };
  return {
    async sendRequest(request) {
      const subscription = subscriptionOf(request, cloud);
      if (subscription === undefined) return inner.sendRequest(request);
      const operation = operationOf(request);
      const bucket = bucketFor(`${subscription} ${operation}`, operation);
      for (let tries = 1; ; tries++) {
        const turn = bucket.take();
        if (turn) await outsideSlot(() => turn);
        const sentAt = now();
        const response = await inner.sendRequest(request);
        if (response.status === 429) {
          const seconds = retryAfterSeconds(response.headers);
          bucket.hold(seconds === undefined ? SILENT.firstMs * 2 ** (tries - 1) : seconds * 1_000);
          const most = seconds === undefined ? SILENT.tries : TRIES;
          if (tries < most && !request.abortSignal?.aborted) continue;
        } else {
          const remaining = remainingOf(response, operation);
          if (remaining !== undefined) bucket.observe(remaining, sentAt);
        }
        return response;
      }
    },
  };
}

/** The subscription whose bucket a call draws from; undefined for other services and for calls above subscriptions. */
function subscriptionOf(request: PipelineRequest, cloud: Pick<CloudProfile, "arm">): string | undefined {
  if (!request.url.startsWith(`${cloud.arm}/`)) return undefined;
  return /^\/+subscriptions\/([^/?]+)/i.exec(request.url.slice(cloud.arm.length))?.[1]?.toLowerCase();
}

function operationOf({ method }: PipelineRequest): ArmOperation {
  if (method === "GET" || method === "HEAD") return "reads";
  return method === "DELETE" ? "deletes" : "writes";
}

function remainingOf(response: PipelineResponse, operation: ArmOperation): number | undefined {
  const header = response.headers.get(`x-ms-ratelimit-remaining-subscription-${operation}`);
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}
