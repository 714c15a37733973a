import "server-only";

/** Vaults of a chunk at most, which one process holds in memory together. */
const CHUNK_MAX = 2_000;
/** Fewer are not worth a job of their own. */
const CHUNK_MIN = 50;
/** So many are carried at the same time, so that several workers share a deployment. */
const CHUNKS = 8;

/** Into how many chunks so many vaults are divided. */
export function chunksFor(vaults: number): number {
  const several = Math.min(CHUNKS, Math.ceil(vaults / CHUNK_MIN));
  return Math.max(1, several, Math.ceil(vaults / CHUNK_MAX));
}
