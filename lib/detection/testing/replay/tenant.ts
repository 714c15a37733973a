import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Random } from "@/lib/decoys/random";
import type { RuleBody } from "../../rule-export";
import type { RegisterRow } from "./decoys";
import type { ReplayRow } from "./rows";

const MINUTE = 60_000;
const ROWS_PER_CALL = 5000;
/** As often as the product reads each watched vault. */
const HEARTBEAT_MS = 6 * 60 * MINUTE;
const API = "api-version=2025-09-01";

const Ready = z.object({ ready: z.literal(true), url: z.string() });
const Note = z.object({
  workspace: z.object({ resourceId: z.string() }),
  watchlistAlias: z.string(),
  identities: z.object({
    collector: z.object({ clientId: z.string(), objectId: z.string() }),
    registrar: z.object({ clientId: z.string() }),
    planter: z.object({ objectId: z.string() }),
  }),
});
const Vault = z.object({ id: z.string(), name: z.string() });
const Alert = z.object({
  ruleId: z.string(),
  severity: z.enum(["High", "Medium", "Low", "Informational"]),
  displayName: z.string(),
  processedAt: z.number(),
  customDetails: z.record(z.string(), z.array(z.string())),
  entities: z.array(z.object({ type: z.string(), fields: z.record(z.string(), z.string()) })),
});
export type RaisedAlert = z.infer<typeof Alert>;
const LogRow = z.object({
  table: z.string(),
  timeGenerated: z.number(),
  ingestedAt: z.number(),
  values: z.record(z.string(), z.unknown()),
});
export type LogRow = z.infer<typeof LogRow>;
const Item = z.object({ fields: z.record(z.string(), z.string()), deleted: z.boolean().optional() });

/** A simulated tenant whose clock stands until it is moved, with Azure's real delays and the given rules. */
export interface ReplayTenant {
  /** Milliseconds since 1970. */
  now(): number;
  planterOid: string;
  vaults(): Promise<z.infer<typeof Vault>[]>;
  /** The rows of the register, older forms included. */
  register(): Promise<Record<string, string>[]>;
  publish(rows: readonly RegisterRow[]): Promise<void>;
  write(rows: readonly ReplayRow[]): Promise<void>;
  /** Moves the clock in steps of `step` milliseconds on average; before each the rules' delays are drawn anew. */
  advance(milliseconds: number, step?: number): Promise<void>;
  /** All alerts of all rules so far. */
  alerts(): Promise<RaisedAlert[]>;
  /** Everything in the log of the last 30 days, everyday traffic included. */
  log(): Promise<LogRow[]>;
  stop(): Promise<void>;
}

/** Starts one; call `stop` at the end, also after a failure. `start` is the time on its clock, milliseconds since 1970. */
export async function startReplay(options: {
  vaults: number;
  seed: number;
  start: number;
  rules: readonly RuleBody[];
  random: Random;
}): Promise<ReplayTenant> {
  const folder = mkdtempSync(path.join(tmpdir(), "replay-"));
  for (const rule of options.rules) writeFileSync(path.join(folder, `${rule.name}.json`), JSON.stringify(rule));
  const header = randomBytes(16).toString("hex");
  const flags = ["--vaults", options.vaults, "--seed", options.seed, "--clock", "virtual", "--rules", folder];
  const start = [
    "--clock-start",
    new Date(options.start).toISOString(),
    "--port",
    "0",
    "--no-throttle",
    "--with-parent",
  ];
  const child = spawn(
    process.execPath,
    ["node_modules/tsx/dist/cli.mjs", "simulator/main.ts", ...flags.map(String), ...start],
    { env: { ...process.env, SIMULATOR_IDENTITY_HEADER: header }, stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("exit", (code) => reject(new Error(`The simulator ended with ${code} before it was ready.`)));
    });
    const { url } = Ready.parse(JSON.parse(line));
    const note = Note.parse(await json(`${url}/sim/tenant`));
    return { ...tenantAt(url, note, header, options), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function tenantAt(
  url: string,
  note: z.infer<typeof Note>,
  header: string,
  options: { start: number; random: Random },
): Omit<ReplayTenant, "stop"> {
  let now = options.start;
  let beatAt = 0;
  const { random } = options;
  const list = `https://management.azure.com${note.workspace.resourceId}/providers/Microsoft.SecurityInsights/watchlists/${note.watchlistAlias}`;
  const collection = async <T>(name: string, schema: z.ZodType<T>) =>
    z.object({ documents: z.array(schema) }).parse(await json(`${url}/sim/collections/${name}`)).documents;
  const write = async (rows: readonly ReplayRow[]) => {
    for (let from = 0; from < rows.length; from += ROWS_PER_CALL)
      await post(`${url}/sim/log-rows`, { rows: rows.slice(from, from + ROWS_PER_CALL) });
  };
  /** The reads by which the product's collector shows that a log still arrives. */
  const beat = async () => {
    const vaults = await collection("vaults", Vault);
    const { clientId: appId, objectId: oid } = note.identities.collector;
    await write(vaults.map((vault) => heartbeatOf(vault, { oid, appId }, now)));
    beatAt = now + HEARTBEAT_MS;
  };
  return {
    now: () => now,
    planterOid: note.identities.planter.objectId,
    vaults: () => collection("vaults", Vault),
    register: async () =>
      (await collection("watchlistItems", Item)).filter(({ deleted }) => !deleted).map(({ fields }) => fields),
    publish: async (rows) => {
      const token = await tokenOf(url, header, note.identities.registrar.clientId);
      for (const row of rows) {
        const target = new URL(`${list}/watchlistItems/${randomUUID()}?${API}`);
        await json(`${url}${target.pathname}${target.search}`, {
          method: "PUT",
          headers: {
            authorization: `Bearer ${token}`,
            "x-forwarded-host": target.host,
            "content-type": "application/json",
          },
          body: JSON.stringify({ properties: { itemsKeyValue: row } }),
        });
      }
    },
    write,
    advance: async (milliseconds, step = 11 * MINUTE) => {
      const until = now + milliseconds;
      while (now < until) {
        if (now >= beatAt) await beat();
        now = Math.min(until, now + Math.round(step * (0.5 + random())));
        const nearRealTimeDelay = Math.round(MINUTE * (1.5 + random()));
        await post(`${url}/sim/delays`, { nearRealTimeDelay }, "PATCH");
        await post(`${url}/sim/clock/advance`, { until: new Date(now).toISOString() });
      }
    },
    alerts: () => collection("alerts", Alert),
    log: async () => {
      const answer = await json(`${url}/sim/log-rows?background=true`);
      return z.object({ rows: z.array(LogRow) }).parse(answer).rows;
    },
  };
}

function heartbeatOf(
  { id, name }: z.infer<typeof Vault>,
  collector: { oid: string; appId: string },
  now: number,
): ReplayRow {
  return {
    table: "AZKVAuditLogs",
    vault: name,
    operation: "VaultGet",
    status: 200,
    requestUri: `https://management.azure.com${id}?api-version=2023-07-01`,
    // A while ago: a rule's first run looks at nothing younger than its own delay.
    at: new Date(now - 30 * MINUTE).toISOString(),
    arrives: new Date(now).toISOString(),
    caller: { ...collector, kind: "ServicePrincipal" },
    callerAddress: "10.0.0.4",
    correlationId: randomUUID(),
    throughArm: true,
  };
}

async function tokenOf(url: string, header: string, clientId: string): Promise<string> {
  const query = new URLSearchParams({
    "api-version": "2019-08-01",
    resource: "https://management.azure.com",
    client_id: clientId,
  });
  const answer = await json(`${url}/msi/token?${query}`, { headers: { "x-identity-header": header } });
  return z.object({ access_token: z.string() }).parse(answer).access_token;
}

function post(url: string, body: object, method = "POST"): Promise<unknown> {
  return json(url, { method, body: JSON.stringify(body) });
}

async function json(url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, init);
  if (!response.ok)
    throw new Error(`${init.method ?? "GET"} ${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
