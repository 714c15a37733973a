import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceContext, UserContext } from "@/lib/context";
import { importRegister } from "@/lib/register/import";
import { readBoard } from "./board";
import { startCollector } from "./testing/collector";
import { startTenant, type TestTenant } from "./testing/tenant";
import { waitFor } from "./testing/truth";

/* Vaults whose log stops although nobody changed anything: only a read of ours that does not show tells it. */

let tenant: TestTenant;
let admin: UserContext;
let collector: { stop(): Promise<void> };

beforeAll(async () => {
  tenant = await startTenant("--vaults", "30", "--seed", "1");
  const { config } = tenant.service;
  const timing = { ...config.timing, collectEvery: 500, heartbeatEvery: 1_000, rowsAwaitedFor: 12_000 };
  const service: ServiceContext = { ...tenant.service, config: { ...config, timing } };
  admin = { ...(await tenant.as("Administrator")), config: service.config };
  await importRegister(service);
  collector = startCollector(service);
});

afterAll(async () => {
  await collector?.stop();
  await tenant?.stop();
});

async function delayIngestion(milliseconds: number): Promise<void> {
  const answer = await fetch(`${tenant.url}/sim/delays`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ingestionMin: milliseconds, ingestionMax: milliseconds }),
  });
  expect(answer.status).toBe(200);
}

async function counted(): Promise<{ green: number; stopped: number }> {
  const { vaults } = await readBoard(admin);
  return {
    green: vaults.filter(({ state }) => state === "protected").length,
    stopped: vaults.filter(({ state, reason }) => state === "unprotected" && reason === "rows_stopped").length,
  };
}

test("every green vault turns red when its log stops, and green again when it goes on", async () => {
  await waitFor("green vaults", async () => (await counted()).green > 2);
  // Reads of ours that are answered leave them green.
  const before = await counted();
  expect(before.stopped).toBe(0);
  await delayIngestion(3_600_000);
  await waitFor("no vault to be green", async () => {
    const { green, stopped } = await counted();
    return green === 0 && stopped >= before.green;
  });
  await delayIngestion(1_000);
  await waitFor("the log to show our reads again", async () => {
    const { green, stopped } = await counted();
    return stopped === 0 && green >= before.green;
  });
});
