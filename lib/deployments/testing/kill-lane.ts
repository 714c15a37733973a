import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { cleanEnvironment } from "@/e2e/harness/product";
import type { SimulatorProcess } from "@/e2e/harness/simulator";
import { differences, type Expected, snapshotOf } from "./aftermath";
import { type Effect, KillingProxy, type KillPoint } from "./killing-proxy";

/** A job that a test carries through: what is planted where, and where the process is killed on the way. */
export interface Case extends Expected {
  title: string;
  /** One after the other, each in a process of its own; then one that is let go to the end. */
  kills: KillPoint[];
}

export interface CaseResult {
  /** Kills that really happened. */
  killed: KillPoint[];
  /** How the job ended, as its process said; undefined when it never did. */
  ending: { state: string; problem: string | null } | undefined;
  /** Sentences about everything in the tenant that is not as it must be. */
  faults: string[];
  /** Effects that reached the tenant, in order. */
  applied: Effect[];
  /** What the processes wrote to their error output. */
  words: string;
}

export interface Lane {
  simulator: SimulatorProcess;
  /** JSON of /sim/tenant, as the product gets it. */
  tenant: string;
  /** The bundled runner. */
  program: string;
  /** A data folder with an empty, up-to-date store, copied for each case. */
  freshStore: string;
  /** Object id of a person who may plant in the vaults. */
  requester: string;
  folder: string;
}

const PROCESS_MS = 180_000;
/** These processes live for seconds: optimising the database's code would cost more than it saves. */
const QUICK_START = ["--liftoff-only"];
const Ending = z.object({ state: z.string(), problem: z.string().nullable() });

/** Runs one case against the real simulated tenant and looks there at what came of it. */
export async function runCase(lane: Lane, one: Case, index: number): Promise<CaseResult> {
  const dataDir = path.join(lane.folder, `case-${index}`);
  mkdirSync(dataDir, { recursive: true });
  cpSync(path.join(lane.freshStore, "db"), path.join(dataDir, "db"), { recursive: true });
  const proxy = new KillingProxy(lane.simulator.url);
  const url = await proxy.listen();
  const before = await snapshotOf(lane.simulator.url, one);
  const killed: KillPoint[] = [];
  let words = "";
  let ending: CaseResult["ending"];
  for (const point of [...one.kills, undefined]) {
    const ended = await runProcess(lane, one, { url, dataDir, proxy, point });
    words += ended.words;
    if (point && ended.killed) killed.push(point);
    if (ended.line !== undefined) ending = Ending.parse(JSON.parse(ended.line));
    if (point && !ended.killed) break;
  }
  const faults = differences(before, await snapshotOf(lane.simulator.url, one), one);
  await proxy.close();
  rmSync(dataDir, { recursive: true, force: true });
  return { killed, ending, faults, applied: proxy.applied, words };
}

/**
 * Kills the process at a point, and no other goes on.
 *
 * @returns whether it came to that point
 */
export async function killForGood(lane: Lane, one: Case, point: KillPoint): Promise<boolean> {
  const dataDir = path.join(lane.folder, "killed-for-good");
  mkdirSync(dataDir, { recursive: true });
  cpSync(path.join(lane.freshStore, "db"), path.join(dataDir, "db"), { recursive: true });
  const proxy = new KillingProxy(lane.simulator.url);
  const url = await proxy.listen();
  const { killed } = await runProcess(lane, one, { url, dataDir, proxy, point });
  await proxy.close();
  return killed;
}

interface Attempt {
  url: string;
  dataDir: string;
  proxy: KillingProxy;
  point: KillPoint | undefined;
}

/** One process, until it is killed, ends by itself or takes too long. */
async function runProcess(lane: Lane, one: Case, { url, dataDir, proxy, point }: Attempt) {
  const options = ["--vault", one.vaultId, "--kind", one.kind, "--count", String(one.count), "--oid", lane.requester];
  // A write is sent within half of it from its record, or not at all: less would keep a busy machine from ever writing.
  const waits = ["--poll", "100", "--settle", "2000"];
  const child = spawn(process.execPath, [...QUICK_START, lane.program, ...options, ...waits], {
    env: {
      ...cleanEnvironment(),
      DATA_DIR: dataDir,
      SIMULATOR_URL: url,
      SIMULATOR_TENANT: lane.tenant,
      SIMULATOR_API_SECRET: "not used here",
      IDENTITY_ENDPOINT: `${url}/msi/token`,
      IDENTITY_HEADER: lane.simulator.identityHeader,
      LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let killed = false;
  let output = "";
  let words = "";
  const kill = (): void => {
    killed = true;
    child.kill("SIGKILL");
  };
  proxy.arm(point, kill);
  const patience = setTimeout(() => {
    words += "[took too long]";
    child.kill("SIGKILL");
  }, PROCESS_MS);
  child.stdout.on("data", (text: Buffer) => {
    output += text.toString();
  });
  child.stderr.on("data", (text: Buffer) => {
    words += text.toString();
  });
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(patience);
  // The log writes its lines to the same output; the ending is the one that is no log line.
  const lines = output.split("\n").filter(Boolean);
  const line = lines.find((text) => text.startsWith('{"state"'));
  words += lines.filter((text) => text !== line).join("\n");
  return { killed, line: killed ? undefined : line, words };
}
