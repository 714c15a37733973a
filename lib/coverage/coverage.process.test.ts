import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { AuditQuery } from "@/lib/audit/audit.pure";
import { readAudit } from "@/lib/audit/read";
import { normaliseId, parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import { scopesOf } from "@/lib/azure/scope.pure";
import type { UserContext } from "@/lib/context";
import { ruleBodies } from "@/lib/detection/rule-export";
import { addException, endException, listExceptions } from "@/lib/exceptions/exceptions";
import { importRegister } from "@/lib/register/import";
import { writeAudit } from "@/lib/store/audit";
import { enableAuditLog } from "./audit-log";
import { readBoard, readVault, refreshVault } from "./board";
import type { BoardRow } from "./board.pure";
import { extendConfirmations } from "./internal/confirmations";
import { gatherKnowledge } from "./internal/knowledge";
import { startCollector } from "./testing/collector";
import { startTenant, type TestTenant } from "./testing/tenant";
import { Setting, truth, waitFor } from "./testing/truth";

/* The board against a simulated tenant, compared with what really stands there. */

const Vault = z.object({
  id: z.string(),
  name: z.string(),
  enableRbacAuthorization: z.boolean().optional(),
  publicNetworkAccess: z.string(),
  networkAcls: z.object({ defaultAction: z.string() }).optional(),
});

let tenant: TestTenant;
let admin: UserContext;
let collector: { stop(): Promise<void> };
let imported: Awaited<ReturnType<typeof importRegister>>;

beforeAll(async () => {
  tenant = await startTenant("--vaults", "240", "--seed", "1");
  admin = await tenant.as("Administrator");
  imported = await importRegister(tenant.service);
  collector = startCollector(tenant.service);
  await waitFor("the whole estate to be collected", async () => {
    const { collector: progress } = await readBoard(admin);
    return progress.done === progress.total && progress.total === 240;
  });
});

afterAll(async () => {
  await collector?.stop();
  await tenant?.stop();
});

describe("the board of an administrator", () => {
  let rows: BoardRow[];
  let real: Awaited<ReturnType<typeof truth>>;

  beforeAll(async () => {
    const board = await readBoard(admin);
    expect(board.warnings.filter((warning) => !warning.includes("rows that cannot be used"))).toEqual([]);
    rows = board.vaults;
    real = await truth(tenant);
  });

  test("shows every vault of the tenant once", async () => {
    const vaults = await tenant.collection("vaults", Vault);
    expect(rows.map(({ id }) => id).sort()).toEqual(vaults.map(({ id }) => normaliseId(id)).sort());
  });

  test("no vault is green whose decoy or setting does not really stand", () => {
    const green = rows.filter(({ state }) => state === "protected");
    expect(green.length).toBeGreaterThan(20);
    for (const { id } of green) {
      expect(real.decoyed.has(id)).toBe(true);
      expect(real.audited.has(id)).toBe(true);
    }
  });

  test("every vault without a registered decoy or without logging is red, for that reason", () => {
    for (const row of rows) {
      if (!real.audited.has(row.id))
        expect([row.state, row.reason]).toEqual(["unprotected", expect.stringMatching(/^audit_/)]);
      else if (!real.registered.has(row.id))
        expect(row).toMatchObject({ state: "unprotected", reason: "not_registered" });
    }
  });

  test("a vault whose decoy is gone is not green, and where the log or a list shows it, red", () => {
    const gone = rows.filter(({ id }) => real.registered.has(id) && real.audited.has(id) && !real.decoyed.has(id));
    expect(gone.length).toBeGreaterThan(0);
    for (const { state } of gone) expect(["unprotected", "unknown"]).toContain(state);
    expect(gone.some(({ reason }) => reason === "decoy_removed")).toBe(true);
  });

  test("carries no decoy's name in anything", () => {
    const text = JSON.stringify(rows).toLowerCase();
    for (const name of real.names) expect(text).not.toContain(`"${name.toLowerCase()}"`);
  });
});

test("the register came over from the published watchlist, and its bad rows were counted", async () => {
  const { names } = await truth(tenant);
  expect(imported.needed).toBe(true);
  const bad = [...imported.problems.values()].reduce((sum, count) => sum + count, 0);
  expect(imported.imported + bad).toBeGreaterThanOrEqual(names.length);
  expect(await importRegister(tenant.service)).toMatchObject({ needed: false, imported: 0 });
});

describe("a Key Vault owner", () => {
  let kim: UserContext;

  beforeAll(async () => {
    kim = await tenant.as("Key Vault owner");
  });

  test("sees only vaults that Azure lets them read, and knows which are theirs", async () => {
    const { vaults } = await readBoard(kim);
    const all = await readBoard(admin);
    expect(vaults.length).toBeGreaterThan(0);
    expect(vaults.length).toBeLessThan(all.vaults.length);
    expect(vaults.some(({ mine }) => mine)).toBe(true);
    expect(vaults.some(({ mine }) => !mine)).toBe(true);
  });

  test("gets a vault's facts without any decoy, and is told what they may do", async () => {
    const { vaults } = await readBoard(kim);
    const mine = vaults.find((vault) => vault.mine && vault.decoys > 0) ?? expect.fail("no own vault with a decoy");
    const own = await readVault(kim, parseVaultId(mine.id) ?? expect.fail("id"));
    expect(own.may).toMatchObject({ plant: true, plantReason: null, nameDecoys: false });
    expect(own).not.toHaveProperty("decoys");
    const foreign = vaults.find((vault) => !vault.mine) ?? expect.fail("no vault to read only");
    const read = await readVault(kim, parseVaultId(foreign.id) ?? expect.fail("id"));
    expect(read.may).toMatchObject({ plant: false, changeLogging: false });
    expect(read.may.plantReason).toContain("administrator");
  });

  test("is not told that a vault exists which they may not read", async () => {
    const known = new Set((await readBoard(kim)).vaults.map(({ id }) => id));
    const hidden = (await readBoard(admin)).vaults.find(({ id }) => !known.has(id)) ?? expect.fail("none hidden");
    const id = parseVaultId(hidden.id) ?? expect.fail("id");
    await expect(readVault(kim, id)).rejects.toThrow("no such vault");
    await expect(refreshVault(kim, id)).rejects.toThrow("no such vault");
    await expect(enableAuditLog(kim, id)).rejects.toThrow("no such vault");
  });

  test("may switch the audit log on exactly where they were told that they may", async () => {
    const { vaults } = await readBoard(kim);
    const off =
      vaults.find(({ mine, reason }) => mine && reason.startsWith("audit_")) ?? expect.fail("none without log");
    const id = parseVaultId(off.id) ?? expect.fail("id");
    const { may } = await readVault(kim, id);
    if (may.changeLogging) await enableAuditLog(kim, id);
    else await expect(enableAuditLog(kim, id)).rejects.toThrow("Ask an administrator");
    expect((await truth(tenant)).audited.has(id)).toBe(may.changeLogging);
  });

  test("may not where Azure says so", async () => {
    const { vaults } = await readBoard(kim);
    const foreign = vaults.find(({ mine }) => !mine) ?? expect.fail("none");
    await expect(enableAuditLog(kim, parseVaultId(foreign.id) ?? expect.fail("id"))).rejects.toMatchObject({
      failure: { code: "forbidden" },
    });
    const audit = tenant.service.db.selectFrom("audit").select(["action", "result"]).where("vault_id", "=", foreign.id);
    expect(await audit.execute()).toEqual([
      { action: "audit_log.enable", result: expect.stringContaining("refused: You may") },
    ]);
  });
});

test("an administrator switches a vault's audit log on, beside the settings that it has", async () => {
  const { vaults } = await readBoard(admin);
  const off = vaults.find(({ reason }) => reason === "audit_elsewhere") ?? expect.fail("none without log");
  const id = parseVaultId(off.id) ?? expect.fail("id");
  const before = (await tenant.collection("diagnosticSettings", Setting)).filter(
    ({ vaultId }) => normaliseId(vaultId) === id,
  );
  await enableAuditLog(admin, id);
  expect((await truth(tenant)).audited.has(id)).toBe(true);
  const after = (await tenant.collection("diagnosticSettings", Setting)).filter(
    ({ vaultId }) => normaliseId(vaultId) === id,
  );
  expect(after).toEqual(expect.arrayContaining(before));
  expect(after).toHaveLength(before.length + 1);
  const { facts } = await readVault(admin, id);
  expect(facts.find(({ name }) => name === "auditLog")?.outcome).toBe("pass");
  // Once more adds nothing: the setting that does it is named.
  expect(await enableAuditLog(admin, id)).toMatchObject({ setting: expect.any(String) });
  const audit = await tenant.service.db
    .selectFrom("audit")
    .selectAll()
    .where("action", "=", "audit_log.enable")
    .where("vault_id", "=", id)
    .execute();
  expect(audit).toMatchObject([{ oid: admin.user.oid, vault_id: id, result: "ok" }]);
});

const ArmRule = z.object({
  name: z.string(),
  kind: z.string(),
  etag: z.string(),
  properties: z.looseObject({ query: z.string() }),
});

test("the board turns red when somebody switches the rule off or changes it, and back again", async () => {
  const [rule = expect.fail("no rule")] = ruleBodies();
  const url = `/${tenant.service.config.workspace.resourceId}/providers/Microsoft.SecurityInsights/alertRules/${rule.name}?api-version=2024-09-01`;
  const arm = async (method: string, body?: unknown): Promise<unknown> => {
    const token = await admin.asUser.credential.getToken("https://management.azure.com/.default");
    const answer = await fetch(`${tenant.url}${url}`, {
      method,
      headers: {
        "x-forwarded-host": "management.azure.com",
        authorization: `Bearer ${token?.token}`,
        "content-type": "application/json",
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(answer.ok).toBe(true);
    return answer.json();
  };
  const change = async (properties: Record<string, unknown>) => {
    const { kind, etag, properties: now } = ArmRule.parse(await arm("GET"));
    await arm("PUT", { kind, etag, properties: { ...now, ...properties } });
  };
  const reasonsOfGreen = async () => {
    await new Promise((resolve) => setTimeout(resolve, tenant.service.config.timing.bulkFactsMaxAge + 200));
    const { vaults } = await readBoard(admin);
    return new Set(vaults.filter(({ id }) => green.has(id)).map(({ state, reason }) => `${state} ${reason}`));
  };
  const green = new Set(
    (await readBoard(admin)).vaults.filter(({ state }) => state === "protected").map(({ id }) => id),
  );
  await change({ enabled: false });
  expect(await reasonsOfGreen()).toEqual(new Set(["unprotected rule_disabled"]));
  await change({ enabled: true, query: `${String(rule.properties.query)}\n| where VaultName != 'kv'` });
  expect(await reasonsOfGreen()).toEqual(new Set(["unprotected rule_modified"]));
  await change({ query: rule.properties.query, severity: "Informational" });
  expect(await reasonsOfGreen()).toEqual(new Set(["unprotected rule_modified"]));
  await change({ severity: rule.properties.severity });
  expect(await reasonsOfGreen()).toEqual(new Set(["protected rows_arriving"]));
});

test("a vault under an exemption is exempt on the board and on its page, and as before at once when it is over", async () => {
  const rowOf = async (id: string) => (await readBoard(admin)).vaults.find((row) => row.id === id);
  const red =
    (await readBoard(admin)).vaults.find(({ reason }) => reason === "not_registered") ?? expect.fail("no red");
  const id = parseVaultId(red.id) ?? expect.fail("id");
  const lastDay = new Date().toISOString().slice(0, 10);
  const reason = "Holds public certificates only";
  const exception = await addException(admin, { kind: "exemption", scope: id, reason, lastDay });
  expect(await rowOf(id)).toMatchObject({ state: "exempt", reason: "exempt", decoys: red.decoys });
  const { vault, facts, exceptions, may } = await readVault(await tenant.as("SOC analyst"), id);
  expect(vault.state).toBe("exempt");
  expect(exceptions).toMatchObject([{ kind: "exemption", reason, by: admin.user.name }]);
  expect(may.except).toBe(false);
  // What was found out about it stays in sight.
  expect(facts.find(({ name }) => name === "registered")?.outcome).toBe("fail");
  const tomorrow = { ...admin, now: () => new Date(Date.parse(`${lastDay}T00:00:00Z`) + 24 * 60 * 60 * 1000) };
  expect((await readVault(tomorrow, id)).exceptions).toEqual([]);
  await endException(admin, exception.id);
  expect(await rowOf(id)).toMatchObject({ state: red.state, reason: red.reason });
});

test("a vault that a deployment has in hand says so on the board and on its page, until it is done there", async () => {
  const deploying = async () => (await readBoard(admin)).vaults.filter((row) => row.deploying).map(({ id }) => id);
  expect(await deploying()).toEqual([]);
  const [row = expect.fail("no vault")] = (await readBoard(admin)).vaults;
  const id = parseVaultId(row.id) ?? expect.fail("id");
  const { db } = tenant.service;
  const at = new Date();
  const deployment = { id: randomUUID(), requested_by_tid: "t", requested_by_oid: "o", requested_by_name: "o" };
  await db
    .insertInto("deployment")
    .values({ ...deployment, kind: "secret", state: "queued", total: 30, created_at: at, started_at: at })
    .execute();
  const item = { id: randomUUID(), deployment_id: deployment.id, vault_id: id, kind: "secret" as const, count: 1 };
  await db
    .insertInto("deployment_item")
    .values({ ...item, state: "queued", created_at: at, updated_at: at })
    .execute();
  expect(await deploying()).toEqual([id]);
  expect((await readVault(admin, id)).vault.deploying).toBe(true);
  await db.updateTable("deployment_item").set({ state: "done" }).where("id", "=", item.id).execute();
  expect(await deploying()).toEqual([]);
});

test("an analyst sees the decoys of a vault by name, and that is recorded", async () => {
  const ana = await tenant.as("SOC analyst");
  const row = (await readBoard(ana)).vaults.find(({ state }) => state === "protected") ?? expect.fail("none green");
  const { decoys } = await readVault(ana, parseVaultId(row.id) ?? expect.fail("id"));
  expect(decoys?.length).toBe(row.decoys);
  const audit = await tenant.service.db.selectFrom("audit").selectAll().where("action", "=", "decoys.read").execute();
  expect(audit).toMatchObject([{ oid: ana.user.oid, vault_id: row.id }]);
});

describe("an analyst whom Azure lets read some vaults only", () => {
  let ana: UserContext;
  let mine: VaultId;
  let theirs: VaultId;

  beforeAll(async () => {
    const kim = await tenant.as("Key Vault owner");
    ana = { ...kim, user: { ...kim.user, roles: ["Soc.Analyst"] } };
    const idsOf = async (person: UserContext) =>
      (await readBoard(person)).vaults.map(({ id }) => parseVaultId(id) ?? expect.fail("id"));
    const [own, all] = [await idsOf(ana), await idsOf(admin)];
    mine = own[0] ?? expect.fail("none of hers");
    const groups = new Set([...own].map((id) => scopesOf(id)[1]));
    theirs = all.find((id) => !groups.has(scopesOf(id)[1])) ?? expect.fail("no group of others");
  });

  test("finds what is about those in the audit trail, at every scope, and how much there is beside it", async () => {
    const [vault, group] = scopesOf(theirs);
    for (const vaultId of [...scopesOf(mine), vault, group, undefined]) {
      const entry = { by: admin.user, action: "some.write", result: "ok", ...(vaultId && { vaultId }) };
      await writeAudit(tenant.service.db, entry, new Date());
    }
    const query = AuditQuery.parse({ action: "some.write" });
    expect(await readAudit(admin, query)).toMatchObject({ rows: { length: 6 }, leftOut: 0 });
    const { rows, leftOut } = await readAudit(ana, query);
    expect(rows.map(({ vaultId }) => vaultId).reverse()).toEqual([...scopesOf(mine), null]);
    expect(leftOut).toBe(2);
  });

  test("is shown the exceptions of a scope that holds one of those, and ends and adds none elsewhere", async () => {
    const [vault, group, subscription] = scopesOf(theirs);
    const lastDay = new Date().toISOString().slice(0, 10);
    const request = { kind: "exclusion" as const, reason: "Looked after elsewhere", lastDay };
    const added = [];
    for (const scope of [mine, vault, group, subscription])
      added.push(await addException(admin, { ...request, scope }));
    const { active, leftOut } = await listExceptions(ana);
    expect(active.map(({ scope }) => scope).sort()).toEqual([mine, subscription].sort());
    expect(leftOut.active).toBe(2);
    const administrator: UserContext = { ...ana, user: { ...ana.user, roles: ["Platform.Admin"] } };
    const id = added[1]?.id ?? expect.fail("not added");
    const notFound = { failure: { code: "not_found" } };
    await expect(endException(administrator, id)).rejects.toMatchObject(notFound);
    await expect(addException(administrator, { ...request, scope: vault })).rejects.toMatchObject(notFound);
    for (const one of added) await endException(admin, one.id);
    expect((await listExceptions(admin)).active).toEqual([]);
  });
});

test("a board of 240 vaults costs two inventory calls once, and three bulk calls however often it is read", async () => {
  const sent = tenant.sent;
  await collector.stop();
  // Past the age of every cache in the simulated tenant.
  await new Promise((resolve) => setTimeout(resolve, 5 * tenant.service.config.timing.bulkFactsMaxAge + 500));
  const start = sent.length;
  await Promise.all([readBoard(admin), readBoard(admin), readBoard(admin)]);
  await readBoard(admin);
  const calls = sent
    .slice(start)
    .map((line) => line.replace(/\?.*/, "").replace(/\/subscriptions\/.*\/providers\//, "/…/"));
  expect(calls.sort()).toEqual(
    [
      "GET https://management.azure.com/…/Microsoft.SecurityInsights/alertRules",
      "GET https://management.azure.com/…/Microsoft.OperationalInsights/workspaces/law-sentinel/tables",
      "POST https://api.loganalytics.io/v1/$batch",
      "POST https://management.azure.com/providers/Microsoft.ResourceGraph/resources",
      "POST https://management.azure.com/providers/Microsoft.ResourceGraph/resources",
    ].sort(),
  );
  collector = startCollector(tenant.service);
});

test("confirmations are carried forward month by month, but only of decoys that still stand", async () => {
  await collector.stop();
  const day = 24 * 60 * 60 * 1000;
  const now = Date.now() + 40 * day;
  const later = { ...tenant.service, now: () => new Date(now) };
  const extended = await extendConfirmations(later, await gatherKnowledge(later));
  const { decoyed } = await truth(tenant);
  const decoys = await tenant.service.db.selectFrom("decoy").select(["vault_id", "confirmed_at"]).execute();
  const carried = decoys.filter(({ confirmed_at }) => confirmed_at && confirmed_at.getTime() > now - 2 * day);
  expect(extended).toBeGreaterThan(20);
  expect(carried).toHaveLength(extended);
  for (const { vault_id } of carried) expect(decoyed.has(vault_id)).toBe(true);
});
