/** A token bucket: so many calls at once, then so many a second. */
export interface BucketSize {
  burst: number;
  perSecond: number;
}

export type ArmOperation = "reads" | "writes" | "deletes";

/**
 * ARM's buckets per subscription, principal and kind of operation. Source: Microsoft Learn, "Understand how Azure Resource
 * Manager throttles requests" (limits since 2024).
 */
export const ARM_BUCKETS: Readonly<Record<ArmOperation, BucketSize>> = {
  reads: { burst: 250, perSecond: 25 },
  writes: { burst: 200, perSecond: 10 },
  deletes: { burst: 200, perSecond: 10 },
};
