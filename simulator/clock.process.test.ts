import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

/* The tenant's clock and what happens by itself, in the program as it is started. */

const Ready = z.object({ ready: z.literal(true), url: z.string() });
const Documents = z.object({ documents: z.array(z.looseObject({ key: z.string() })) });
const Tenant = z.object({
  workspace: z.object({ resourceId: z.string() }),
  identities: z.record(z.string(), z.object({ clientId: z.string() })),
});
const Token = z.object({ access_token: z.string() });

const IDENTITY_HEADER = "header-of-this-test";
const RULE = {
  kind: "NRT",
  properties: {
    displayName: "Secret asked for",
    enabled: true,
    severity: "High",
    suppressionEnabled: false,
    suppressionDuration: "PT1H",
    query: `union isfuzzy=true (AZKVAuditLogs | project TimeGenerated, OperationName, Uri = RequestUri),
      (AzureDiagnostics | project TimeGenerated, OperationName, Uri = requestUri_s)
      | where OperationName in ('SecretGet', 'SecretSet')`,
    eventGroupingSettings: { aggregationKind: "AlertPerResult" },
    customDetails: { Uri: "Uri" },
  },
};

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "clock-"));
  children = [];
  mkdirSync(path.join(folder, "rules"));
  writeFileSync(path.join(folder, "rules", "rule.json"), JSON.stringify({ name: "asked", ...RULE }));
});

afterEach(async () => {
  for (const child of children) await kill(child);
  rmSync(folder, { recursive: true, force: true });
});

async function start(...more: string[]): Promise<{ child: ChildProcess; url: string }> {
  const options = ["--port", "0", "--vaults", "12", "--rules", path.join(folder, "rules"), ...more];
  const child = spawn(process.execPath, ["--import", "tsx", "simulator/main.ts", ...options], {
    env: { ...process.env, SIMULATOR_IDENTITY_HEADER: IDENTITY_HEADER },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const line = output.split("\n").find((one) => one.startsWith("{") && one.endsWith("}"));
      if (line) resolve({ child, url: Ready.parse(JSON.parse(line)).url });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("close", () => reject(new Error(`The simulator ended:\n${output}`)));
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGKILL");
  await end;
}

async function documents(url: string, name: string) {
  return Documents.parse(await (await fetch(`${url}/sim/collections/${name}`)).json()).documents;
}

async function advance(url: string, wish: object): Promise<number> {
  return (await fetch(`${url}/sim/clock/advance`, { method: "POST", body: JSON.stringify(wish) })).status;
}

const BEGIN = "2026-10-01T08:00:00.000Z";
const END = "2026-10-01T16:00:00.000Z";

describe("a virtual clock", () => {
  async function left(url: string) {
    const clock = await (await fetch(`${url}/sim/clock`)).json();
    const found = { clock, alerts: await documents(url, "alerts"), incidents: await documents(url, "incidents") };
    return { ...found, rows: await documents(url, "logRows") };
  }

  test("leaves the same after kill -9 in the middle as without it", { timeout: 240_000 }, async () => {
    const options = (name: string) => [
      "--data-dir",
      path.join(folder, name),
      "--clock",
      "virtual",
      "--clock-start",
      BEGIN,
    ];
    const whole = await start(...options("whole"));
    expect(await advance(whole.url, { until: END })).toBe(200);
    const expected = await left(whole.url);
    expect(expected.alerts.length).toBeGreaterThan(3);
    expect(expected.incidents.length).toBe(expected.alerts.length);
    await kill(whole.child);

    const first = await start(...options("halves"));
    expect(await advance(first.url, { milliseconds: 3 * 3_600_000 + 12_345 })).toBe(200);
    const unfinished = advance(first.url, { until: END }).catch(() => 0);
    await kill(first.child);
    await unfinished;
    const second = await start(...options("halves"));
    expect(await advance(second.url, { until: END })).toBe(200);
    expect(await left(second.url)).toEqual(expected);
    expect(expected.clock).toMatchObject({ mode: "virtual", now: END });
    expect(await advance(second.url, { until: BEGIN })).toBe(400);
    expect(await advance(second.url, { milliseconds: -1 })).toBe(400);
  });
});

describe("a real clock", () => {
  test("turns a touch into an incident by itself, and cannot be moved", { timeout: 240_000 }, async () => {
    const { url } = await start("--fast");
    expect(await advance(url, { milliseconds: 1000 })).toBe(400);
    const tenant = Tenant.parse(await (await fetch(`${url}/sim/tenant`)).json());
    const query = `api-version=2019-08-01&resource=https://vault.azure.net&client_id=${tenant.identities.drill?.clientId}`;
    const answer = await fetch(`${url}/msi/token?${query}`, { headers: { "x-identity-header": IDENTITY_HEADER } });
    const { access_token: token } = Token.parse(await answer.json());
    const settings = await documents(url, "diagnosticSettings");
    const logged = settings.find(
      (setting) => String(setting.workspaceId).toLowerCase() === tenant.workspace.resourceId.toLowerCase(),
    );
    const vault = String(logged?.vaultId).split("/").at(-1);
    await fetch(`${url}/secrets/touched-by-the-test?api-version=7.4`, {
      headers: { "x-forwarded-host": `${vault}.vault.azure.net`, authorization: `Bearer ${token}` },
    });
    const touch = async () => {
      const alerts = await documents(url, "alerts");
      return alerts.find((alert) => JSON.stringify(alert.customDetails).includes("touched-by-the-test"));
    };
    await expect.poll(touch, { timeout: 60_000, interval: 250 }).toBeDefined();
    const alert = await touch();
    const incidents = async () => JSON.stringify(await documents(url, "incidents"));
    await expect.poll(incidents, { timeout: 60_000, interval: 250 }).toContain(String(alert?.systemAlertId));
  });
});
