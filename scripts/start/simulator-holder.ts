import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const Lock = z.object({ pid: z.number().int(), port: z.number().int() });
const Health = z.object({ pid: z.number().int() });

/** The process id of the simulated tenant that runs on this data folder, if one does: it answers on its noted port. */
export async function simulatorHolder(dataDir: string): Promise<number | undefined> {
  try {
    const lock = Lock.parse(JSON.parse(readFileSync(path.join(dataDir, "simulator", "lock.json"), "utf8")));
    const response = await fetch(`http://127.0.0.1:${lock.port}/sim/health`, { signal: AbortSignal.timeout(3_000) });
    const { pid } = Health.parse(await response.json());
    return pid === lock.pid ? pid : undefined;
  } catch {
    // No lock, a stale one, or nobody there.
    return undefined;
  }
}
