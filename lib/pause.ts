import "server-only";
import { setTimeout as wait } from "node:timers/promises";

/** Waits so many milliseconds. Returns at once when there is nothing to wait for, and when it is told to stop. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal?.aborted) return;
  // It fails for the signal only.
  await wait(milliseconds, undefined, signal ? { signal } : {}).catch(() => {});
}
