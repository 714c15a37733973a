import path from "node:path";
import { ConfigError, listenOn, loadWorkerConfig } from "@/lib/config";
import { bundleWorker } from "./start/bundle";
import { startChild, stopChild } from "./start/children";
import { readEnvironmentFiles } from "./start/environment-files";
import { readTenantNote } from "./start/tenant-note";

/**
 * `npm run worker`: a process that runs the product's jobs and serves no page, beside any number of others on one
 * DATABASE_URL. Against the simulated tenant it joins the product that runs on the same DATA_DIR. Exit codes: 0 stopped
 * on request, 1 something failed, 2 the configuration is wrong or names no server.
 */
const GRACE_MS = 8_000;

const stopRequested = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
  // The program that started us (tsx) may be killed without a word; we then belong to another one.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && resolve(), 1_000).unref();
});

async function work(): Promise<number> {
  readEnvironmentFiles(process.cwd());
  const { mode, dataDir } = listenOn();
  const env = { ...process.env, ...(mode === "simulated" ? readTenantNote(path.resolve(dataDir)) : {}) };
  loadWorkerConfig(env);
  const program = await bundleWorker(process.cwd());
  const child = startChild("worker", ["--conditions=react-server", "--enable-source-maps", program], {
    env: { ...env, STOP_WITH_PARENT: "1", LOG_LEVEL: env.LOG_LEVEL || "warn" },
    onLine: (line) => console.log(line),
    onErrorLine: (line) => console.error(line),
  });
  await Promise.race([child.ended, stopRequested]);
  const stopped = child.running();
  await stopChild(child, GRACE_MS);
  const { code } = await child.ended;
  return code ?? (stopped ? 0 : 1);
}

try {
  process.exit(await work());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(error instanceof ConfigError ? 2 : 1);
}
