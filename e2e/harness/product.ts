import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface Product {
  /** Where the browser goes, `http://localhost:<port>`. */
  url: string;
  /** The simulated tenant's own loopback address; its `/sim/*` routes tell what really stands in the vaults. */
  simulatorUrl: string;
  dataDir: string;
  /** Everything printed so far. */
  output(): string;
  /** Ctrl-C, then waits for the end; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Process id of `npm start`'s program. */
  pid: number;
}

export interface ProductOptions {
  vaults?: number;
  seed?: number;
  /** Kept by the caller; a temporary folder that is removed at the end when absent. */
  dataDir?: string;
  port?: number;
  /** More variables for the program. */
  env?: Record<string, string>;
  /** How long it may take to print its address; it may have to build first. */
  readyWithinMs?: number;
}

/** A loopback port that is free now. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

const OURS =
  /^(AZURE_|AUTH_|SENTINEL_|PLANT|COLLECTOR_|REGISTRAR_|GRANTER_|DRILL_|DATABASE_URL|DATA_DIR|PORT$|HOST$|APP_ORIGIN|SIMULATOR_|IDENTITY_|WATCHLIST_|OTEL_|NODE_ENV|VITEST|TEST$|NODE_OPTIONS)/;

/** The environment of a person who has configured nothing: no Azure, database or product variable leaks into a test. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const name of Object.keys(environment)) if (OURS.test(name)) Reflect.deleteProperty(environment, name);
  return environment;
}

/** Starts the product exactly as `npm start` does, in its own folder and on free ports. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), "kvh-e2e-"));
  const port = options.port ?? (await freePort());
  const simulatorPort = await freePort();
  const child = spawn(
    process.execPath,
    ["node_modules/tsx/dist/cli.mjs", "--conditions=react-server", "scripts/start.ts"],
    {
      env: {
        ...cleanEnvironment(),
        PORT: String(port),
        DATA_DIR: dataDir,
        SIMULATOR_PORT: String(simulatorPort),
        SIMULATOR_VAULTS: String(options.vaults ?? 240),
        SIMULATOR_SEED: String(options.seed ?? 1),
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let printed = "";
  const collect = (chunk: Buffer) => {
    printed += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const url = `http://localhost:${port}`;
  await ready(
    child,
    () => printed.includes(url),
    () => printed,
    options.readyWithinMs ?? 300_000,
  );
  return {
    url,
    simulatorUrl: `http://127.0.0.1:${simulatorPort}`,
    dataDir,
    output: () => printed,
    pid: child.pid ?? 0,
    stop: async () => {
      const code = await end(child);
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

/** Resolves when the program says that it is ready; rejects with its output when it ends or takes too long. */
async function ready(
  child: ChildProcess,
  isReady: () => boolean,
  output: () => string,
  withinMs: number,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!isReady()) {
    if (child.exitCode !== null) throw new Error(`The product ended with code ${child.exitCode}:\n${output()}`);
    if (Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`The product was not ready in ${withinMs / 1000} s:\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  child.kill("SIGINT");
  const forced = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const code = await ended;
  clearTimeout(forced);
  return code;
}
