import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { putAlertRule } from "@/lib/azure/rules";
import type { AzureAccess, UserContext } from "@/lib/context";
import { readBoard } from "@/lib/coverage/board";
import type { TestTenant } from "@/lib/coverage/testing/tenant";
import { startDeployment } from "@/lib/deployments/control";
import { OVER, plan, startFleet, type TestFleet, until } from "@/lib/deployments/testing/test-fleet";
import { ruleParameters } from "@/lib/detection/parameters";
import { ruleBodies } from "@/lib/detection/rule-export";
import { deployRules } from "./deploy";
import type { PackRuleView } from "./pack.pure";
import { readPack } from "./read";

/* Rules are deployed into a workspace that has none; then its own clockwork raises them, for attacks and for nothing else. */

const VAULTS = 20;
let fleet: TestFleet;
let tenant: TestTenant;
let admin: UserContext;
let noRules = "";

beforeAll(async () => {
  noRules = mkdtempSync(path.join(tmpdir(), "no-rules-"));
  fleet = await startFleet(VAULTS, "--seed", "4", "--rules", noRules);
  ({ tenant, admin } = fleet);
}, 300_000);

afterAll(async () => {
  await fleet?.stop();
  rmSync(noRules, { recursive: true, force: true });
});

const Rule = z.object({ ruleId: z.string(), kind: z.string(), properties: z.record(z.string(), z.unknown()) });
const Alert = z.object({
  ruleId: z.string(),
  severity: z.string(),
  processedAt: z.number(),
  customDetails: z.record(z.string(), z.array(z.string())),
});

const stored = () => tenant.collection("alertRules", Rule);
const bodies = () => ruleBodies(ruleParameters(tenant.service.config));
const orderOf = (rules: readonly PackRuleView[], overwrite = false) => ({
  rules: rules.map(({ id, etag }) => ({ id, etag, overwrite })),
});
const outcomesOf = ({ rules }: Awaited<ReturnType<typeof deployRules>>) => rules.map(({ outcome }) => outcome);

async function arm(access: AzureAccess, method: string, resource: string, version: string, body?: unknown) {
  const token = await access.credential.getToken("https://management.azure.com/.default");
  const answer = await fetch(`${tenant.url}${resource}?api-version=${version}`, {
    method,
    headers: {
      "x-forwarded-host": "management.azure.com",
      authorization: `Bearer ${token?.token}`,
      "content-type": "application/json",
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(answer.status).toBeLessThan(300);
}

/** Somebody's change of a rule in the workspace, past the product. */
async function changeRule(id: string, change: Record<string, unknown>): Promise<void> {
  const rule = (await stored()).find(({ ruleId }) => ruleId === id);
  const { resourceId } = tenant.service.config.workspace;
  const properties = { ...rule?.properties, ...change };
  const resource = `${resourceId}/providers/Microsoft.SecurityInsights/alertRules/${id}`;
  await arm(admin.asUser, "PUT", resource, "2022-09-01-preview", { kind: rule?.kind, properties });
}

async function reasons(): Promise<Set<string>> {
  const { vaults } = await readBoard(admin);
  return new Set(vaults.map(({ reason }) => reason ?? "none"));
}

test("a workspace without rules gets them all, as they are shipped, and the board turns at once", async () => {
  const before = await readPack(admin);
  expect(new Set(before.rules.map(({ state }) => state))).toEqual(new Set(["missing"]));
  expect(await reasons()).toContain("rule_missing");

  const analyst = await tenant.as("SOC analyst");
  const refused = await deployRules(analyst, orderOf(before.rules));
  expect(new Set(outcomesOf(refused))).toEqual(new Set(["refused"]));

  expect(new Set(outcomesOf(await deployRules(admin, orderOf(before.rules))))).toEqual(new Set(["created"]));
  const rules = await stored();
  for (const { name, kind, properties } of bodies()) {
    const { enabled, query } = properties;
    expect(rules.find(({ ruleId }) => ruleId === name)).toMatchObject({ kind, properties: { enabled, query } });
  }
  expect(await reasons()).not.toContain("rule_missing");

  const after = await readPack(admin);
  expect(after.rules.flatMap(({ changes }) => changes)).toEqual([]);
  expect(new Set(after.rules.map(({ state }) => state))).toEqual(new Set(["on", "spare"]));
  expect(outcomesOf(await deployRules(admin, orderOf(after.rules)))).toEqual(after.rules.map(() => "unchanged"));
  const audit = await tenant.service.db.selectFrom("audit").selectAll().where("action", "=", "rule.deploy").execute();
  expect(audit.filter(({ result }) => result === "ok")).toHaveLength(before.rules.length);
  expect(audit.filter(({ result }) => result !== "ok")).toHaveLength(before.rules.length);
}, 120_000);

test("what somebody has changed is shown, and replaced only when that is asked for", async () => {
  const [touched = expect.fail("no rule")] = bodies();
  const old = await readPack(admin);
  await changeRule(touched.name, { suppressionEnabled: true });
  const stale = old.rules.filter(({ id }) => id === touched.name);
  expect(await deployRules(admin, orderOf(stale, true))).toMatchObject({
    rules: [{ outcome: "refused", problem: expect.stringContaining("changed since") }],
  });

  const changed = (await readPack(admin)).rules.filter(({ id }) => id === touched.name);
  expect(changed).toMatchObject([
    {
      state: "modified",
      how: "it is suppressed after each alert",
      changes: [{ property: "suppressionEnabled", before: "true", after: "false" }],
    },
  ]);
  expect(outcomesOf(await deployRules(admin, orderOf(changed)))).toEqual(["refused"]);
  const suppressed = async () =>
    (await stored()).find(({ ruleId }) => ruleId === touched.name)?.properties.suppressionEnabled;
  expect(await suppressed()).toBe(true);
  expect(outcomesOf(await deployRules(admin, orderOf(changed, true)))).toEqual(["updated"]);
  expect(await suppressed()).toBe(false);
}, 60_000);

test("a rule that somebody changes between the look and the writing stays as it is", async () => {
  const [touched = expect.fail("no rule")] = bodies();
  const { name, kind, properties } = touched;
  const written = putAlertRule(admin.asUser, tenant.service.config.workspace.resourceId, {
    ...{ name, kind, etag: '"an older one"' },
    properties: { ...properties, enabled: false },
  });
  await expect(written).rejects.toMatchObject({ failure: { code: "conflict" } });
  expect((await stored()).find(({ ruleId }) => ruleId === name)?.properties.enabled).toBe(true);
});

/** Alerts of the named rule that were raised after a moment. */
async function alertsOf(file: string, after = 0) {
  const ids = new Set(
    bodies()
      .filter((body) => body.file === file)
      .map(({ name }) => name),
  );
  return (await tenant.collection("alerts", Alert)).filter((one) => ids.has(one.ruleId) && one.processedAt >= after);
}

const PAUSE_MS = 15_000;
const settle = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

test("planting raises nothing: no touch, no tampering by our own identities", async () => {
  await settle();
  const begun = Date.now();
  const { id, confirmByTyping } = await plan(admin);
  await startDeployment(admin, { id, ...(confirmByTyping !== null && { typed: confirmByTyping }) });
  const ended = await until(admin, id, ...OVER);
  expect(ended.counts.done).toBeGreaterThan(5);
  await settle();
  const own = new Set(Object.values(tenant.service.config.identities).map(({ objectId }) => objectId.toLowerCase()));
  const raised = [...(await alertsOf("honeytoken-tampering", begun)), ...(await alertsOf("honeytoken-touched", begun))];
  expect(raised.filter(({ customDetails }) => own.has(customDetails.Caller?.[0] ?? ""))).toEqual([]);
}, 300_000);

test("taking the log away first is told before anything is read", async () => {
  const { vaults } = await readBoard(admin);
  const vault = vaults.find(({ state }) => state === "protected") ?? expect.fail("no protected vault");
  const played = await fetch(`${tenant.url}/sim/plays/log-off-first`, {
    method: "POST",
    body: JSON.stringify({ vault: vault.name }),
  });
  expect(played.status).toBe(202);
  await vi.waitFor(
    async () => {
      const found = (await alertsOf("honeytoken-tampering")).filter(({ severity }) => severity === "High");
      expect(JSON.stringify(found.map(({ customDetails }) => customDetails.Targets))).toContain(
        `/vaults/${vault.name}/`,
      );
    },
    { timeout: 60_000, interval: 1_000 },
  );
}, 90_000);

test("each way to blind the rules is told: register, rule, table, automation rule", async () => {
  const { resourceId } = tenant.service.config.workspace;
  const sentinel = `${resourceId}/providers/Microsoft.SecurityInsights`;
  const [touched = expect.fail("no rule")] = bodies();
  const Item = z.object({ itemId: z.string(), alias: z.string(), deleted: z.boolean().optional() });
  const [item] = (await tenant.collection("watchlistItems", Item)).filter(({ deleted }) => !deleted);
  const version = "2022-09-01-preview";
  await arm(admin.asUser, "DELETE", `${sentinel}/watchlists/${item?.alias}/watchlistItems/${item?.itemId}`, version);
  await changeRule(touched.name, { enabled: false });
  await arm(admin.asUser, "PATCH", `${resourceId}/tables/AzureDiagnostics`, "2022-10-01", {
    properties: { plan: "Analytics" },
  });
  await arm(admin.asUser, "PUT", `${sentinel}/automationRules/closes-all`, version, {
    properties: {
      displayName: "Close all",
      order: 1,
      triggeringLogic: { isEnabled: true, triggersOn: "Incidents", triggersWhen: "Created", conditions: [] },
      actions: [
        {
          order: 1,
          actionType: "ModifyProperties",
          actionConfiguration: { status: "Closed", classification: "Undetermined" },
        },
      ],
    },
  });
  await vi.waitFor(
    async () => {
      const told = JSON.stringify(
        (await alertsOf("honeytoken-tampering")).map(({ customDetails }) => customDetails.Operations),
      );
      for (const operation of ["watchlists/delete", "alertrules/write", "automationrules/write", "tables/write"]) {
        expect(told).toContain(operation);
      }
    },
    { timeout: 60_000, interval: 1_000 },
  );
}, 90_000);
