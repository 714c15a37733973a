import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { cleanEnvironment } from "@/e2e/harness/product";

/*
 * Processes that carry a deployment (runner.ts), one on the embedded store or several on a server, for tests that end
 * them with signals.
 */

export const Progress = z.object({
  /** Number of the process, as in its claims. */
  worker: z.string(),
  /** Steps of all vaults that are done. */
  steps: z.number(),
  /** Vaults that this process has in hand. */
  inHand: z.number(),
});
export type Progress = z.infer<typeof Progress>;
const Ending = z.object({ state: z.string() });

export interface Member {
  /** What it said last; undefined while it starts. */
  progress: Progress | undefined;
  /** It saw the deployment's end. */
  finished: boolean;
  /** Resolves when the process is gone. */
  gone: Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** A write is not sent once half of it has gone since it was recorded, which on a busy machine may take a second. */
const SETTLE_MS = "4000";

export function startMember(program: string, environment: Record<string, string>): Member {
  // The database's code is optimised later: these processes live for seconds.
  const child = spawn(process.execPath, ["--liftoff-only", program, "--poll", "200", "--settle", SETTLE_MS], {
    env: { ...cleanEnvironment(), ...environment, LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const member: Member = {
    progress: undefined,
    finished: false,
    gone: new Promise((resolve) => child.once("close", () => resolve())),
    signal: (name) => void child.kill(name),
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    const said: unknown = JSON.parse(line);
    const progress = Progress.safeParse(said);
    if (progress.success) member.progress = progress.data;
    else if (Ending.safeParse(said).success) member.finished = true;
    // Its log, which speaks of errors only.
    else process.stderr.write(`${line}\n`);
  });
  return member;
}
