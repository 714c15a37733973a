import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

const Ready = z.object({ ready: z.literal(true), port: z.number(), url: z.string() });
const Tenant = z.object({
  tenantId: z.string(),
  apiClientId: z.string(),
  workspace: z.object({ resourceId: z.string() }),
  identities: z.record(z.string(), z.object({ clientId: z.string(), objectId: z.string() })),
});
const Token = z.object({ access_token: z.string() });
const Documents = z.object({ documents: z.array(z.looseObject({ key: z.string() })) });

const IDENTITY_HEADER = "header-of-this-test";

let dataDir: string;
let children: ChildProcess[];

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "simulator-"));
  children = [];
});

afterEach(async () => {
  for (const child of children) await ended(child, "SIGKILL");
  rmSync(dataDir, { recursive: true, force: true });
});

interface Started {
  child: ChildProcess;
  url: string;
}

function launch(args: string[]): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, ["--import", "tsx", "simulator/main.ts", ...args], {
    env: { ...process.env, SIMULATOR_IDENTITY_HEADER: IDENTITY_HEADER },
    stdio: ["pipe", "pipe", "pipe"],
  });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  return { child, output: () => text };
}

async function start(...more: string[]): Promise<Started> {
  const { child, output } = launch(["--port", "0", "--vaults", "12", "--fast", "--data-dir", dataDir, ...more]);
  for (;;) {
    const line = output()
      .split("\n")
      .find((one) => one.startsWith("{") && one.endsWith("}"));
    if (line) return { child, url: Ready.parse(JSON.parse(line)).url };
    if (child.exitCode !== null) throw new Error(`The simulator ended:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const end = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  if (signal) child.kill(signal);
  return end;
}

/** A token of the registrar, for the one write that this test makes. */
async function token(url: string): Promise<{ tenant: z.infer<typeof Tenant>; bearer: string }> {
  const tenant = Tenant.parse(await (await fetch(`${url}/sim/tenant`)).json());
  const clientId = tenant.identities.registrar?.clientId;
  const answer = await fetch(
    `${url}/msi/token?api-version=2019-08-01&resource=https://management.azure.com&client_id=${clientId}`,
    {
      headers: { "x-identity-header": IDENTITY_HEADER },
    },
  );
  return { tenant, bearer: `Bearer ${Token.parse(await answer.json()).access_token}` };
}

const ITEM = "11111111-2222-4333-8444-555555555555";

async function putItem(url: string, bearer: string, workspace: string): Promise<number> {
  const answer = await fetch(
    `${url}${workspace}/providers/Microsoft.SecurityInsights/watchlists/HoneyTokens/watchlistItems/${ITEM}?api-version=2025-09-01`,
    {
      method: "PUT",
      headers: {
        "x-forwarded-host": "management.azure.com",
        authorization: bearer,
        "content-type": "application/json",
      },
      body: JSON.stringify({ properties: { itemsKeyValue: { ResourceId: "/kept", HoneyToken: "kept-over-a-kill" } } }),
    },
  );
  return answer.status;
}

async function itemKeys(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/sim/collections/watchlistItems`);
  return Documents.parse(await answer.json()).documents.map(({ key }) => key);
}

describe("the simulated tenant as a process", () => {
  test("keeps what it answered over kill -9, and tokens of before stay good", async () => {
    const first = await start();
    const { tenant, bearer } = await token(first.url);
    expect([200, 201]).toContain(await putItem(first.url, bearer, tenant.workspace.resourceId));
    await ended(first.child, "SIGKILL");

    const second = await start();
    expect((await itemKeys(second.url)).some((key) => key.endsWith(ITEM))).toBe(true);
    expect(Tenant.parse(await (await fetch(`${second.url}/sim/tenant`)).json())).toEqual(tenant);
    expect([200, 201]).toContain(await putItem(second.url, bearer, tenant.workspace.resourceId));
    expect(await ended(second.child, "SIGTERM")).toBe(0);
  });

  test("is refused by a folder that another one uses, with a sentence and exit code 2", async () => {
    const first = await start();
    const { child, output } = launch(["--port", "0", "--vaults", "12", "--data-dir", dataDir]);
    expect(await ended(child)).toBe(2);
    expect(output()).toContain(`in use by the simulated tenant of process ${first.child.pid}`);
    expect((await fetch(`${first.url}/sim/health`)).status).toBe(200);
  });

  test("names a taken port and a wrong option with exit code 2", async () => {
    const first = await start();
    const port = new URL(first.url).port;
    const taken = launch(["--port", port, "--vaults", "1"]);
    expect(await ended(taken.child)).toBe(2);
    expect(taken.output()).toContain("The port is taken");
    const wrong = launch(["--vaults", "many"]);
    expect(await ended(wrong.child)).toBe(2);
    expect(wrong.output()).toContain("--vaults must be a whole number");
  });

  test("ends by itself when the program that started it is gone", async () => {
    const { child } = await start("--with-parent");
    child.stdin?.end();
    expect(await ended(child)).toBe(0);
  });
});
