import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Context } from "../context";
import type { LogRow, VaultObject } from "../model";
import { FIRST_START, type TestTenant, testTenant } from "../test-tenant";
import { BackgroundFeed, backgroundRows } from "./background";
import { worldIds } from "./ids";
import { LoggingHistory } from "./logging-history";
import type { VaultPlan } from "./plan";
import { planOf } from "./world";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TABLES = ["AzureDiagnostics", "AZKVAuditLogs"] as const;

function allRows(context: Context, from: number, to: number): LogRow[] {
  return TABLES.flatMap((table) => backgroundRows(context, table, from, to));
}

function vaultsOf(rows: LogRow[]): Set<string> {
  return new Set(rows.map(({ values }) => String(values._ResourceId)));
}

/** The object that a URI names, lower case: no version, no verb, no query. */
function objectOf(uri: string): string {
  return uri.toLowerCase().split("?")[0]?.split("/").slice(0, 5).join("/") ?? "";
}

function uriOf({ values }: LogRow): string {
  return String(values.requestUri_s ?? values.RequestUri);
}

const Identity = z.object({ claim: z.object({ oid: z.string() }) });

function oidOf({ values }: LogRow): string {
  return String(values.identity_claim_oid_g ?? Identity.parse(values.Identity).claim.oid);
}

describe("background traffic", () => {
  let tenant: TestTenant;
  let month: LogRow[];

  beforeAll(async () => {
    tenant = await testTenant({ vaults: 240 });
    month = allRows(tenant.context, FIRST_START - 30 * DAY, FIRST_START);
  }, 60_000);

  test("is about 60,000 rows for 240 vaults and 30 days, sorted in each table", () => {
    expect(month.length).toBeGreaterThan(45_000);
    expect(month.length).toBeLessThan(75_000);
    for (const table of TABLES) {
      const times = month.filter((row) => row.table === table).map(({ timeGenerated }) => timeGenerated);
      expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0))).toBe(true);
    }
  });

  test("is the same, byte for byte, for the same seed, and another for another", async () => {
    const day = async (seed: number) => {
      const { context } = await testTenant({ vaults: 60, seed });
      return JSON.stringify(allRows(context, FIRST_START - DAY, FIRST_START));
    };
    const first = await day(5);
    expect(await day(5)).toBe(first);
    expect(await day(6)).not.toBe(first);
  });

  test("is the same however the time is cut into pieces", () => {
    const { context } = tenant;
    const from = FIRST_START - 3 * DAY;
    const whole = backgroundRows(context, "AZKVAuditLogs", from, FIRST_START);
    const pieces: LogRow[] = [];
    for (let at = from; at < FIRST_START; at += 5 * HOUR + 7777) {
      pieces.push(...backgroundRows(context, "AZKVAuditLogs", at, Math.min(FIRST_START, at + 5 * HOUR + 7777)));
    }
    expect(pieces).toEqual(whole);
  });

  test("comes from a feed in steps of any length, as settings change, and no row twice", () => {
    const { context } = tenant;
    const from = FIRST_START - 2 * DAY;
    for (const table of TABLES) {
      const feed = new BackgroundFeed(context, table, from);
      const rows: LogRow[] = [];
      let at = from;
      for (let step = 0; at < FIRST_START; step++) {
        at += [997, 60_000, 7_777_777, 31_000][step % 4] ?? 0;
        feed.advance(context, at, (row) => rows.push(row));
        feed.advance(context, at, () => expect.fail("nothing is left to tell"));
      }
      const inOrder = (list: LogRow[]) => list.map((row) => JSON.stringify(row)).sort();
      expect(inOrder(rows)).toEqual(inOrder(backgroundRows(context, table, from, FIRST_START)));
      expect(rows.length).toBeGreaterThan(200);
    }
  });

  test("goes to the other workspace from the vaults that log there", () => {
    const { context } = tenant;
    const other = worldIds(context).otherWorkspace.resourceId;
    const rows = backgroundRows(context, "AzureDiagnostics", FIRST_START - 10 * DAY, FIRST_START, other.toUpperCase());
    const elsewhere = planOf(context).vaults.filter(({ logging }) => logging === "elsewhere");
    expect(vaultsOf(rows)).toEqual(new Set(elsewhere.map(({ id }) => id.toLowerCase())));
    expect(new Set(rows.map(({ workspaceId }) => workspaceId))).toEqual(new Set([other.toLowerCase()]));
  });

  test("comes from every vault that logs to the watched workspace and from no other", () => {
    const logging = planOf(tenant.context).vaults.filter(({ logging: to }) => to === "workspace" || to === "stopped");
    expect(vaultsOf(month)).toEqual(new Set(logging.map(({ id }) => id.toLowerCase())));
  });

  /** Rows that name a decoy of the register, but for the platform's notices, with the vault that it is in. */
  function touches(): { vault: VaultPlan; operation: string; row: LogRow }[] {
    const decoys = new Map(
      planOf(tenant.context).vaults.flatMap((vault) =>
        vault.decoys.map((decoy) => [
          objectOf(`https://${vault.name}.vault.azure.net/${decoy.kind}s/${decoy.name}`),
          vault,
        ]),
      ),
    );
    return month.flatMap((row) => {
      const vault = decoys.get(objectOf(uriOf(row)));
      return vault ? [{ vault, operation: String(row.values.OperationName), row }] : [];
    });
  }

  test("names a decoy only where a machine reads everything, and there every kind of machine does", () => {
    const found = touches();
    const places = planOf(tenant.context).vaults.filter(
      ({ bulkReader, register }) => bulkReader && register !== "none",
    );
    expect(places.length).toBeLessThanOrEqual(8);
    expect(new Set(places.map(({ bulkReader }) => bulkReader))).toEqual(new Set(["loader", "backup", "sync"]));
    expect(new Set(found.map(({ vault }) => vault.name))).toEqual(new Set(places.map(({ name }) => name)));
    const callers = new Map(found.map(({ vault, row }) => [vault.bulkReader, oidOf(row)]));
    expect(new Set(callers.values()).size).toBe(3);
    for (const { vault, operation } of found) {
      const kind = vault.decoys[0]?.kind;
      if (vault.bulkReader === "backup") expect(operation).toBe(kind === "key" ? "KeyBackup" : "SecretBackup");
      else expect(operation).toBe("SecretGet");
    }
  });

  test("is busier by day than by night, and on weekdays than on Sundays; nobody browses at night", () => {
    const at = (row: LogRow) => new Date(row.timeGenerated);
    const count = (wanted: (row: LogRow) => boolean) => month.filter(wanted).length;
    const hourly = (from: number, to: number) =>
      count((row) => at(row).getUTCHours() >= from && at(row).getUTCHours() < to) / (to - from);
    expect(hourly(8, 16)).toBeGreaterThan(1.5 * hourly(19, 24));
    expect(count((row) => at(row).getUTCDay() === 3)).toBeGreaterThan(1.4 * count((row) => at(row).getUTCDay() === 0));
    const browsing = month.filter(({ values }) => values.OperationName === "SecretListVersions");
    const night = browsing.filter((row) => at(row).getUTCHours() < 5 || at(row).getUTCHours() >= 19);
    expect(night.length).toBeLessThan(browsing.length * 0.1);
  });

  test("writes what the vaults show: each version of the last month has its row, each deletion too", () => {
    const rows = new Set(month.map((row) => `${row.values.OperationName} ${row.values.id_s ?? row.values.Id}`));
    const { context } = tenant;
    let seen = 0;
    for (const vault of planOf(context).vaults) {
      if (vault.logging !== "workspace") continue;
      for (const name of vault.secrets) {
        const object = context.model.objects.get(`${vault.id}/secrets/${name}`);
        for (const { version, created } of object?.versions ?? []) {
          if (created < FIRST_START - 29 * DAY) continue;
          seen++;
          expect(rows).toContain(`SecretSet https://${vault.name}.vault.azure.net/secrets/${name}/${version}`);
        }
      }
      for (const name of vault.deleted)
        expect(rows).toContain(`SecretDelete https://${vault.name}.vault.azure.net/secrets/${name}`);
    }
    expect(seen).toBeGreaterThan(50);
  });

  test("has the rows that mislead rules: challenges without a caller, platform notices, refusals, ARM reads", () => {
    const operations = new Set(month.map(({ values }) => String(values.OperationName)));
    for (const operation of ["Authentication", "SecretGet", "SecretSet", "SecretList", "KeyList", "VaultGet"]) {
      expect(operations).toContain(operation);
    }
    for (const operation of ["KeyUnwrap", "KeySign", "SecretBackup", "KeyBackup", "CertificateRenew", "SecretDelete"]) {
      expect(operations).toContain(operation);
    }
    expect(operations).toContain("SecretNearExpiryEventGridNotification");
    const blocked = month.filter(
      ({ values }) => (values.isAddressAuthorized_b ?? values.IsAddressAuthorized) === false,
    );
    expect(blocked.length).toBeGreaterThan(20);
    const challenge = month.find(({ values }) => values.OperationName === "Authentication");
    expect(challenge?.values.identity_claim_oid_g ?? challenge?.values.Identity ?? null).toBeNull();
  });

  test("does not reach into the future", () => {
    const rows = allRows(tenant.context, FIRST_START - HOUR, FIRST_START + DAY);
    expect(rows.every(({ timeGenerated }) => timeGenerated < FIRST_START)).toBe(true);
  });
});

describe("what reads everything", () => {
  /** Names in the rows of one vault that a machine with this user agent asked for since the first start. */
  function named(context: Context, vault: VaultPlan, operation: string): string[] {
    return allRows(context, FIRST_START, FIRST_START + 30 * DAY)
      .filter(({ values }) => values._ResourceId === vault.id.toLowerCase() && values.OperationName === operation)
      .map((row) => objectOf(uriOf(row)).split("/").at(-1) ?? "");
  }

  test.each([
    ["loader", "SecretGet", 1],
    ["backup", "SecretBackup", 6],
    ["sync", "SecretGet", 6],
  ] as const)(
    "as %s meets what was planted meanwhile, from then on and until it is deleted",
    async (reader, operation, atLeast) => {
      const { context, advance } = await testTenant({ vaults: 60 });
      const vault = planOf(context).vaults.find(
        ({ bulkReader, register }) => bulkReader === reader && register === "none",
      );
      if (!vault) throw new Error("No such vault.");
      advance(DAY);
      const planted: VaultObject = {
        vaultId: vault.id,
        kind: "secret",
        name: "freight-archive-password",
        versions: [
          {
            version: "0".repeat(32),
            enabled: true,
            created: context.now(),
            updated: context.now(),
            tags: {},
            value: "x",
          },
        ],
      };
      context.model.objects.put(`${vault.id}/secrets/${planted.name}`, planted);
      expect(named(context, vault, operation)).not.toContain(planted.name);
      advance(8 * DAY);
      const met = named(context, vault, operation).filter((name) => name === planted.name).length;
      expect(met).toBeGreaterThanOrEqual(atLeast);
      context.model.objects.put(`${vault.id}/secrets/${planted.name}`, {
        ...planted,
        deletedAt: context.now(),
        purgeAt: context.now() + 90 * DAY,
      });
      advance(8 * DAY);
      expect(named(context, vault, operation).filter((name) => name === planted.name)).toHaveLength(met);
    },
  );
});

describe("a large estate", () => {
  test("writes about 100,000 rows a month, however large it is", async () => {
    const { context } = await testTenant({ vaults: 800 });
    const week = allRows(context, FIRST_START - 7 * DAY, FIRST_START);
    expect(week.length * (30 / 7)).toBeGreaterThan(65_000);
    expect(week.length * (30 / 7)).toBeLessThan(125_000);
  }, 30_000);
});

describe("a setting that changes", () => {
  test("starts rows when it takes effect; its removal stops them and keeps what was written", async () => {
    const { context, advance } = await testTenant({ vaults: 30 });
    const vault = planOf(context).vaults.find(({ logging }) => logging === "none");
    const id = vault?.id ?? "";
    const effectiveAt = FIRST_START + 2 * HOUR;
    context.model.diagnosticSettings.put(`${id}/ours`, {
      vaultId: id,
      name: "ours",
      workspaceId: worldIds(context).workspace.resourceId,
      destinationType: "Dedicated",
      logs: [{ categoryGroup: "allLogs", enabled: true }],
      createdAt: FIRST_START,
      effectiveAt,
    });
    const history = new LoggingHistory(context);
    advance(5 * DAY);
    const rows = () =>
      allRows(context, FIRST_START - DAY, FIRST_START + 10 * DAY).filter(
        ({ values }) => values._ResourceId === id.toLowerCase(),
      );
    expect(rows().length).toBeGreaterThan(5);
    expect(rows().every((row) => row.table === "AZKVAuditLogs" && row.timeGenerated >= effectiveAt)).toBe(true);
    const written = rows();
    context.model.diagnosticSettings.delete(`${id}/ours`);
    history.note();
    advance(5 * DAY);
    expect(rows()).toEqual(written);
  });

  test("leaves the past of a vault as it was", async () => {
    const { context } = await testTenant({ vaults: 30 });
    const vault = planOf(context).vaults.find(({ logging }) => logging === "workspace");
    const before = allRows(context, FIRST_START - 5 * DAY, FIRST_START);
    for (const [key, setting] of [...context.model.diagnosticSettings.entries()]) {
      if (setting.vaultId === vault?.id) context.model.diagnosticSettings.delete(key);
    }
    expect(allRows(context, FIRST_START - 5 * DAY, FIRST_START)).toEqual(before);
  });
});
