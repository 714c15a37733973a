import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { type AuditCase, expectedRow, INTRUDER, published, type RegisterCase, ruleOver, VAULT } from "./testing/golden";

/* The rule's own text over rows made for each case, evaluated by the simulated workspace. */

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await startTenant("--vaults", "3", "--seed", "1");
});

afterAll(() => tenant?.stop());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const Row = z.object({
  Severity: z.string(),
  VaultId: z.string(),
  Caller: z.string(),
  ObjectCount: z.number(),
  NewCount: z.number(),
  Exceptions: z.array(z.string()),
});

const agoAt = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();

/** By which the workspace has had the vault's log for so long. */
function logSince(days: number, change: AuditCase = {}): AuditCase {
  return { oid: "other", ...change, operation: "VaultGet", path: "/", at: agoAt(days * 24 * HOUR) };
}

function alerts(audit: readonly AuditCase[], register = [published()], since: readonly AuditCase[] = [logSince(13)]) {
  const kql = ruleOver([...since, ...audit], register, { file: "honeytoken-list-then-get", kind: "Scheduled" });
  return queryLogs(tenant.service.azure.collector, tenant.service.config.workspace.customerId, { kql }, Row);
}

/** A list and so many reads, two a minute, that began so long ago. */
function sweep(ago: number, change: AuditCase = {}, objects = 6): AuditCase[] {
  const list = { ...change, operation: "SecretList", path: "/secrets?api-version=7.4", at: agoAt(ago) };
  const reads = Array.from({ length: objects }, (_, place) => ({
    ...change,
    path: `/secrets/other-${place}/?api-version=7.4`,
    at: agoAt(ago - (place + 1) * 30_000),
  }));
  return [list, ...reads];
}

/** Such sweeps so many hours ago. */
function earlier(change: AuditCase = {}, hours: readonly number[] = [40], objects = 6): AuditCase[] {
  return hours.flatMap((ago) => sweep(ago * HOUR, change, objects));
}

/** The same expectation for one operation, over these days. */
const expected = (change: RegisterCase = {}, operation = "SecretGet") =>
  expectedRow({ WindowStart: agoAt(24 * HOUR), WindowEnd: agoAt(-24 * HOUR), ...change }, operation);

describe.each(["AzureDiagnostics", "AZKVAuditLogs"] as const)("in %s", (table) => {
  test("a list with five reads or tries and more is one alert", async () => {
    const found = await alerts(sweep(30 * MINUTE, { table }));
    expect(found).toEqual([
      {
        Severity: "Medium",
        VaultId: VAULT.toLowerCase(),
        Caller: INTRUDER,
        ObjectCount: 6,
        NewCount: 6,
        Exceptions: [],
      },
    ]);
    expect(await alerts(sweep(30 * MINUTE, { table, status: 403 }))).toHaveLength(1);
  });

  test("who went through the same objects on an earlier day is known", async () => {
    expect(await alerts([...sweep(30 * MINUTE, { table }), ...earlier({ table })])).toEqual([]);
    expect(await alerts([...sweep(30 * MINUTE, { table }), ...earlier({ table, oid: "other" })])).toHaveLength(1);
  });

  test("who was refused here on many days is not", async () => {
    const refused = earlier({ table, status: 403 }, [40, 64, 88, 112, 136]);
    expect(await alerts([...sweep(30 * MINUTE, { table }), ...refused])).toHaveLength(1);
  });
});

test.each<[string, AuditCase[]]>([
  ["four reads", sweep(30 * MINUTE, {}, 4)],
  ["reads without a list", sweep(30 * MINUTE).slice(1)],
  [
    "a list after the reads",
    [...sweep(30 * MINUTE).slice(1), { operation: "SecretList", path: "/secrets", at: agoAt(15 * MINUTE) }],
  ],
  [
    "one object read again and again",
    sweep(30 * MINUTE).map((row, place) => (place === 0 ? row : { ...row, path: "/secrets/one" })),
  ],
  ["a vault without a honeytoken", sweep(30 * MINUTE, { vault: VAULT.replace("kv-Shop", "kv-Other") })],
  ["what is two hours old", sweep(2 * HOUR)],
])("%s raises nothing", async (_what, audit) => {
  expect(await alerts(audit)).toEqual([]);
});

test("what happens within ten minutes is seen wherever the clock stands", async () => {
  for (const shift of [0, 4, 8]) {
    const slow = sweep((32 + shift) * MINUTE).map((row, place) => ({
      ...row,
      at: agoAt((32 + shift - place * 1.6) * MINUTE),
    }));
    expect(await alerts(slow)).toHaveLength(1);
  }
});

describe("who paid a quiet visit first", () => {
  const through = (objects: number, change: AuditCase = {}) => sweep(30 * MINUTE, change, objects);

  test("is told as soon as five objects are new to it", async () => {
    expect(await alerts([...through(11), ...earlier()])).toMatchObject([{ ObjectCount: 11, NewCount: 5 }]);
    expect(await alerts([...through(10), ...earlier()])).toEqual([]);
  });

  test("is told of the window with most that is new", async () => {
    // Within ten minutes of the list, so that one window holds it all wherever the clock stands.
    const later = sweep(30 * MINUTE, {}, 18).slice(7);
    expect(await alerts([...through(6), ...later, ...earlier()])).toMatchObject([{ NewCount: 12 }]);
  });

  test("is not known for what it read without a list, or before it listed", async () => {
    const [list = expect.fail("no list"), ...reads] = sweep(40 * HOUR);
    const listedLast = { ...list, at: agoAt(39.9 * HOUR) };
    expect(await alerts([...through(6), ...reads])).toHaveLength(1);
    expect(await alerts([...through(6), ...reads, listedLast])).toHaveLength(1);
  });

  test("is known for each object for itself, whichever visits it was read in", async () => {
    const [list = expect.fail("no list"), ...reads] = sweep(64 * HOUR, {}, 12);
    expect(await alerts([...through(12), ...earlier(), list, ...reads.slice(6)])).toEqual([]);
  });

  test("is not known by the same names in another vault", async () => {
    const vault = VAULT.replace("kv-Shop", "kv-Other");
    expect(await alerts([...through(6), ...earlier({ vault })])).toHaveLength(1);
  });
});

describe("a vault whose log is young", () => {
  test.each([3, 9.9])("%s days old says nothing, since nobody can be known", async (days) => {
    expect(
      await alerts([...sweep(30 * MINUTE), ...sweep(15 * MINUTE, { oid: "other" })], [published()], [logSince(days)]),
    ).toEqual([]);
  });

  test.each(["AzureDiagnostics", "AZKVAuditLogs"] as const)("%s of ten days is enough", async (table) => {
    expect(await alerts(sweep(30 * MINUTE), [published()], [logSince(10.1, { table })])).toHaveLength(1);
  });

  test("is no older by the log of another vault", async () => {
    const other = logSince(13, { vault: VAULT.replace("kv-Shop", "kv-Other") });
    expect(await alerts(sweep(30 * MINUTE), [published()], [other])).toEqual([]);
  });
});

test("short earlier visits make nobody known, and nobody without an identity ever is", async () => {
  expect(await alerts([...sweep(30 * MINUTE), ...earlier({}, [40, 64, 88], 3)])).toHaveLength(1);
  expect(await alerts([...sweep(30 * MINUTE, { oid: "" }), ...earlier({ oid: "" })])).toHaveLength(1);
});

describe("an exception", () => {
  test.each<[string, RegisterCase]>([
    ["everywhere", {}],
    ["in the vault", { TokenKey: `${VAULT}/` }],
  ])("%s that covers every operation lowers and marks", async (_where, change) => {
    expect(await alerts(sweep(30 * MINUTE), [published(), expected(change)])).toMatchObject([
      { Severity: "Informational", Exceptions: ["exception-1"], ObjectCount: 6 },
    ]);
  });

  test.each<[string, RegisterCase, AuditCase[]]>([
    ["on one honeytoken only", { TokenKey: `${VAULT.toLowerCase()}/secrets/archive-reader` }, sweep(30 * MINUTE)],
    ["of another caller", { PlanterOid: "cccccccc-0000-4000-8000-00000000000c" }, sweep(30 * MINUTE)],
    [
      "that began more than a year ago, whenever it says that it ends",
      { WindowStart: agoAt(367 * 24 * HOUR), WindowEnd: "9999-12-31T00:00:00Z" },
      sweep(30 * MINUTE),
    ],
    ["that is over", { WindowEnd: agoAt(HOUR) }, sweep(30 * MINUTE)],
    [
      "for one of two operations",
      {},
      [...sweep(30 * MINUTE), { operation: "SecretBackup", path: "/secrets/other-0/backup", at: agoAt(25 * MINUTE) }],
    ],
  ])("%s lowers nothing", async (_what, change, audit) => {
    expect(await alerts(audit, [published(), expected(change)])).toMatchObject([{ Severity: "Medium" }]);
  });
});
