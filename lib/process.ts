import "server-only";
import { ConfigError, stopsWithParent } from "./config";
import { log } from "./log";
import { productConfig, runtime } from "./runtime";

/** `npm start` waits 8 seconds before it ends a process by force. */
const STOP_WITHIN_MS = 7_000;

let stopping = false;

/**
 * Starts the product in this process. A wrong configuration ends it (exit code 2, the sentence on standard error); a
 * store that cannot be opened does not: every route then says so, and the start is tried again.
 */
export async function startProcess(): Promise<void> {
  try {
    productConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stopProcess());
  if (stopsWithParent()) {
    const orphaned = () => void stopProcess();
    process.stdin.on("end", orphaned).on("error", orphaned).resume();
  }
  try {
    await runtime();
  } catch (error) {
    log.error({ err: error }, "the product could not start its work; every page says why, and it is tried again");
  }
}

/** Ends background work at safe points and closes the store, so that the next start finds nothing to repair. */
async function stopProcess(): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  try {
    await (await runtime()).stop();
  } catch {
    // It never started, so there is nothing to end.
  }
  process.exit(0);
}
