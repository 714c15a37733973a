import { spawn } from "node:child_process";
import { bundleWorker } from "@/scripts/start/bundle";
import { cleanEnvironment } from "./product";
import type { SimulatorProcess } from "./simulator";

/** A worker as a process of its own, started as `npm run worker` starts it. */
export interface WorkerProcess {
  /** What it has printed so far. */
  output(): string;
  /** Resolves with its exit code; null when a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts a worker on a simulated tenant and a server, and waits until it says that it is ready. */
export async function startWorker(simulator: SimulatorProcess, databaseUrl: string): Promise<WorkerProcess> {
  const [program, tenant] = await Promise.all([
    bundleWorker(process.cwd()),
    fetch(`${simulator.url}/sim/tenant`).then((answer) => answer.text()),
  ]);
  const child = spawn(process.execPath, ["--conditions=react-server", program], {
    env: {
      ...cleanEnvironment(),
      DATABASE_URL: databaseUrl,
      SIMULATOR_URL: simulator.url,
      SIMULATOR_TENANT: tenant,
      SIMULATOR_API_SECRET: "no use to a worker, which acts for nobody",
      IDENTITY_ENDPOINT: `${simulator.url}/msi/token`,
      IDENTITY_HEADER: simulator.identityHeader,
      LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    const collect = (text: Buffer): void => {
      printed += text.toString();
      if (printed.includes("is ready")) resolve();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    void ended.then((code) => reject(new Error(`The worker ended with ${code}: ${printed}`)));
  });
  return {
    output: () => printed,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
