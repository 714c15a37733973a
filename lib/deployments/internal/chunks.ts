import "server-only";
import { type Kysely, sql } from "kysely";
import { z } from "zod";
import type { ServiceContext } from "@/lib/context";
import type { Database } from "@/lib/store/schema";

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
 * Hands the open chunks of a deployment to the workers, each for when the first of its vaults is due: this is done every
 * minute, and most vaults of a spread deployment wait for weeks. What was cancelled is looked at at once.
 */
export async function sendChunks(
  { db, jobs }: Pick<ServiceContext, "db" | "jobs">,
  deploymentId: string,
): Promise<void> {
  const cancelled = await db
    .selectFrom("deployment")
    .select("id")
    .where("id", "=", deploymentId)
    .where("state", "=", "cancelled")
    .executeTakeFirst();
  for (const { chunk, due } of await openChunks(db, deploymentId)) {
    await sendChunk(jobs, { deploymentId, chunk }, cancelled ? null : due);
  }
}

/** The next job of one chunk, for when the first of its vaults is due; none when all of them have ended. */
export async function sendAgain({ db, jobs }: Pick<ServiceContext, "db" | "jobs">, job: ChunkJob): Promise<void> {
  const [open] = await openChunks(db, job.deploymentId, job.chunk);
  if (open) await sendChunk(jobs, job, open.due);
}

/** @param due null = now. Of one chunk one job waits, and comes at the earliest time for which it was sent. */
export async function sendChunk(jobs: ServiceContext["jobs"], job: ChunkJob, due: Date | null): Promise<void> {
  await jobs.enqueue(PLANT_QUEUE, keyOf(job), job, ...(due ? [{ startAfter: due }] : []));
}

/** The chunks with open vaults, and when the first of these is due, or the claim of another worker may have ended. */
async function openChunks(
  db: Kysely<Database>,
  deploymentId: string,
  chunk?: number,
): Promise<{ chunk: number; due: Date | null }[]> {
  const chunks = await db
    .selectFrom("deployment_item")
    .leftJoin("deployment_claim", "deployment_claim.id", "deployment_item.claim")
    .select(({ fn }) => [
      "chunk",
      fn.min<Date | null>(sql`greatest(not_before, until)`).as("first"),
      fn.countAll<string>().filterWhere(sql`coalesce(not_before, until)`, "is", null).as("now"),
    ])
    .where("deployment_id", "=", deploymentId)
    .$if(chunk !== undefined, (query) => query.where("chunk", "=", chunk ?? 0))
    .where("state", "in", ["queued", "running"])
    .groupBy("chunk")
    .execute();
  return chunks.map(({ chunk: number, first, now }) => ({ chunk: number, due: Number(now) === 0 ? first : null }));
}

/** Two jobs of one chunk are one job. */
export const keyOf = ({ deploymentId, chunk }: ChunkJob): string => `${deploymentId}:${chunk}`;
