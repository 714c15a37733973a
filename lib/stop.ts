import "server-only";

/** `npm start` and `npm run worker` wait 8 seconds before they end a process by force. */
const STOP_WITHIN_MS = 7_000;

/**
 * Ends this process in order on SIGINT or SIGTERM, and with `withParent` also when the program that started it is gone:
 * `stop` brings its work to safe points and closes the store, so that the next start finds nothing to repair. Whatever
 * takes longer than seven seconds is cut off (exit code 1).
 */
export function stopOnRequest(stop: () => Promise<void>, { withParent }: { withParent: boolean }): void {
  let stopping = false;
  const end = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    try {
      await stop();
    } catch {
      // It never started, so there is nothing to end.
    }
    process.exit(0);
  };
  const onRequest = (): void => void end();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onRequest);
  if (withParent) process.stdin.on("end", onRequest).on("error", onRequest).resume();
}
