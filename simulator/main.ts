import { existsSync } from "node:fs";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { allChores } from "./chores";
import type { Context } from "./context";
import { FaultRuleError } from "./faults/rules";
import { FolderError, tenantFolder } from "./folder";
import { sharedEngine } from "./loganalytics/shared-engine";
import { OptionError, parseOptions, USAGE } from "./options";
import { allServices } from "./services";
import { startTenant } from "./tenant";
import { RuleFileError } from "./world/rules";

/**
 * How far the heap may grow before it is collected, percent of what is in use. By itself it may double and more: a world
 * that is generated leaves much behind, and ten thousand vaults would take 150 MB more for nothing.
 */
const HEAP_GROWTH = 40;

/** Exit codes: 2 = wrong use (options, folder, rules, taken port), 1 = a fault of ours. */
async function main(): Promise<void> {
  const { settings, withParent, warmParser } = parseOptions(process.argv.slice(2));
  const tenant = await startTenant({
    settings,
    services: allServices,
    chores: allChores,
    apiSecret: process.env.SIMULATOR_API_SECRET,
    identityHeader: process.env.SIMULATOR_IDENTITY_HEADER,
    onFault: (error, requestId) => console.error(`Request ${requestId} failed:`, error),
  });
  const { port, tlsPort } = tenant;
  console.log(JSON.stringify({ ready: true, port, url: `http://127.0.0.1:${port}`, ...(tlsPort && { tlsPort }) }));
  // Not before: a start makes little that can be thrown away, and looking for it would cost a third of the time.
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  if (warmParser) startParser(tenant.context);

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void tenant.stop().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  if (withParent) process.stdin.on("end", stop).on("error", stop).resume();
}

/**
 * The KQL parser takes seconds to start, and is a good part of this process's memory, so it waits for the first query.
 * Whoever knows that one is near asks for it to start now, in a thread of its own. A tenant that finds plans in its
 * folder needs no parser.
 */
function startParser(context: Context): void {
  const { dataDir } = context.settings;
  if (dataDir !== undefined && existsSync(path.join(tenantFolder(dataDir), "plans"))) return;
  sharedEngine(context)
    .warm()
    .catch((error: unknown) => console.error("The query parser did not start:", error));
}

/** What a person can do something about; everything else is a fault and keeps its stack. */
function sentenceOf(error: unknown): string | undefined {
  if (error instanceof OptionError) return `${error.message}\n\n${USAGE}`;
  if (error instanceof FolderError || error instanceof RuleFileError || error instanceof FaultRuleError)
    return error.message;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return "The port is taken by another program. Choose another one with --port, or --port 0 for any free one.";
  }
  return undefined;
}

main().catch((error: unknown) => {
  const sentence = sentenceOf(error);
  console.error(sentence ?? error);
  process.exit(sentence === undefined ? 1 : 2);
});
