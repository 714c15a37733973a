import { beforeAll, describe, expect, test } from "vitest";
import type { Context } from "../context";
import type { LogRow } from "../model";
import { FIRST_START, type TestTenant, testTenant } from "../test-tenant";
import { backgroundRows } from "./background";
import { worldIds } from "./ids";
import { LoggingHistory } from "./logging-history";
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

describe("background traffic", () => {
  let tenant: TestTenant;
  let month: LogRow[];

  beforeAll(async () => {
    tenant = await testTenant({ vaults: 240 });
    month = allRows(tenant.context, FIRST_START - 30 * DAY, FIRST_START);
  });

  test("is about 60,000 rows for 240 vaults and 30 days, sorted in each table", () => {
    expect(month.length).toBeGreaterThan(45_000);
    expect(month.length).toBeLessThan(75_000);
    for (const table of TABLES) {
      const times = month.filter((row) => row.table === table).map(({ timeGenerated }) => timeGenerated);
      expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0))).toBe(true);
    }
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

  test("comes from every vault that logs to the watched workspace and from no other", () => {
    const logging = planOf(tenant.context).vaults.filter(({ logging: to }) => to === "workspace" || to === "stopped");
    expect(vaultsOf(month)).toEqual(new Set(logging.map(({ id }) => id.toLowerCase())));
  });

  test("never names a decoy", () => {
    const decoys = new Set(
      planOf(tenant.context).vaults.flatMap(({ name, decoys }) =>
        decoys.map((decoy) => `https://${name}.vault.azure.net/${decoy.kind}s/${decoy.name}`.toLowerCase()),
      ),
    );
    const named = month.filter(({ values }) => {
      const uri = String(values.requestUri_s ?? values.RequestUri).toLowerCase();
      return decoys.has(uri.replace(/[/?].*$/, "")) || [...decoys].some((decoy) => uri.startsWith(`${decoy}/`));
    });
    expect(named).toEqual([]);
  });

  test("has the rows that mislead rules: challenges without a caller, platform notices, refusals, ARM reads", () => {
    const operations = new Set(month.map(({ values }) => String(values.OperationName)));
    for (const operation of ["Authentication", "SecretGet", "SecretSet", "SecretList", "KeyList", "VaultGet"]) {
      expect(operations).toContain(operation);
    }
    expect(operations).toContain("SecretNearExpiryEventGridNotification");
    const challenge = month.find(({ values }) => values.OperationName === "Authentication");
    expect(challenge?.values.identity_claim_oid_g ?? challenge?.values.Identity ?? null).toBeNull();
  });

  test("does not reach into the future", () => {
    const rows = allRows(tenant.context, FIRST_START - HOUR, FIRST_START + DAY);
    expect(rows.every(({ timeGenerated }) => timeGenerated < FIRST_START)).toBe(true);
  });
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
