import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Readiness } from "@/lib/health/readiness.pure";
import { freePort, startProduct } from "./harness/product";
import { runScript } from "./harness/scripts";
import { truthOf } from "./harness/simulated-truth";

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(path.join(tmpdir(), "kvh-life-"));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

describe("npm start refuses what would be unsafe or half", () => {
  test("half a configuration stops the start with the names of what is missing, and no value of what is there", async () => {
    const { code, output } = await runScript("start", {
      DATA_DIR: folder(),
      AZURE_TENANT_ID: "7f9c2c3e-8a51-4d0f-9f43-0f6a5f2f1a11",
      AUTH_API_CLIENT_SECRET: "hunter2-hunter2",
    });
    expect(code).toBe(2);
    expect(output).toContain("AUTH_SPA_CLIENT_ID");
    expect(output).toContain("SENTINEL_WORKSPACE_RESOURCE_ID");
    expect(output).not.toContain("hunter2");
  });

  test("the simulated tenant is never offered to the network", async () => {
    const { code, output } = await runScript("start", { DATA_DIR: folder(), HOST: "0.0.0.0" });
    expect(code).toBe(2);
    expect(output).toMatch(/loopback|127\.0\.0\.1/);
  });

  test("an unsupported cloud stops the start", async () => {
    const { code, output } = await runScript("start", { DATA_DIR: folder(), AZURE_CLOUD: "AzureChinaCloud" });
    expect(code).toBe(2);
    expect(output).toContain("AZURE_CLOUD");
  });

  test("a taken port is named, with the way out", async () => {
    const port = await freePort();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(port, "127.0.0.1", resolve));
    const { code, output } = await runScript("start", { DATA_DIR: folder(), PORT: String(port) });
    taken.close();
    expect(code).not.toBe(0);
    expect(output).toContain(String(port));
    expect(output).toContain("PORT=");
  });
});

describe("a running product", () => {
  test("keeps what was done over a restart, keeps its folder to itself, and is reset only when it is stopped", async () => {
    const dataDir = folder();
    const first = await startProduct({ dataDir, vaults: 40 });
    const tenant = await truthOf(first.simulatorUrl).tenant();
    expect(first.output()).toContain("simulated tenant");
    expect(first.output().match(/http:\/\/localhost:\d+/g)).toEqual([first.url]);

    const second = await runScript("start", {
      DATA_DIR: dataDir,
      PORT: String(await freePort()),
      SIMULATOR_VAULTS: "40",
    });
    expect(second.code).not.toBe(0);
    expect(second.output).toMatch(/process \d+|\b\d{2,}\b/);
    const refused = await runScript("reset", { DATA_DIR: dataDir });
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/running/i);
    expect(await first.stop()).toBe(0);

    const again = await startProduct({ dataDir, vaults: 40 });
    expect((await truthOf(again.simulatorUrl).tenant()).tenantId).toBe(tenant.tenantId);
    expect(await again.stop()).toBe(0);

    const reset = await runScript("reset", { DATA_DIR: dataDir });
    expect(reset.code).toBe(0);
    expect(readdirSync(dataDir)).toEqual([]);
  }, 300_000);

  test("lives without its database, and says that it is not ready and why", async () => {
    const nowhere = `postgres://nobody:hunter2@127.0.0.1:${await freePort()}/none`;
    const product = await startProduct({ dataDir: folder(), vaults: 20, env: { DATABASE_URL: nowhere } });
    try {
      const live = await fetch(`${product.url}/api/health`);
      expect([live.status, await live.json()]).toEqual([200, { status: "live" }]);
      const ready = await fetch(`${product.url}/api/ready`);
      const text = await ready.text();
      expect(ready.status).toBe(503);
      expect(Readiness.parse(JSON.parse(text))).toMatchObject({ status: "unavailable", parts: [{ name: "store" }] });
      expect(text).not.toContain("hunter2");
    } finally {
      await product.stop();
    }
  }, 300_000);

  test("leaves no process behind when it is stopped", async () => {
    const product = await startProduct({ vaults: 40 });
    await product.stop();
    for (const url of [product.url, `${product.simulatorUrl}/sim/health`]) await expect(fetch(url)).rejects.toThrow();
  }, 300_000);
});
