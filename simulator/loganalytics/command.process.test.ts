import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";

/* `npm run kql` against a tenant that runs, which it finds by the data folder or the port. */

const Ready = z.object({ port: z.number() });

let dataDir: string;
let simulator: ChildProcess;
let port: number;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "kql-"));
  const args = ["--port", "0", "--vaults", "12", "--clock", "virtual", "--data-dir", dataDir];
  simulator = spawn(process.execPath, ["--import", "tsx", "simulator/main.ts", "--with-parent", ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve, reject) => {
    simulator.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    simulator.once("exit", () => reject(new Error("The simulator ended.")));
  });
  port = Ready.parse(JSON.parse(line)).port;
});

afterAll(async () => {
  const ended = new Promise((resolve) => simulator.once("exit", resolve));
  simulator.kill("SIGKILL");
  await ended;
  rmSync(dataDir, { recursive: true, force: true });
});

function kql(folder: string, ...args: string[]): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "simulator/loganalytics/command.ts", ...args], {
    env: { ...process.env, DATA_DIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output, errors })));
}

// Each query is a process of its own, which takes long on a busy machine.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 200_000 });

test("asks the tenant that runs on the data folder or the port, and sees what was done there", async () => {
  const span = { from: "2026-10-01T00:00:00Z", until: "2026-10-01T01:00:00Z" };
  await fetch(`http://127.0.0.1:${port}/sim/clock/advance`, { method: "POST", body: '{"milliseconds":600000}' });
  await fetch(`http://127.0.0.1:${port}/sim/log-rows/fill`, {
    method: "POST",
    body: JSON.stringify({ rows: 7, ...span }),
  });
  const tenant = z
    .object({ workspace: z.object({ customerId: z.string() }) })
    .parse(await (await fetch(`http://127.0.0.1:${port}/sim/tenant`)).json());
  const query = "AZKVAuditLogs | union AzureDiagnostics | take 1 | project TenantId";
  for (const where of [[], ["--port", String(port)]]) {
    const { code, output, errors } = await kql(where.length === 0 ? dataDir : tmpdir(), query, "--json", ...where);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(JSON.parse(output)).toEqual([{ TenantId: tenant.workspace.customerId }]);
  }
});

test("says where a query is wrong, and when no tenant was asked", async () => {
  const wrong = await kql(dataDir, "AzureDiagnostics\n| wher x");
  expect(wrong.code).toBe(1);
  expect(wrong.errors).toMatch(/^KS\d+: .*\(line 2, column 3\)/);
  expect(await kql(dataDir, "print 1", "--port", "1")).toMatchObject({
    code: 2,
    errors: "No simulated tenant answers on port 1.\n",
  });
  const fresh = await kql(dataDir, "print one = 1", "--json", "--vaults", "3");
  expect(fresh).toMatchObject({ code: 0, output: expect.stringContaining('"one": 1') });
  expect(fresh.errors).toContain("a fresh one, which is not kept");
});
