import "server-only";
import { z } from "zod";
import type { ServiceContext } from "@/lib/context";

/** Queue of deployments; one job carries the vaults of one chunk of a deployment. */
export const PLANT_QUEUE = "plant";

export const ChunkJob = z.object({ deploymentId: z.string(), chunk: z.number() });
export type ChunkJob = z.infer<typeof ChunkJob>;

/** Vaults of a chunk at most, which one process holds in memory together. */
const CHUNK_MAX = 2_000;
/** Fewer are not worth a job of their own. */
const CHUNK_MIN = 50;
/** So many are carried at the same time, so that several workers share a deployment; fewer than one process carries. */
const CHUNKS = 6;

/** Into how many chunks so many vaults are divided. */
export function chunksFor(vaults: number): number {
  const several = Math.min(CHUNKS, Math.ceil(vaults / CHUNK_MIN));
  return Math.max(1, several, Math.ceil(vaults / CHUNK_MAX));
}

/**
 * Hands the chunks of a deployment to the workers; those that wait already are not sent twice. One that waits for a later
 * time is left to it, or brought forward to `latest`.
 */
export async function sendChunks(
  { db, jobs }: Pick<ServiceContext, "db" | "jobs">,
  deploymentId: string,
  latest?: Date,
): Promise<void> {
  const chunks = await db
    .selectFrom("deployment_item")
    .select("chunk")
    .distinct()
    .where("deployment_id", "=", deploymentId)
    .where("state", "in", ["queued", "running"])
    .execute();
  const options = latest === undefined ? [] : [{ startAfter: latest }];
  for (const { chunk } of chunks)
    await jobs.enqueue(PLANT_QUEUE, keyOf({ deploymentId, chunk }), { deploymentId, chunk }, ...options);
}

/** Two jobs of one chunk are one job. */
export const keyOf = ({ deploymentId, chunk }: ChunkJob): string => `${deploymentId}:${chunk}`;
