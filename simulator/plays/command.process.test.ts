import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/* `npm run play` against a tenant of its own, which it finds by the data folder. */

let dataDir: string;
let simulator: ChildProcess;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "play-"));
  const args = ["--port", "0", "--vaults", "12", "--fast", "--clock", "virtual", "--data-dir", dataDir];
  simulator = spawn(process.execPath, ["--import", "tsx", "simulator/main.ts", "--with-parent", ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    simulator.stdout?.once("data", resolve);
    simulator.once("exit", () => reject(new Error("The simulator ended.")));
  });
});

afterAll(async () => {
  const ended = new Promise((resolve) => simulator.once("exit", resolve));
  simulator.kill("SIGKILL");
  await ended;
  rmSync(dataDir, { recursive: true, force: true });
});

function play(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/play.ts", ...args], {
    env: { ...process.env, DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

describe("npm run play", () => {
  test("lists what can be played, with the settings of each", async () => {
    const { code, output } = await play("--list");
    expect(code).toBe(0);
    expect(output).toMatch(/^slow-and-low$/m);
    expect(output).toMatch(/--every-hours .*usually 5/);
  });

  test("plays to the end under a virtual clock that it advances, and shows each step with its row", async () => {
    const { code, output } = await play(
      ...["careful-picker", "--vault", "kv-payments-prod-weu-01", "--wait-hours", "2", "--advance"],
    );
    expect(code).toBe(0);
    expect(output).toMatch(/SecretList 200 in (AzureDiagnostics|AZKVAuditLogs)/);
    expect(output).toMatch(/SecretGet 200 in (AzureDiagnostics|AZKVAuditLogs)/);
    expect(output).toContain("Done: 2 steps, 2 rows in the log.");
  });

  test.each([
    [["pick-a-lock", "--vault", "kv-payments-prod-weu-01"], /There is no play pick-a-lock/],
    [["list-then-get"], /^vault: /m],
    [["list-then-get", "--vault", "kv-payments-prod-weu-01", "--reads", "3"], /--reads/],
    [[], /^Usage: /],
  ])("refuses %j with a sentence", async (args, message) => {
    const { code, output } = await play(...args);
    expect(code).toBe(2);
    expect(output).toMatch(message);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
