import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { severityOf } from "./severity";
import {
  type AuditCase,
  expectedRow,
  INTRUDER,
  PLANTER,
  published,
  type RegisterCase,
  ruleOver,
  VAULT,
} from "./testing/golden";

/* The rule's own text over rows made for each case, evaluated by the simulated workspace. */

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await startTenant("--vaults", "3", "--seed", "1");
});

afterAll(() => tenant?.stop());

const Row = z.object({
  Severity: z.string(),
  VaultId: z.string(),
  VaultName: z.string(),
  Decoys: z.array(z.string()),
  Operations: z.array(z.string()),
  Statuses: z.array(z.number()),
  Touches: z.number(),
  Caller: z.string(),
  CallerName: z.string(),
  CallerOid: z.string(),
  CallerIps: z.array(z.string()),
  RequestIds: z.array(z.string()),
  Exceptions: z.array(z.string()),
});

function alerts(audit: readonly AuditCase[], register: readonly RegisterCase[] = [published()]) {
  const { collector } = tenant.service.azure;
  return queryLogs(collector, tenant.service.config.workspace.customerId, { kql: ruleOver(audit, register) }, Row);
}

const TABLES = ["AzureDiagnostics", "AZKVAuditLogs"] as const;

describe.each(TABLES)("in %s", (table) => {
  test("one read is one alert with everything that an analyst needs", async () => {
    expect(await alerts([{ table, upn: "mallory@contoso.test" }])).toEqual([
      {
        Severity: "High",
        VaultId: VAULT.toLowerCase(),
        VaultName: "kv-shop",
        Decoys: ["Archive-Reader"],
        Operations: ["SecretGet"],
        Statuses: [200],
        Touches: 1,
        Caller: INTRUDER,
        CallerName: "mallory@contoso.test",
        CallerOid: INTRUDER,
        CallerIps: ["203.0.113.9"],
        RequestIds: ["request-1"],
        Exceptions: [],
      },
    ]);
  });

  test.each<[string, AuditCase]>([
    ["a trailing slash", { path: "/secrets/archive-reader/?api-version=7.4" }],
    ["no query", { path: "/secrets/archive-reader" }],
    ["another case", { path: "/SECRETS/ARCHIVE-READER/?api-version=7.4" }],
    ["a version", { path: "/secrets/archive-reader/0123456789abcdef0123456789abcdef?api-version=7.4" }],
    ["escaped letters", { path: "/secrets/%61rchive%2Dreader/?api-version=7.4" }],
    ["doubled slashes", { path: "//secrets//archive-reader" }],
    [
      "the deleted object's address",
      { path: "/deletedsecrets/archive-reader?api-version=7.4", operation: "SecretGetDeleted" },
    ],
    [
      "an operation after the name",
      { path: "/secrets/archive-reader/backup?api-version=7.4", operation: "SecretBackup" },
    ],
    [
      "the id only, as a restore has it",
      {
        path: "/secrets/restore?api-version=7.4",
        operation: "SecretRestore",
        id: "https://kv-shop.vault.azure.net/secrets/Archive-Reader/01",
      },
    ],
    ["claims under their long names", { longClaims: true }],
    ["an operation that nobody knows yet", { operation: "SecretTeleport" }],
    ["no status", { status: null }],
    ["no identity at all", { oid: "", status: 403 }],
    [
      "an authentication that was refused for another reason than a missing token",
      { operation: "Authentication", status: 403 },
    ],
  ])("a touch is seen through %s", async (_what, audit) => {
    expect(await alerts([{ table, ...audit }])).toMatchObject([{ Decoys: ["Archive-Reader"] }]);
  });

  test.each<[string, AuditCase]>([
    ["the first, unauthenticated call of an SDK", { operation: "Authentication", status: 401, oid: "" }],
    ["a notice of the platform", { operation: "SecretNearExpiryEventGridNotification", oid: "" }],
    ["another secret", { path: "/secrets/archive-reader-2/?api-version=7.4" }],
    ["a key of the same name", { path: "/keys/archive-reader/?api-version=7.4", operation: "KeyGet" }],
    ["the list of all secrets", { path: "/secrets?api-version=7.4", operation: "SecretList" }],
    ["a secret of the same name elsewhere", { vault: VAULT.replace("kv-Shop", "kv-Other") }],
  ])("%s is no touch", async (_what, audit) => {
    expect(await alerts([{ table, ...audit }])).toEqual([]);
  });

  test.each([
    ["SecretGet", 200],
    ["SecretGet", 403],
    ["SecretListVersions", 200],
    ["SecretGetDeleted", 404],
    ["SecretPurge", 200],
    ["SecretRecover", 403],
    ["SecretTeleport", 200],
  ])("%s answered %i has the severity of the ladder", async (operation, status) => {
    expect(await alerts([{ table, operation, status }])).toMatchObject([{ Severity: severityOf(operation, status) }]);
  });

  describe("the planter", () => {
    const planting: AuditCase = {
      table,
      oid: PLANTER.toUpperCase(),
      operation: "SecretSet",
      path: "/secrets/archive-reader?api-version=7.4",
    };

    test.each(["planting", "live"])(
      "raises nothing by planting in its window (state %s), refused tries included",
      async (State) => {
        expect(await alerts([planting, { ...planting, status: 403 }], [published({ State })])).toEqual([]);
      },
    );

    test("raises nothing by deleting while the row says so", async () => {
      expect(await alerts([{ ...planting, operation: "SecretDelete" }], [published({ State: "retiring" })])).toEqual(
        [],
      );
    });

    test.each<[string, AuditCase, RegisterCase]>([
      ["reads", { operation: "SecretGet" }, {}],
      ["deletes what is live", { operation: "SecretDelete" }, {}],
      ["purges", { operation: "SecretPurge" }, { State: "retiring" }],
      ["plants before its window", { at: "2026-11-22T11:49:59Z" }, {}],
      ["plants after its window", { at: "2026-11-22T12:10:01Z" }, {}],
      [
        "plants late in a window that was made too long",
        { at: "2026-11-22T12:25:00Z" },
        { WindowEnd: "2026-11-23T00:00:00Z" },
      ],
      ["plants without a window", {}, { WindowStart: "", WindowEnd: "" }],
      ["plants a row that is on its way out", {}, { State: "retiring" }],
    ])("is High when it %s", async (_what, audit, register) => {
      expect(await alerts([{ ...planting, ...audit }], [published(register)])).toMatchObject([{ Severity: "High" }]);
    });

    test("makes a key through Azure Resource Manager in its window without an alarm, and nobody else does", async () => {
      const TokenKey = `${VAULT.toLowerCase()}/keys/archive-reader`;
      const register = [published({ State: "planting", TokenKey, Properties: '{"Type":"key"}' })];
      const path = `${VAULT}/keys/archive-reader?api-version=2024-11-01`;
      const byArm: AuditCase = { ...planting, operation: "KeyResourcePut", path, longClaims: true };
      expect(await alerts([byArm], register)).toEqual([]);
      expect(await alerts([{ ...byArm, at: "2026-11-22T12:10:01Z" }], register)).toMatchObject([{ Severity: "High" }]);
      expect(await alerts([{ ...byArm, oid: INTRUDER }], register)).toMatchObject([{ Severity: "High" }]);
    });

    test("is never anybody without an identity, also where the row names no planter", async () => {
      const anonymous = { ...planting, oid: "" };
      expect(await alerts([anonymous], [published({ PlanterOid: "" })])).toHaveLength(1);
    });

    test("excuses nobody else in its window", async () => {
      expect(await alerts([{ ...planting, oid: INTRUDER }])).toMatchObject([{ Severity: "High" }]);
    });
  });
});

describe("the register", () => {
  test.each<[string, RegisterCase]>([
    ["in the older four-column form", { TokenKey: "", State: "", PlanterOid: "", WindowStart: "", WindowEnd: "" }],
    ["with a slash at the end of the vault's id", { TokenKey: "", ResourceId: `${VAULT}/` }],
    [
      "in capitals",
      { TokenKey: "", ResourceId: VAULT.toUpperCase(), HoneyToken: "ARCHIVE-READER", Properties: '{"Type":"Secret"}' },
    ],
    ["with blanks around", { TokenKey: ` ${VAULT}/secrets/Archive-Reader ` }],
    ["in an unknown state", { State: "sleeping" }],
  ])("%s is watched", async (_what, change) => {
    expect(await alerts([{}], [published(change)])).toHaveLength(1);
  });

  test("a certificate is watched as key and as secret too", async () => {
    const certificate = published({ HoneyToken: "web-tls", Properties: '{"Type":"certificate"}', TokenKey: "" });
    const touches = ["secrets", "keys", "certificates"].map((place) => ({
      path: `/${place}/web-tls/?api-version=7.4`,
    }));
    expect(await alerts(touches, [certificate])).toMatchObject([{ Touches: 3, Decoys: ["web-tls"] }]);
  });

  test("a row that says nothing usable disturbs nobody", async () => {
    const dummy = { ResourceId: "dummy", HoneyToken: "dummy", Properties: "{}" };
    expect(await alerts([{}], [dummy, published()])).toHaveLength(1);
    expect(await alerts([{}], [dummy])).toEqual([]);
  });

  test("a row that is there twice raises one alert", async () => {
    expect(
      await alerts([{}], [published(), published({ TokenKey: "", PlanterOid: "", WindowStart: "", WindowEnd: "" })]),
    ).toMatchObject([{ Touches: 1 }]);
  });
});

describe("one row per caller and vault", () => {
  const second = published({ HoneyToken: "batch-runner", TokenKey: "" });

  test("a sweep over several decoys is one alert that lists them, as severe as its worst touch", async () => {
    const sweep: AuditCase[] = [
      { operation: "SecretListVersions" },
      { path: "/secrets/batch-runner/?api-version=7.4", status: 403, table: "AZKVAuditLogs" },
      { operation: "SecretBackup", ip: "203.0.113.10" },
    ];
    const [alert, ...more] = await alerts(sweep, [published(), second]);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ Severity: "High", Touches: 3 });
    expect(alert?.Decoys.toSorted()).toEqual(["Archive-Reader", "batch-runner"]);
    expect(alert?.CallerIps.toSorted()).toEqual(["203.0.113.10", "203.0.113.9"]);
  });

  test("two callers are two alerts; without an identity the address tells them apart", async () => {
    const found = await alerts([
      {},
      { oid: PLANTER, operation: "SecretGet" },
      { oid: "", ip: "198.51.100.1" },
      { oid: "", ip: "198.51.100.2" },
    ]);
    expect(found.map(({ Caller }) => Caller).toSorted()).toEqual(
      ["198.51.100.1", "198.51.100.2", PLANTER, INTRUDER].toSorted(),
    );
  });
});

test("the worst come first: a run raises thirty alerts at most, and the last stands for the rest", async () => {
  const caller = (place: number) => `cccccccc-0000-4000-8000-0000000000${10 + place}`;
  const noise = Array.from({ length: 40 }, (_, place): AuditCase => {
    return { oid: caller(place), operation: place % 2 ? "SecretListVersions" : "SecretBackup", status: 403 };
  });
  const rows = await alerts([...noise.slice(0, 35), {}, ...noise.slice(35)]);
  const ranks = rows.map(({ Severity }) => ["High", "Medium", "Low", "Informational"].indexOf(Severity));
  expect(rows).toHaveLength(41);
  expect(rows[0]).toMatchObject({ Severity: "High", Caller: INTRUDER });
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  expect(new Set(ranks).size).toBeGreaterThan(2);
});

describe("an exception", () => {
  const marked = { Severity: "Informational", Exceptions: ["exception-1"] };
  const unmarked = { Severity: "High", Exceptions: [] };
  const ofThis = { TokenKey: VAULT.toLowerCase() };

  test.each<[string, RegisterCase]>([
    ["everywhere", {}],
    ["in the vault", ofThis],
    ["on the one honeytoken", { TokenKey: `${VAULT.toLowerCase()}/secrets/archive-reader` }],
    ["that lasts too long, within its first year", { WindowEnd: "9999-12-31T00:00:00Z" }],
    ["of almost a year ago", { WindowStart: "2025-11-21T12:00:01Z" }],
    ["in whatever letters", { TokenKey: ` ${VAULT}/ `, PlanterOid: INTRUDER.toUpperCase(), State: " Exception " }],
  ])("lowers and marks what it names, %s, and hides nothing", async (_where, change) => {
    expect(await alerts([{}], [published(), expectedRow(change)])).toMatchObject([
      { ...marked, Touches: 1, Decoys: ["Archive-Reader"] },
    ]);
  });

  test.each<[string, RegisterCase]>([
    ["of another vault", { TokenKey: VAULT.toLowerCase().replace("kv-shop", "kv-other") }],
    ["of another honeytoken", { TokenKey: `${VAULT.toLowerCase()}/secrets/archive-reader-2` }],
    ["of nobody", { PlanterOid: "" }],
    ["of another caller", { PlanterOid: "cccccccc-0000-4000-8000-00000000000c" }],
    [
      "that began more than a year ago, whenever it says that it ends",
      { WindowStart: "2025-11-21T11:59:59Z", WindowEnd: "9999-12-31T00:00:00Z" },
    ],
    ["that is over", { WindowEnd: "2026-11-22T11:59:59Z" }],
    ["that has not begun", { WindowStart: "2026-11-22T12:00:01Z" }],
    ["without validity", { WindowStart: "", WindowEnd: "" }],
    ["without an id", { Properties: '{"Type":"exception","Operation":"SecretGet"}' }],
    ["of another operation", { Properties: '{"Type":"exception","Operation":"SecretBackup","Id":"exception-1"}' }],
    ["that is not one by its state", { State: "live" }],
  ])("%s lowers nothing", async (_what, change) => {
    expect(await alerts([{}], [published(), expectedRow(change)])).toMatchObject([unmarked]);
  });

  test("lowers a denied call as well, and several callers' one by one", async () => {
    const rows = await alerts(
      [{ status: 403 }, { oid: PLANTER.replace("000a", "000d") }],
      [published(), expectedRow()],
    );
    expect(rows.map(({ Severity }) => Severity).toSorted()).toEqual(["High", "Informational"]);
  });

  test.each([
    "SecretSet",
    "SecretDelete",
    "SecretPurge",
    "SecretUpdate",
    "SecretRestore",
    "SecretRecover",
    "SecretTeleport",
  ])("never lowers %s, whatever the list says", async (operation) => {
    const [alert] = await alerts([{ operation }], [published(), expectedRow({}, operation)]);
    expect(alert?.Exceptions).toEqual([]);
    expect(alert?.Severity).not.toBe("Informational");
  });

  test("is not for the identity that plants, of whichever honeytoken", async () => {
    const other = published({ HoneyToken: "batch-runner", TokenKey: "", PlanterOid: INTRUDER });
    expect(await alerts([{}], [published(), other, expectedRow()])).toMatchObject([unmarked]);
    const planter = expectedRow({ PlanterOid: PLANTER });
    expect(await alerts([{ oid: PLANTER }], [published(), planter])).toMatchObject([unmarked]);
  });

  test("is for nobody without an identity", async () => {
    expect(await alerts([{ oid: "" }], [published(), expectedRow({ PlanterOid: "" })])).toMatchObject([unmarked]);
  });

  test("leaves the caller's other touches what they are, and these decide", async () => {
    const touches: AuditCase[] = [{}, { operation: "SecretBackup", status: 403, at: "2026-11-22T12:05:00Z" }];
    expect(await alerts(touches, [published(), expectedRow()])).toMatchObject([
      { Severity: "Medium", Touches: 2, Exceptions: ["exception-1"] },
    ]);
  });

  test("of several that hold for a caller counts a touch once", async () => {
    const register = [published(), expectedRow(), expectedRow(ofThis, "SecretGet", "exception-2")];
    expect(await alerts([{}, { status: 403 }], register)).toMatchObject([{ Severity: "Informational", Touches: 2 }]);
  });

  test("for a certificate holds for the key and the secret that it opens as", async () => {
    const TokenKey = `${VAULT.toLowerCase()}/certificates/web-tls`;
    const certificate = published({ HoneyToken: "web-tls", Properties: '{"Type":"certificate"}', TokenKey });
    expect(await alerts([{ path: "/secrets/web-tls" }], [certificate, expectedRow({ TokenKey })])).toMatchObject([
      marked,
    ]);
  });

  test("is itself no honeytoken", async () => {
    const TokenKey = `${VAULT.toLowerCase()}/secrets/archive-reader`;
    expect(await alerts([{}], [expectedRow({ TokenKey, HoneyToken: "Archive-Reader", ResourceId: VAULT })])).toEqual(
      [],
    );
  });
});
