import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "../context";
import type { LogRow, Vault } from "../model";
import { type TestTenant, testTenant } from "../test-tenant";
import type { VaultPlan } from "../world/plan";
import { contactMayRead } from "../world/rights";
import { planOf } from "../world/world";
import { PLAYS } from "./catalogue";
import { playsOf, type Run } from "./runner";

const HOUR = 3_600_000;

let tenant: TestTenant;
beforeEach(async () => {
  tenant = await testTenant({ vaults: 60, throttle: false });
});

/** A public vault that logs to one table of the watched workspace, has keys, and is as wanted. */
function vaultWith(wanted: (plan: VaultPlan) => boolean): VaultPlan {
  const found = planOf(tenant.context).vaults.find(
    (plan) =>
      plan.logging === "workspace" &&
      !plan.workspaceLogging?.alsoTable &&
      plan.network === "public" &&
      plan.keys.length > 0 &&
      wanted(plan),
  );
  return found ?? expect.fail("The world has no such vault.");
}

/** Plays to the end, the clock going along with it. */
async function played(name: string, plan: VaultPlan, parameters: Record<string, unknown> = {}): Promise<Run> {
  const { context, advance } = tenant;
  const play = PLAYS.find((one) => one.name === name) ?? expect.fail(`There is no play ${name}.`);
  const vault = context.model.vaults.get(plan.id) ?? expect.fail("There is no such vault.");
  const runner = playsOf(context);
  const run = runner.start(play, vault, parameters, undefined);
  for (let at = runner.due(Infinity); at !== undefined; at = runner.due(Infinity)) {
    advance(at - context.now());
    await runner.run(at);
  }
  return run;
}

/** `SecretGet 200` of every row that came since, in order. */
function since(before: number, context: Context): { operation: string; row: LogRow }[] {
  return [...context.model.logRows.since(before)].map((row) => ({
    operation: `${row.values.OperationName} ${row.values.httpStatusCode_d ?? row.values.HttpStatusCode ?? ""}`.trim(),
    row,
  }));
}

function counts(rows: readonly { operation: string }[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { operation } of rows) found[operation] = (found[operation] ?? 0) + 1;
  return found;
}

async function rowsOf(name: string, plan: VaultPlan, parameters: Record<string, unknown> = {}) {
  const before = tenant.context.model.logRows.size;
  const run = await played(name, plan, parameters);
  expect(run).toMatchObject({ state: "done" });
  const rows = since(before, tenant.context);
  // Every row of the log that came meanwhile is one that the run tells of.
  expect(run.steps.reduce((sum, step) => sum + step.rows.length, 0)).toBe(rows.length);
  return { run, rows };
}

function live(plan: VaultPlan, kind: "secret" | "key") {
  return [...tenant.context.model.objects.values()].filter(
    (object) => object.vaultId === plan.id && object.kind === kind && object.deletedAt === undefined,
  );
}

describe.each(["rbac", "policies"] as const)("on a vault with %s", (model) => {
  test("the sweep lists, then reads every enabled secret, decoys too", async () => {
    const plan = vaultWith((one) => one.model === model && one.register === "live" && one.decoys[0]?.kind === "secret");
    const { run, rows } = await rowsOf("list-then-get", plan);
    const enabled = live(plan, "secret").filter(({ versions }) => versions.at(-1)?.enabled);
    expect(counts(rows)).toEqual({ "Authentication 401": 1, "SecretList 200": 1, "SecretGet 200": enabled.length });
    expect(rows.map(({ row }) => String(row.values.requestUri_s ?? row.values.RequestUri)).join(" ")).toContain(
      `/secrets/${plan.decoys[0]?.name}/`,
    );
    expect((run.endedAt ?? 0) - run.startedAt).toBeLessThan(60_000);
  });

  test("the picker lists once and reads one secret hours later", async () => {
    const plan = vaultWith((one) => one.model === model);
    const { run, rows } = await rowsOf("careful-picker", plan, { by: "name", waitHours: 7 });
    expect(counts(rows)).toEqual({ "SecretList 200": 1, "SecretGet 200": 1 });
    const [list, get] = run.steps;
    expect((get?.at ?? 0) - (list?.at ?? 0)).toBe(7 * HOUR);
    const upns = rows.map(({ row }) => row.values.identity_claim_upn_s ?? JSON.stringify(row.values.Identity));
    if (contactMayRead(plan.group)) expect(upns.every((upn) => String(upn).includes("@contoso.test"))).toBe(true);
  });

  test("the backup thief reads nothing and backs up everything that no certificate owns", async () => {
    const plan = vaultWith((one) => one.model === model && one.group.environment === "prod");
    const { rows } = await rowsOf("backup-thief", plan);
    const own = (kind: "secret" | "key") => live(plan, kind).filter(({ managed }) => !managed).length;
    expect(counts(rows)).toEqual({
      "Authentication 401": 1,
      "SecretList 200": 1,
      "KeyList 200": 1,
      "SecretBackup 200": own("secret"),
      "KeyBackup 200": own("key"),
    });
  });

  test("the key user signs with every key, decrypts and unwraps with every RSA key", async () => {
    const plan = vaultWith((one) => one.model === model);
    const { rows } = await rowsOf("key-user", plan, { keys: 50 });
    const keys = live(plan, "key");
    const rsa = keys.filter(({ versions }) => versions.at(-1)?.jwk?.kty === "RSA").length;
    const each = Object.fromEntries(
      ["KeyEncrypt", "KeyDecrypt", "KeyWrap", "KeyUnwrap"].map((operation) => [`${operation} 200`, rsa]),
    );
    expect(counts(rows)).toEqual({
      "Authentication 401": 1,
      "KeyList 200": 1,
      "KeyGet 200": keys.length,
      "KeySign 200": keys.length,
      ...(rsa > 0 && each),
    });
  });
});

test("who logs off first leaves two rows of the activity log, and none of the reading", async () => {
  const plan = vaultWith(() => true);
  const { run, rows } = await rowsOf("log-off-first", plan, { waitMinutes: 3, reads: 5 });
  expect(rows.map(({ row }) => [row.table, row.values.OperationNameValue, row.values.ActivityStatusValue])).toEqual([
    ["AzureActivity", "MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE", "Start"],
    ["AzureActivity", "MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE", "Success"],
  ]);
  expect([...tenant.context.model.diagnosticSettings.values()].filter(({ vaultId }) => vaultId === plan.id)).toEqual(
    [],
  );
  const reads = run.steps.filter(({ note }) => note === "Read the value");
  expect(reads.map(({ status, rows: left }) => [status, left.length])).toEqual(Array(5).fill([200, 0]));
});

test("the outsider is refused everywhere, and each refusal is in the log of a vault that has one", async () => {
  const plan = vaultWith(() => true);
  const { run, rows } = await rowsOf("denied-outsider", plan, { count: 6 });
  expect(run.steps).toHaveLength(30);
  expect(new Set(run.steps.map(({ status }) => status))).toEqual(new Set([401, 403]));
  expect(new Set(run.steps.map(({ uri }) => new URL(uri).host)).size).toBe(6);
  const found = counts(rows.filter(({ row }) => row.values._ResourceId === plan.id.toLowerCase()));
  expect(found).toEqual({ "Authentication 401": 1, "SecretList 403": 1, "SecretGet 403": 3 });
});

test("slow and low reads one value every few hours over days", async () => {
  const plan = vaultWith((one) => one.secrets.length > 9);
  const { run, rows } = await rowsOf("slow-and-low", plan, { reads: 8, everyHours: 5 });
  expect(counts(rows)).toEqual({ "SecretList 200": 1, "SecretGet 200": 8 });
  const times = run.steps.map(({ at }) => at);
  for (const [place, at] of times.slice(1).entries()) {
    expect(at - (times[place] ?? 0)).toBeGreaterThanOrEqual(3.5 * HOUR);
    expect(at - (times[place] ?? 0)).toBeLessThanOrEqual(6.5 * HOUR);
  }
});

test("a firewall keeps out whoever it would keep out", async () => {
  const plan = planOf(tenant.context).vaults.find((one) => one.network === "firewall" && one.logging === "workspace");
  if (!plan) throw new Error("The world has no such vault.");
  const { run, rows } = await rowsOf("list-then-get", plan);
  expect(run.steps.map(({ status, error }) => [status, error])).toEqual([
    [401, "Unauthorized"],
    [403, "Forbidden"],
  ]);
  expect(rows.map(({ row }) => row.values.isAddressAuthorized_b ?? row.values.IsAddressAuthorized)).toEqual([
    true,
    false,
  ]);
});

test("no secret's value and no token is in what a run tells", async () => {
  const plan = vaultWith((one) => one.register === "live");
  const run = JSON.stringify(await played("list-then-get", plan));
  for (const { versions } of live(plan, "secret"))
    for (const { value } of versions) expect(run).not.toContain(JSON.stringify(value).slice(1, -1));
  expect(run).not.toContain("Bearer");
});

test("the same seed plays the same requests at the same times, another seed others", async () => {
  const story = async () => {
    const run = await played(
      "slow-and-low",
      vaultWith((one) => one.secrets.length > 9),
      { reads: 8, everyHours: 5 },
    );
    return JSON.stringify(run.steps.map(({ at, method, uri, status }) => [at, method, uri, status]));
  };
  const first = await story();
  tenant = await testTenant({ vaults: 60, throttle: false });
  expect(await story()).toBe(first);
  tenant = await testTenant({ vaults: 60, throttle: false, seed: 2 });
  expect(await story()).not.toBe(first);
});

test("a pace of one's own replaces that of the play, and plays go side by side", async () => {
  const { context, advance } = tenant;
  const runner = playsOf(context);
  const vaultOf = (plan: VaultPlan): Vault => context.model.vaults.get(plan.id) ?? expect.fail("no vault");
  const [sweep, slow] = ["list-then-get", "slow-and-low"].map((name) => PLAYS.find((one) => one.name === name));
  if (!sweep || !slow) throw new Error("There are no such plays.");
  const plan = vaultWith((one) => one.secrets.length > 9);
  const fast = runner.start(sweep, vaultOf(plan), { limit: 3 }, 1000);
  const other = runner.start(slow, vaultOf(plan), { reads: 3, everyHours: 2 }, undefined);
  const until = context.now() + 10_000;
  for (let at = runner.due(until); at !== undefined; at = runner.due(until)) {
    advance(at - context.now());
    await runner.run(at);
  }
  const [first = 0, ...later] = fast.steps.map(({ at }) => at);
  expect(later.map((at) => at - first)).toEqual([1000, 2000, 3000, 4000]);
  expect([fast.state, other.state, other.steps.length]).toEqual(["done", "running", 1]);
  expect(runner.list().map(({ id }) => id)).toEqual(["2", "1"]);
});
