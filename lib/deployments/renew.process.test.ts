import { sql } from "kysely";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import type { UserContext } from "@/lib/context";
import type { TestTenant } from "@/lib/coverage/testing/tenant";
import { checkName } from "@/lib/decoys/safety";
import { expandRule } from "@/lib/detection/expand";
import { cancelDeployment, startDeployment } from "./control";
import { listItems } from "./items";
import { listDeployments, readDeployment } from "./read";
import { renewWhatIsDue } from "./renew";
import { type Estate, estateOf, leftoversOf } from "./testing/estate";
import { OVER, plan, startFleet, type TestFleet, until } from "./testing/test-fleet";

/* Whole decoys in a simulated tenant: what they carry, when they come, and the versions that they get later. */

const VAULTS = 24;

let tenant: TestTenant;
let admin: UserContext;
let fleet: TestFleet | undefined;

beforeAll(async () => {
  fleet = await startFleet(VAULTS, "--seed", "7");
  ({ tenant, admin } = fleet);
}, 240_000);
afterAll(() => fleet?.stop());

const keyOf = ({ vaultId, kind, name }: Pick<Estate["objects"][number], "vaultId" | "kind" | "name">) =>
  `${vaultId}/${kind}s/${name}`.toLowerCase();

test("a spread deployment writes nothing before the moments that fit each vault, which lie in the time asked for", async () => {
  const before = await estateOf(tenant);
  const { id, counts, confirmByTyping } = await plan(admin, { spreadHours: 100 });
  await startDeployment(admin, { id, typed: confirmByTyping ?? 0 });
  const items = await vi.waitFor(
    async () => {
      const rows = await tenant.service.db
        .selectFrom("deployment_item")
        .selectAll()
        .where("deployment_id", "=", id)
        .where("state", "not in", ["blocked", "skipped"])
        .execute();
      expect(rows).toHaveLength(counts.planned);
      for (const row of rows) expect(row).toMatchObject({ state: "queued", not_before: expect.any(Date) });
      return rows;
    },
    { timeout: 60_000, interval: 200 },
  );
  const { startedAt } = await readDeployment(admin, id);
  const start = new Date(startedAt ?? "").getTime();
  for (const { moment, not_before: notBefore } of items) {
    expect(moment?.getTime()).toBeGreaterThan(start);
    expect(moment?.getTime()).toBeLessThanOrEqual(start + 100 * 3_600_000);
    // Rounded where it was let go.
    expect(Math.abs((notBefore?.getTime() ?? 0) - (moment?.getTime() ?? 0))).toBeLessThan(30_000);
  }
  expect(new Set(items.map(({ moment }) => moment?.getTime())).size).toBe(items.length);
  await cancelDeployment(admin, { id });
  expect((await until(admin, id, "cancelled")).counts.cancelled).toBe(items.length);
  expect(leftoversOf(before, await estateOf(tenant))).toMatchObject({ planted: [], rowsWithoutObject: 0 });
}, 240_000);

const Stored = z.looseObject({
  vaultId: z.string(),
  kind: z.string(),
  name: z.string(),
  deletedAt: z.number().optional(),
  versions: z.array(
    z.looseObject({
      contentType: z.string().optional(),
      tags: z.record(z.string(), z.string()).optional(),
      notBefore: z.number().optional(),
      expires: z.number().optional(),
    }),
  ),
});

test("what is planted passes the safety check and carries what its neighbours carry", async () => {
  const before = await tenant.collection("objects", Stored);
  const there = new Set(before.map(keyOf));
  const { id, counts, confirmByTyping } = await plan(admin, { history: true });
  await startDeployment(admin, { id, typed: confirmByTyping ?? 0 });
  const ended = await until(admin, id, ...OVER);
  expect(ended.history).toBe(true);
  expect(ended.counts.done + ended.counts.needs_person).toBe(counts.planned);
  const planted = (await tenant.collection("objects", Stored)).filter((object) => !there.has(keyOf(object)));
  expect(planted).toHaveLength(counts.planned);
  let carrying = 0;
  for (const decoy of planted) {
    const inVault = before.filter(({ vaultId, deletedAt }) => vaultId === decoy.vaultId && deletedAt === undefined);
    const live = inVault.filter(({ kind }) => kind !== "certificate").map(({ name }) => name);
    // Whether the log shows every reader of a vault is the safety check's to say; where it does not, more is refused.
    expect(checkName(decoy.name, { live, softDeleted: [], readersKnown: true })).toEqual({ ok: true });
    const alike = inVault.filter(({ kind }) => kind === decoy.kind).flatMap(({ versions }) => versions.slice(-1));
    const [version = expect.fail("a decoy without a version"), ...more] = decoy.versions;
    expect(more).toEqual([]);
    const types = alike.map(({ contentType }) => contentType);
    if (alike.length > 0) expect(types).toContain(version.contentType);
    const tagKeys = new Set(alike.flatMap(({ tags = {} }) => Object.keys(tags)));
    for (const key of Object.keys(version.tags ?? {})) expect(tagKeys).toContain(key);
    if (version.notBefore !== undefined) expect(alike.some(({ notBefore }) => notBefore !== undefined)).toBe(true);
    if (version.contentType !== undefined || Object.keys(version.tags ?? {}).length > 0) carrying++;
  }
  expect(carrying).toBeGreaterThan(0);
}, 300_000);

const RuleRow = z.object({ CallerOid: z.string(), TokenKeys: z.array(z.string()) });

/** Who touched which decoy, as the rule sees it: `caller key`. */
async function alerts(): Promise<string[]> {
  const { query } = expandRule("honeytoken-touched", "NRT");
  const { azure, config } = tenant.service;
  const rows = await queryLogs(azure.collector, config.workspace.customerId, { kql: query }, RuleRow);
  return rows.flatMap(({ CallerOid, TokenKeys }) => TokenKeys.map((key) => `${CallerOid} ${key}`));
}

test("a further version is written to each decoy that is due and to nothing else, without an alert and with no right left", async () => {
  const { db } = tenant.service;
  const due = {
    due: [Date.now() - 1_000],
    pauseMs: 90 * 86_400_000,
    withRounds: false,
    last: 0,
    looked: 0,
    neighbours: 9,
  };
  const decoys = await db
    .updateTable("decoy")
    .set({ history: JSON.stringify(due), renew_at: new Date(Date.now() - 1_000) })
    .where("state", "=", "live")
    .where("version", "is not", null)
    // What was made through Azure Resource Manager past a closed network gets no further version.
    .where("item_id", "in", (eb) =>
      eb.selectFrom("deployment_item").select("id").where(sql`plan->>'way'`, "=", "data_plane"),
    )
    .returningAll()
    .execute();
  expect(decoys.length).toBeGreaterThan(3);
  const before = await estateOf(tenant);
  const [id = expect.fail("nothing was due")] = await renewWhatIsDue(tenant.service);
  expect(await renewWhatIsDue(tenant.service)).toEqual([]);
  const ended = await until(admin, id, ...OVER);
  const { items } = await listItems(admin, { id });
  expect(items.map(({ problem }) => problem)).toEqual(items.map(() => null));
  expect(ended).toMatchObject({ state: "done", operation: "renew", total: decoys.length });
  expect(ended.requestedBy).toMatch(/^The schedule of .*'s deployment of \d{4}-\d\d-\d\d$/);

  const after = await estateOf(tenant);
  expect(leftoversOf(before, after)).toMatchObject({ planted: [], grantsLeft: 0, rowsWithoutObject: 0 });
  const ours = new Set(decoys.map((decoy) => decoy.token_key));
  const versions = new Map(before.objects.map((object) => [keyOf(object), object.versions]));
  for (const object of after.objects) {
    const earlier = versions.get(keyOf(object)) ?? [];
    if (ours.has(keyOf(object))) {
      expect(object.versions.slice(0, -1)).toEqual(earlier);
      expect(object.versions).toHaveLength(2);
    } else expect(object.versions).toEqual(earlier);
  }
  for (const row of after.rows) if (ours.has(row.fields.TokenKey ?? "")) expect(row.fields.State).toBe("live");

  // The rows of these writes are in the workspace by now, and the rule lets them pass; somebody else's touch it does not.
  const [decoy = expect.fail("no decoy")] = decoys;
  const { registrar } = tenant.service.azure;
  const token = await registrar.credential.getToken("https://vault.azure.net/.default");
  await fetch(`${tenant.url}/${decoy.kind}s/${decoy.name}?api-version=7.4`, {
    headers: {
      "x-forwarded-host": `${decoy.vault_id.split("/").at(-1)}.vault.azure.net`,
      authorization: `Bearer ${token?.token}`,
    },
  });
  const theirs = `${tenant.service.config.identities.registrar.objectId} ${decoy.token_key}`;
  await vi.waitFor(async () => expect(await alerts()).toContain(theirs), { timeout: 60_000, interval: 500 });
  // The world has decoys of an older register too, which somebody may have touched.
  const found = (await alerts()).filter((alert) => ours.has(alert.split(" ")[1] ?? ""));
  expect(found).toEqual([theirs]);

  const list = await listDeployments(admin);
  expect(list.deployments.find((one) => one.id === id)?.summary).toMatch(/^Further versions of honeytokens in /);
  const told = JSON.stringify([ended, items, list]).toLowerCase();
  for (const { name } of decoys) expect(told).not.toContain(`"${name.toLowerCase()}"`);
}, 300_000);
