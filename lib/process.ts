import "server-only";
import { ConfigError, stopsWithParent } from "./config";
import { log } from "./log";
import { productConfig, runtime } from "./runtime";
import { stopOnRequest } from "./stop";
import { startTelemetry, stopTelemetry } from "./telemetry/spans";

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
  const stop = async (): Promise<void> => {
    try {
      await (await runtime()).stop();
    } finally {
      await stopTelemetry();
    }
  };
  stopOnRequest(stop, { withParent: stopsWithParent() });
  await startTelemetry(productConfig().otlpEndpoint, "web");
  try {
    await runtime();
  } catch (error) {
    log.error({ err: error }, "the product could not start its work; every page says why, and it is tried again");
  }
}
