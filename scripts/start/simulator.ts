import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { ruleFiles } from "@/lib/detection/rule-export";
import { type Child, startChild } from "./children";

const Ready = z.object({ ready: z.literal(true), url: z.string() });
const Delays = z.object({
  delays: z.object({
    ingestionMin: z.number(),
    ingestionMax: z.number(),
    watchlist: z.number(),
    grant: z.number(),
    diagnostics: z.number(),
    nearRealTimeCadence: z.number(),
    nearRealTimeDelay: z.number(),
    incident: z.number(),
  }),
});
const READY_WITHIN_MS = 120_000;

export interface RunningSimulator {
  child: Child;
  /** What the product's process gets to know about it. */
  variables: Record<string, string>;
  /** One sentence about its delays, beside Azure's own. */
  delays: string;
}

/**
 * Starts the simulated tenant as a process of its own on a free loopback port (or SIMULATOR_PORT), with the product's
 * rules in its workspace, and learns from it what the product needs to know.
 */
export function startSimulator(options: {
  /** The bundled simulator. */
  file: string;
  dataDir: string;
  origin: string;
  env: NodeJS.ProcessEnv;
}): { child: Child; ready: Promise<RunningSimulator> } {
  const { file, dataDir, origin, env } = options;
  const secret = env.SIMULATOR_API_SECRET || randomBytes(32).toString("base64url");
  const header = env.SIMULATOR_IDENTITY_HEADER || randomBytes(32).toString("base64url");
  const tell: { line?: (line: string) => void } = {};
  const child = startChild(
    "simulated tenant",
    ["--enable-source-maps", file, ...simulatorOptions(dataDir, origin, env)],
    {
      env: { ...env, SIMULATOR_API_SECRET: secret, SIMULATOR_IDENTITY_HEADER: header },
      onLine: (line) => tell.line?.(line),
    },
  );
  const ready = new Promise<string>((resolve, reject) => {
    tell.line = (line) => {
      const url = readyUrl(line);
      if (url) resolve(url);
    };
    const late = setTimeout(() => reject(new Error("The simulated tenant did not start in time.")), READY_WITHIN_MS);
    void child.ended.then(() => {
      clearTimeout(late);
      reject(new Error(`The simulated tenant could not start.\n${child.tail()}`));
    });
  }).then((url) => introduce(child, url, secret, header));
  return { child, ready };
}

function simulatorOptions(dataDir: string, origin: string, env: NodeJS.ProcessEnv): string[] {
  const given = (flag: string, value: string | undefined) => (value ? [flag, value] : []);
  return [
    "--with-parent",
    // The product's first pages ask the logs within seconds.
    "--warm-parser",
    ...["--port", env.SIMULATOR_PORT || "0", "--data-dir", dataDir, "--rules", writeRules(dataDir)],
    ...["--app-origin", origin],
    ...(env.SIMULATOR_DELAYS === "real" ? [] : ["--fast"]),
    ...given("--vaults", env.SIMULATOR_VAULTS),
    ...given("--seed", env.SIMULATOR_SEED),
    // The network that the product is told it is in is the one that its calls come from.
    ...given("--caller-subnets", env.OUTBOUND_SUBNET_IDS),
    ...given("--caller-endpoint-scopes", env.PRIVATE_ENDPOINT_SCOPES),
    ...(env.SIMULATOR_BARE === "yes" ? ["--bare"] : []),
  ];
}

/** The folder with the product's rules, one ARM body a file, written anew at each start. */
function writeRules(dataDir: string): string {
  const folder = path.join(dataDir, "rules");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { name, text } of ruleFiles()) writeFileSync(path.join(folder, name), text);
  return folder;
}

function readyUrl(line: string): string | undefined {
  try {
    return Ready.safeParse(JSON.parse(line)).data?.url;
  } catch {
    return undefined;
  }
}

async function introduce(child: Child, url: string, secret: string, header: string): Promise<RunningSimulator> {
  const response = await fetch(`${url}/sim/tenant`);
  if (!response.ok) throw new Error(`The simulated tenant answered ${response.status} when it was asked who it is.`);
  const tenant = await response.text();
  return {
    child,
    variables: {
      SIMULATOR_URL: url,
      SIMULATOR_TENANT: tenant,
      SIMULATOR_API_SECRET: secret,
      IDENTITY_ENDPOINT: `${url}/msi/token`,
      IDENTITY_HEADER: header,
    },
    delays: describeDelays(Delays.parse(JSON.parse(tenant)).delays),
  };
}

function describeDelays(delays: z.infer<typeof Delays>["delays"]): string {
  const seconds = (ms: number) => `${Math.round(ms / 100) / 10}`;
  const slowest = delays.ingestionMax + delays.nearRealTimeCadence + delays.nearRealTimeDelay + delays.incident;
  return (
    `Its waits, in seconds: audit rows ${seconds(delays.ingestionMin)} to ${seconds(delays.ingestionMax)} (Azure: 3 to 10 minutes), ` +
    `rules every ${seconds(delays.nearRealTimeCadence)} (1 minute) over what arrived ${seconds(delays.nearRealTimeDelay)} before (2 minutes), ` +
    `watchlist ${seconds(delays.watchlist)} (5 minutes), new rights ${seconds(delays.grant)} (10 minutes), ` +
    `new logging ${seconds(delays.diagnostics)} (90 minutes). A touch becomes an incident within ${seconds(slowest)} seconds (5 to 14 minutes). ` +
    `SIMULATOR_DELAYS=real uses Azure's.`
  );
}
