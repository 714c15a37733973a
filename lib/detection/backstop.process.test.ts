import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import { putWatchlistItem } from "@/lib/azure/watchlists";
import type { ServiceContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { changeSettings } from "@/lib/settings/settings";
import { backstopJobs, compareTouches } from "./backstop";
import { listMissedTouches, readMissedTouches } from "./missed-touches";
import { ruleBodies } from "./rule-export";

/* Touches that the simulated Sentinel raises an alert for, late or in time, and touches that nobody is told of. */

let tenant: TestTenant;
let decoy: { vault: string; vaultId: string; name: string };

const Item = z.object({ fields: z.record(z.string(), z.string()), deleted: z.boolean().optional() });
const Alert = z.object({ ruleId: z.string(), customDetails: z.record(z.string(), z.array(z.string())) });

beforeAll(async () => {
  tenant = await startTenant("--vaults", "30", "--seed", "1");
  const items = await tenant.collection("watchlistItems", Item);
  const found = items.find(({ fields }) => fields.State === "live" && fields.Properties?.includes("secret"));
  if (!found) throw new Error("The register names no living secret.");
  const { ResourceId: vaultId = "", HoneyToken: name = "" } = found.fields;
  decoy = { vaultId: vaultId.toLowerCase(), vault: vaultId.split("/").at(-1) ?? "", name };
});

afterAll(() => tenant?.stop());

async function control(method: string, path: string, body?: unknown): Promise<void> {
  const answer = await fetch(`${tenant.url}/sim/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
}

/** A row of the audit log about the decoy, there in a second. */
async function touch(caller: string, change: Record<string, unknown> = {}): Promise<void> {
  const now = Date.now();
  const row = {
    table: "AZKVAuditLogs",
    vault: decoy.vault,
    operation: "SecretGet",
    status: 200,
    requestUri: `https://${decoy.vault}.vault.azure.net/secrets/${decoy.name}/?api-version=7.4`,
    at: new Date(now).toISOString(),
    arrives: new Date(now + 1_000).toISOString(),
    caller: { oid: caller, appId: "", kind: "User", upn: "mallory@contoso.test" },
    ...change,
  };
  await control("POST", "log-rows", { rows: [row] });
}

/** The same service with less patience, so that nobody waits for half a minute. */
function hasty(missedAfter: number): ServiceContext {
  const { config } = tenant.service;
  return { ...tenant.service, config: { ...config, timing: { ...config.timing, missedAfter } } };
}

async function switchRules(enabled: boolean): Promise<void> {
  const admin = await tenant.as("Administrator");
  const token = await admin.asUser.credential.getToken("https://management.azure.com/.default");
  const headers = {
    "x-forwarded-host": "management.azure.com",
    authorization: `Bearer ${token?.token}`,
    "content-type": "application/json",
  };
  const rules = `${tenant.url}${tenant.service.config.workspace.resourceId}/providers/Microsoft.SecurityInsights/alertRules`;
  for (const { name, kind, properties } of ruleBodies().filter((rule) => rule.properties.enabled === true)) {
    const url = `${rules}/${name}?api-version=2024-09-01`;
    const { etag } = z.object({ etag: z.string() }).parse(await (await fetch(url, { headers })).json());
    const body = JSON.stringify({ kind, etag, properties: { ...properties, enabled } });
    expect((await fetch(url, { method: "PUT", headers, body })).ok).toBe(true);
  }
}

const alertOf = (caller: string) =>
  vi.waitFor(
    async () => {
      const alerts = await tenant.collection("alerts", Alert);
      expect(alerts.filter(({ customDetails }) => customDetails.Caller?.includes(caller))).not.toEqual([]);
    },
    { timeout: 60_000, interval: 500 },
  );

const missedBy = async (caller: string) =>
  (await listMissedTouches(tenant.service.db, new Date())).filter((missed) => missed.caller === caller);

const UNSEEN = "aaaaaaaa-1111-4000-8000-000000000001";
const SEEN = "aaaaaaaa-1111-4000-8000-000000000002";
const LATE = "aaaaaaaa-1111-4000-8000-000000000003";

test("a touch that no rule was there for is reported, what only looks like a touch is not", async () => {
  const admin = await tenant.as("Administrator");
  const value = { url: "http://127.0.0.1:9/hook", leastSeverity: "Low" as const };
  await changeSettings(admin, { group: "webhook", value, basedOn: null });
  await switchRules(false);
  await touch(UNSEEN);
  await touch(UNSEEN, { operation: "SecretListVersions", table: "AzureDiagnostics" });
  const handshake = "aaaaaaaa-1111-4000-8000-000000000009";
  await touch(handshake, { operation: "Authentication", status: 401 });
  await pause(2_000);
  await compareTouches(hasty(0));
  expect(await missedBy(UNSEEN)).toMatchObject([
    { vaultId: decoy.vaultId, decoy: decoy.name, callerName: "mallory@contoso.test", touches: 2, resolvedAt: null },
  ]);
  expect((await missedBy(UNSEEN))[0]?.operations.toSorted()).toEqual(["SecretGet", "SecretListVersions"]);
  expect(await missedBy(handshake)).toEqual([]);
});

const messages = async () =>
  (await tenant.service.db.selectFrom("webhook_delivery").selectAll().execute()).map(({ body }) => body);
const notices = () => tenant.service.db.selectFrom("notice").select(["kind", "vault_id"]).execute();

test("the webhook and the vault's owners are told of it, without a name", async () => {
  const [body = "", ...others] = await messages();
  expect(others).toEqual([]);
  const { origin } = tenant.service.config;
  expect(JSON.parse(body)).toMatchObject({
    ...{ event: "touch.missed", vaults: [decoy.vaultId], total: 1, touches: 2, url: `${origin}/setup/detection` },
  });
  expect(await notices()).toEqual([{ kind: "touched", vault_id: decoy.vaultId }]);
  for (const name of [decoy.name, UNSEEN, "mallory"]) expect(body.toLowerCase()).not.toContain(name.toLowerCase());
});

test("looking again reports and tells nothing twice", async () => {
  await compareTouches(hasty(0));
  expect(await missedBy(UNSEEN)).toMatchObject([{ touches: 2 }]);
  expect(await messages()).toHaveLength(1);
});

test("of a drill's own touch, and of a mere look, the security team is told and the owners are not", async () => {
  await tenant.service.db.deleteFrom("notice").execute();
  await touch(tenant.service.config.identities.drill.objectId);
  await touch("aaaaaaaa-1111-4000-8000-000000000005", { operation: "SecretListVersions" });
  await pause(2_000);
  await compareTouches(hasty(0));
  expect((await messages()).map((body) => JSON.parse(body).touches).toSorted()).toEqual([2, 2]);
  expect(await notices()).toEqual([]);
});

test("a touch with an alert is not reported, and the one before stays", async () => {
  // A rule that is switched on begins with the rows of the last seconds.
  await pause(8_000);
  await switchRules(true);
  await touch(SEEN);
  await alertOf(SEEN);
  await pause(2_000);
  await compareTouches(hasty(0));
  expect(await missedBy(SEEN)).toEqual([]);
  expect(await missedBy(UNSEEN)).toMatchObject([{ resolvedAt: null }]);
});

test("what has just arrived is given time", async () => {
  await switchRules(false);
  const young = "aaaaaaaa-1111-4000-8000-000000000004";
  await touch(young);
  await pause(2_000);
  await compareTouches(hasty(60_000));
  expect(await missedBy(young)).toEqual([]);
  await switchRules(true);
});

test("an alert that comes after all is noted", async () => {
  await control("PATCH", "delays", { nearRealTimeDelay: 15_000 });
  await touch(LATE);
  await pause(2_000);
  await compareTouches(hasty(0));
  expect(await missedBy(LATE)).toMatchObject([{ resolvedAt: null }]);
  await alertOf(LATE);
  await pause(2_000);
  await compareTouches(hasty(0));
  expect(await missedBy(LATE)).toMatchObject([{ touches: 1, resolvedAt: expect.any(String) }]);
});

const PLANTER = "aaaaaaaa-1111-4000-8000-00000000000a";
const EXPECTED = "aaaaaaaa-1111-4000-8000-00000000000b";

/** A register row of another honeytoken in the vault, just planted, and an exception for that one, confirmed right after. */
async function publishWithException(name: string): Promise<void> {
  const { config, azure } = tenant.service;
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const TokenKey = `${decoy.vaultId}/secrets/${name}`;
  const rows = [
    {
      ...{ ResourceId: decoy.vaultId, ResourceProvider: "Microsoft.KeyVault", HoneyToken: name },
      ...{ Properties: '{"Type":"secret"}', TokenKey, State: "live" },
      ...{ PlanterOid: PLANTER, WindowStart: at(-10), WindowEnd: at(10) },
    },
    {
      ...{ ResourceId: "exception/e1", ResourceProvider: "Exception", HoneyToken: "(exception)" },
      ...{ Properties: '{"Type":"exception","Operation":"SecretGet","Id":"e1"}', TokenKey, State: "exception" },
      ...{ PlanterOid: EXPECTED, WindowStart: at(-5), WindowEnd: at(60) },
    },
  ];
  for (const row of rows)
    await putWatchlistItem(azure.registrar, config.workspace.resourceId, config.watchlistAlias, randomUUID(), row);
  const read = "_GetWatchlist('HoneyTokens') | project TokenKey = tostring(TokenKey)";
  await vi.waitFor(
    async () => {
      const Row = z.object({ TokenKey: z.string() });
      const shown = await queryLogs(azure.collector, config.workspace.customerId, { kql: read }, Row);
      expect(shown.filter((row) => row.TokenKey === TokenKey)).toHaveLength(2);
    },
    { timeout: 30_000, interval: 500 },
  );
}

test("an exception for one honeytoken changes neither its planting nor its name", async () => {
  await switchRules(false);
  const name = "nightly-report-reader";
  await publishWithException(name);
  const requestUri = `https://${decoy.vault}.vault.azure.net/secrets/${name}?api-version=7.4`;
  await touch(PLANTER, { requestUri, operation: "SecretSet" });
  const thief = "aaaaaaaa-1111-4000-8000-00000000000c";
  await touch(thief, { requestUri });
  await pause(2_000);
  await compareTouches(hasty(0));
  const missed = { planter: await missedBy(PLANTER), thief: await missedBy(thief) };
  expect(missed).toMatchObject({ planter: [], thief: [{ decoy: name, touches: 1 }] });
  await switchRules(true);
});

test("a comparison that fails is said on the page, and the next one that works takes it back", async () => {
  const analyst = await tenant.as("SOC analyst");
  const [job = expect.fail("no job")] = Object.values(backstopJobs(hasty(0)));
  const run = () => job.run({ key: "schedule", data: {} }, new AbortController().signal);
  await control("POST", "faults", {
    rules: [{ name: "no logs", match: { service: "loganalytics" }, fault: { kind: "error", status: 500 } }],
  });
  await run();
  const failed = await readMissedTouches(analyst);
  expect(failed.problem).not.toBeNull();
  expect(failed.missed).not.toEqual([]);
  await control("DELETE", "faults");
  await run();
  expect(await readMissedTouches(analyst)).toMatchObject({
    problem: null,
    comparedAt: expect.any(String),
    // The store of this test is a few minutes old: nothing before it was compared.
    sinceBeginning: true,
  });
  const read = await tenant.service.db
    .selectFrom("audit")
    .where("action", "=", "missed_touches.read")
    .selectAll()
    .execute();
  expect(read).toMatchObject([{ oid: analyst.user.oid }]);
});
