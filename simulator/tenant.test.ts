import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Settings } from "./context";
import { lockFolder, tenantFolder } from "./folder";
import { OptionError, parseOptions } from "./options";
import type { Services } from "./server";
import { type RunningTenant, startTenant } from "./tenant";

let dataDir: string;
let running: RunningTenant[];

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "tenant-"));
  running = [];
});

afterEach(async () => {
  for (const tenant of running) await tenant.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const nothing = async () => ({ status: 204 });

/** Writes when asked for ARM, and is silent otherwise. */
const services = (): Services => ({
  entra: nothing,
  identity: nothing,
  keyvault: nothing,
  loganalytics: nothing,
  graph: nothing,
  control: async () => ({ status: 200, body: { pid: process.pid } }),
  arm: async (request, context) => {
    context.model.subscriptions.put(request.path, { id: request.path, name: "made by a request" });
    return { status: 200 };
  },
});

async function start(more: Partial<Settings> = {}): Promise<RunningTenant> {
  const { settings } = parseOptions(["--port", "0", "--vaults", "5", "--fast", "--data-dir", dataDir]);
  const tenant = await startTenant({
    settings: { ...settings, ...more },
    services,
    onFault: (error) => {
      throw error;
    },
  });
  running.push(tenant);
  return tenant;
}

async function stop(tenant: RunningTenant): Promise<void> {
  running = running.filter((one) => one !== tenant);
  await tenant.stop();
}

async function write(tenant: RunningTenant, name: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${tenant.port}/${name}`, {
    method: "PUT",
    headers: { "x-forwarded-host": "management.azure.com" },
  });
  expect(answer.status).toBe(200);
}

describe("a tenant in a folder", () => {
  test("is the same tenant after a restart, with what was changed", async () => {
    const first = await start();
    await write(first, "one");
    const { identity } = first.context;
    await stop(first);
    const second = await start();
    expect(second.context.identity).toEqual(identity);
    expect(second.context.model.subscriptions.get("/one")?.name).toBe("made by a request");
  });

  test("loses only the torn last line of its journal, and can be written to after it", async () => {
    const first = await start();
    await write(first, "kept");
    await stop(first);
    const journal = path.join(tenantFolder(dataDir), "journal.jsonl");
    appendFileSync(journal, '[{"c":"subscriptions","k":"/torn","v":{"id":"/torn","na');
    const second = await start();
    expect(second.context.model.subscriptions.get("/kept")).toBeDefined();
    expect(second.context.model.subscriptions.get("/torn")).toBeUndefined();
    await write(second, "after");
    await stop(second);
    const third = await start();
    expect(third.context.model.subscriptions.get("/after")).toBeDefined();
  });

  test("with a virtual clock goes on where it stood, and is not handed to an earlier real one", async () => {
    const virtualClock = { start: Date.UTC(2090, 0) };
    const first = await start({ virtualClock });
    expect(first.context.now()).toBe(virtualClock.start);
    await first.timekeeper.advanceTo(virtualClock.start + 5000);
    await expect(first.timekeeper.advanceTo(virtualClock.start)).rejects.toThrow("cannot go back");
    await stop(first);
    const second = await start({ virtualClock: {} });
    expect(second.context.now()).toBe(virtualClock.start + 5000);
    expect(second.context.identity).toEqual(first.context.identity);
    await stop(second);
    await expect(start()).rejects.toThrow("--clock virtual");
  });

  test("with a real clock cannot be advanced", async () => {
    const tenant = await start();
    await expect(tenant.timekeeper.advanceTo(Date.now())).rejects.toThrow("is real");
  });

  test("writes nothing of the world into the journal", async () => {
    await stop(await start());
    expect(readFileSync(path.join(tenantFolder(dataDir), "journal.jsonl"), "utf8")).toBe("");
  });

  test("keeps its signing key to itself", async () => {
    await stop(await start());
    const file = path.join(tenantFolder(dataDir), "signing-key.pem");
    const key = readFileSync(file, "utf8");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await stop(await start());
    expect(readFileSync(file, "utf8")).toBe(key);
  });

  test("is refused with another seed or size, and when its note is damaged", async () => {
    await stop(await start());
    await expect(start({ seed: 2 })).rejects.toThrow("made with seed 1; 5 vaults with seed 2 were asked for");
    await expect(start({ vaults: 6 })).rejects.toThrow("6 vaults with seed 1 were asked for");
    writeFileSync(path.join(tenantFolder(dataDir), "tenant.json"), "{");
    await expect(start()).rejects.toThrow("is damaged");
  });
});

describe("the lock of a folder", () => {
  test("names a living holder", async () => {
    await start();
    const lock = path.join(tenantFolder(dataDir), "lock.json");
    // The same process may start again over its own stale lock, so the holder here is made to be another living one.
    writeFileSync(lock, JSON.stringify({ pid: process.ppid }));
    await expect(start()).rejects.toThrow(`in use by the simulated tenant of process ${process.ppid}`);
  });

  test("of a process that is gone, or whose id somebody else has now, is taken over", async () => {
    const folder = tenantFolder(dataDir);
    (await lockFolder(folder)).release();
    writeFileSync(path.join(folder, "lock.json"), JSON.stringify({ pid: 2 ** 30 }));
    await stop(await start());
    writeFileSync(path.join(folder, "lock.json"), JSON.stringify({ pid: process.ppid, port: 1 }));
    await stop(await start());
    writeFileSync(path.join(folder, "lock.json"), "not a lock");
    await stop(await start());
  });
});

describe("the command line", () => {
  test("has Azure's real delays unless it is told to be fast", () => {
    expect(parseOptions([]).settings).toMatchObject({
      port: 4280,
      vaults: 240,
      seed: 1,
      throttle: true,
      delays: { ingestionMin: 180_000, diagnostics: 5_400_000 },
    });
    expect(parseOptions(["--fast", "--delay-ingestion", "200-400"]).settings.delays).toMatchObject({
      ingestionMin: 200,
      ingestionMax: 400,
      watchlist: 1500,
    });
  });

  test("takes each delay and a virtual clock", () => {
    const args = [
      "--fast",
      "--delay-ingestion-late",
      "2.5:90000",
      "--delay-nrt-cadence",
      "1000",
      "--delay-incident",
      "7",
    ];
    expect(parseOptions(args).settings.delays).toMatchObject({
      ingestionLatePercent: 2.5,
      ingestionLateMax: 90_000,
      nearRealTimeCadence: 1000,
      nearRealTimeDelay: 2000,
      incident: 7,
    });
    expect(parseOptions([]).settings).not.toHaveProperty("virtualClock");
    expect(parseOptions(["--clock", "virtual"]).settings.virtualClock).toEqual({});
    expect(parseOptions(["--clock", "virtual", "--clock-start", "2026-10-01"]).settings.virtualClock).toEqual({
      start: Date.UTC(2026, 9, 1),
    });
  });

  test.each([
    [["--vaults", "0"], "--vaults"],
    [["--vaults", "1e3"], "--vaults"],
    [["--port", "70000"], "--port"],
    [["--delay-ingestion", "400-200"], "--delay-ingestion"],
    [["--app-origin", "localhost:3000"], "--app-origin"],
    [["--app-origin", "http://localhost:3000/path"], "--app-origin"],
    [["--step-up", "graph"], "--step-up"],
    [["--clock", "stopped"], "--clock"],
    [["--clock-start", "2026-10-01"], "--clock-start"],
    [["--clock", "virtual", "--clock-start", "1 October"], "--clock-start"],
    [["--delay-ingestion-late", "101"], "--delay-ingestion-late"],
    [["--delay-nrt-cadence", "0"], "--delay-nrt-cadence"],
    [["--subscriptions", "2"], "--subscriptions"],
    [["--open-estate", "--data-dir", "anywhere"], "--open-estate"],
    [["--nonsense"], "nonsense"],
  ])("%j is refused, naming the flag", (args, name) => {
    expect(() => parseOptions(args)).toThrow(OptionError);
    expect(() => parseOptions(args)).toThrow(name);
  });
});
