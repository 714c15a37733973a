import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { bundleSimulator } from "../scripts/start/bundle";
import { median, printTable } from "./table";

const Ready = z.object({ ready: z.literal(true), url: z.string() });
const Tenant = z.object({
  workspace: z.object({ customerId: z.string() }),
  identities: z.object({ collector: z.object({ clientId: z.string() }) }),
});
const Token = z.object({ access_token: z.string() });
const Answer = z.object({ tables: z.array(z.object({ rows: z.array(z.array(z.unknown())) })) });
const Plain = z.object({ rss: z.number(), milliseconds: z.record(z.string(), z.number()) });

const IDENTITY_HEADER = "header-of-the-bench";
const DAY = 86_400_000;
const ROWS_PER_CALL = 50_000;
const SAMPLE = 5000;
const MEGABYTE = 1024 * 1024;
const PATIENCE = 5;

/** Both audit tables, asked in the same words as the loops of `plain-rows.ts`. */
const BOTH = "union AZKVAuditLogs, AzureDiagnostics";
const QUESTIONS: Record<string, string> = {
  hour: `${BOTH} | where TimeGenerated > ago(1h) | count`,
  day: `${BOTH} | where TimeGenerated > ago(1d) | summarize count() by OperationName`,
  all: `${BOTH} | summarize count() by OperationName`,
  one: `${BOTH} | where _ResourceId endswith "-nowhere" | count`,
};

interface Started {
  child: ChildProcess;
  url: string;
  /** From the making of the process to its line that says that it is ready. */
  seconds: number;
  /** Processor time in it; what a busy machine does not lengthen much. */
  busy: number;
}

/**
 * `npm run bench -- simulator [--vaults 10000] [--rows 1000000] [--rounds 3] [--json]`: how soon the simulated tenant
 * starts, what idle vaults and log rows weigh, and how long queries over them take. Beside each stands what it is to be
 * measured by: a tenant of one vault, and the rows as objects in an array.
 */
export async function simulatorBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      vaults: { type: "string", default: "10000" },
      rows: { type: "string", default: "1000000" },
      rounds: { type: "string", default: "3" },
      json: { type: "boolean", default: false },
    },
  });
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.versions.node}`;
  const file = await bundleSimulator(process.cwd());
  const starts = await measureStarts(file, [1, 240, Number(values.vaults)], Number(values.rounds));
  const asked = [await measureAsked(file, 1), await measureAsked(file, Number(values.vaults))];
  const rows = await measureRows(file, Number(values.rows));
  console.log(machine);
  printTable(
    ["vaults", "start, s", "processor, s", "memory, MB", "after queries, MB"],
    starts.map(({ vaults, seconds, busy, memory }) => [
      String(vaults),
      seconds.toFixed(2),
      busy.toFixed(2),
      memory.toFixed(0),
      asked.find((one) => one.vaults === vaults)?.memory.toFixed(0) ?? "",
    ]),
  );
  console.log();
  printTable(
    [`${values.rows} rows`, "simulator", "objects in an array"],
    [
      ["memory, MB", rows.memory.toFixed(0), rows.plain.memory.toFixed(0)],
      ["written per second", rows.perSecond.toFixed(0), ""],
      ...Object.keys(QUESTIONS).map((name) => [
        `${name}, ms`,
        (rows.milliseconds[name] ?? 0).toFixed(0),
        (rows.plain.milliseconds[name] ?? 0).toFixed(0),
      ]),
    ],
  );
  if (values.json) console.log(JSON.stringify({ bench: "simulator", machine, starts, asked, rows }));
  return true;
}

/** Rounds are interleaved, so that a busy moment of the machine hits all sizes alike. */
async function measureStarts(file: string, sizes: number[], rounds: number) {
  const seen = sizes.map((vaults) => ({ vaults, seconds: list(), busy: list(), memory: list() }));
  for (let round = 0; round < rounds; round++) {
    for (const { vaults, seconds, busy, memory } of seen) {
      const started = await start(file, vaults);
      seconds.push(started.seconds);
      busy.push(started.busy);
      memory.push(memoryOf(started.child));
      await stop(started.child);
    }
  }
  return seen.map(({ vaults, seconds, busy, memory }) => ({
    vaults,
    seconds: median(seconds),
    busy: median(busy),
    memory: median(memory),
  }));
}

const list = (): number[] => [];

/** Memory of a tenant that has answered: the parser is loaded, 30 days of everyday traffic are there. */
async function measureAsked(file: string, vaults: number) {
  const { child, url } = await start(file, vaults);
  try {
    const ask = await asker(url);
    for (const question of Object.values(QUESTIONS)) await ask(question);
    return { vaults, memory: memoryOf(child) };
  } finally {
    await stop(child);
  }
}

async function measureRows(file: string, rows: number) {
  const { child, url } = await start(file, 240);
  try {
    const until = Date.now();
    const timeOf = (row: number) => new Date(until - 30 * DAY + (30 * DAY * row) / rows).toISOString();
    const fill = async (from: number, count: number) => {
      const body = { rows: count, from: timeOf(from), until: timeOf(from + count) };
      const answer = await fetch(`${url}/sim/log-rows/fill`, { method: "POST", body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`The simulator answered ${answer.status} when it was to be filled.`);
    };
    await fill(0, Math.min(SAMPLE, rows));
    const plain = await measurePlain(`${url}/sim/log-rows`, rows);
    const started = performance.now();
    for (let row = SAMPLE; row < rows; row += ROWS_PER_CALL) await fill(row, Math.min(ROWS_PER_CALL, rows - row));
    const perSecond = ((rows - SAMPLE) * 1000) / (performance.now() - started);
    const ask = await asker(url);
    const milliseconds: Record<string, number> = {};
    for (const [name, question] of Object.entries(QUESTIONS)) {
      // The first one makes the plan.
      await ask(question);
      milliseconds[name] = median([await ask(question), await ask(question), await ask(question)]);
    }
    return { rows, memory: memoryOf(child), perSecond, milliseconds, plain };
  } finally {
    await stop(child);
  }
}

async function measurePlain(sample: string, rows: number) {
  const args = ["--max-old-space-size=12000", "--import", "tsx", "bench/plain-rows.ts", sample, String(rows)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { rss, milliseconds } = Plain.parse(JSON.parse(stdout));
  return { memory: rss / MEGABYTE, milliseconds };
}

async function start(file: string, vaults: number): Promise<Started> {
  const began = performance.now();
  const args = ["--enable-source-maps", file, "--port", "0", "--fast", "--no-throttle", "--vaults", String(vaults)];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SIMULATOR_IDENTITY_HEADER: IDENTITY_HEADER },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const seconds = (performance.now() - began) / 1000;
    const { url } = Ready.parse(JSON.parse(line));
    return { child, url, seconds, busy: processorSeconds(child) };
  }
  throw new Error("The simulator ended before it was ready.");
}

async function stop(child: ChildProcess): Promise<void> {
  const end = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  child.kill("SIGKILL");
  await end;
}

/** A function that asks the workspace and answers with the milliseconds that it took. */
async function asker(url: string): Promise<(query: string) => Promise<number>> {
  const tenant = Tenant.parse(await (await fetch(`${url}/sim/tenant`)).json());
  const { clientId } = tenant.identities.collector;
  const wish = `api-version=2019-08-01&resource=https://api.loganalytics.io&client_id=${clientId}`;
  const answer = await fetch(`${url}/msi/token?${wish}`, { headers: { "x-identity-header": IDENTITY_HEADER } });
  const { access_token } = Token.parse(await answer.json());
  const send = (query: string) =>
    fetch(`${url}/v1/workspaces/${tenant.workspace.customerId}/query`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${access_token}`,
        "x-forwarded-host": "api.loganalytics.io",
        "content-type": "application/json",
      },
      body: JSON.stringify({ query }),
    });
  return async (query) => {
    for (let attempt = 1; ; attempt++) {
      const started = performance.now();
      const response = await send(query);
      if (response.ok) {
        Answer.parse(await response.json());
        return performance.now() - started;
      }
      // On a machine that does other work the parser may take longer to load than a query may wait.
      if (response.status !== 504 || attempt === PATIENCE)
        throw new Error(`The query failed with ${response.status}: ${await response.text()}`);
    }
  };
}

/** Resident memory in megabytes; NaN where the system has no /proc. */
function memoryOf(child: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** User and system time of a process so far, in hundredths as Linux counts them; NaN where the system has no /proc. */
function processorSeconds(child: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}
