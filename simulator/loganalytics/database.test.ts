import { describe, expect, test } from "vitest";
import type { Context } from "../context";
import { REAL_DELAYS } from "../delays";
import { tenantIdentity } from "../identity";
import { type LogTable, model, type Workspace } from "../model";
import { State } from "../state";
import { backgroundRows } from "../world/background";
import { createWorld } from "../world/world";
import { auditRow } from "./audit-row";
import { TABLE_COLUMNS } from "./columns";
import { databaseOf } from "./database";
import type { Value } from "./kql/types";
import { columnOf as cellsOf } from "./testing/table-rows";
import { watchedWorkspace, writeLogRow } from "./workspace";

const NOON = Date.UTC(2026, 9, 1, 12);
const DAY = 86_400_000;

/** A generated estate of 20 vaults whose clock stands until it is moved. */
function makeEstate() {
  const seed = { seed: 1, vaults: 20, firstStart: NOON };
  const clock = { now: NOON };
  const delays = {
    ...REAL_DELAYS,
    ingestionMin: 60_000,
    ingestionMax: 60_000,
    watchlist: 0,
    grant: 0,
    diagnostics: 0,
    resourceGraph: 0,
  };
  const context: Context = {
    settings: { port: 0, seed: 1, vaults: 20, appOrigin: "http://localhost:3000", delays, throttle: true },
    identity: tenantIdentity(seed),
    model: model(new State()),
    now: () => clock.now,
    random: Math.random,
  };
  createWorld(context);
  return { context, clock };
}

function columnOf(context: Context, table: LogTable, column: string): Value[] {
  const workspace = watchedWorkspace(context) ?? expect.fail("no workspace");
  return cellsOf(databaseOf(context, workspace).table(table), column);
}

describe("the tables of the watched workspace", () => {
  test.each(["AzureDiagnostics", "AZKVAuditLogs"] as const)(
    "%s holds the journaled and the generated rows of 30 days, sorted, and no row twice",
    (table) => {
      const { context } = makeEstate();
      const from = NOON - 30 * DAY;
      const generated = backgroundRows(context, table, from, NOON).filter((row) => row.ingestedAt <= NOON);
      const journaled = [...context.model.logRows.values()].filter(
        (row) => row.table === table && row.ingestedAt <= NOON,
      );
      expect(generated.length).toBeGreaterThan(100);
      const expected = [...generated, ...journaled].map((row) => row.timeGenerated * 1000).sort((a, b) => a - b);
      expect(columnOf(context, table, "TimeGenerated")).toEqual(expected);
      expect(columnOf(context, table, "TimeGenerated")).toEqual(expected);
    },
  );

  test("grow as time passes, with the same rows as a process that starts later", () => {
    const { context, clock } = makeEstate();
    const before = columnOf(context, "AZKVAuditLogs", "CorrelationId");
    for (let step = 0; step < 10; step++) {
      clock.now += 3 * 3_600_000 + 137;
      columnOf(context, "AZKVAuditLogs", "CorrelationId");
    }
    const grown = columnOf(context, "AZKVAuditLogs", "CorrelationId");
    expect(grown.length).toBeGreaterThan(before.length);
    const late = makeEstate();
    late.clock.now = clock.now;
    const since = (clock.now - 29 * DAY) * 1000;
    const recent = (estate: Context) =>
      columnOf(estate, "AZKVAuditLogs", "TimeGenerated").filter((at) => Number(at) > since);
    expect(recent(context)).toEqual(recent(late.context));
  });

  test("every column that a generated row has exists in its table", () => {
    const { context } = makeEstate();
    for (const table of ["AzureDiagnostics", "AZKVAuditLogs"] as const) {
      const known = new Set(TABLE_COLUMNS[table].map(({ name }) => name));
      const rows = backgroundRows(context, table, NOON - 3 * DAY, NOON);
      const used = new Set(rows.flatMap(({ values }) => Object.keys(values)));
      expect([...used].filter((name) => !known.has(name))).toEqual([]);
    }
  });

  test("a written row shows after its delay; one with an unknown column is refused", () => {
    const { context, clock } = makeEstate();
    writeLogRow(context, "AzureActivity", { Caller: "someone", Properties_d: { a: 1 } });
    expect(columnOf(context, "AzureActivity", "Caller")).not.toContain("someone");
    clock.now += 120_000;
    expect(columnOf(context, "AzureActivity", "Caller")).toContain("someone");
    expect(() => writeLogRow(context, "AzureActivity", { caller: "someone" })).toThrow("no column caller");
  });

  test("of another workspace hold what the vaults write that log there, and what they did before", () => {
    const { context, clock } = makeEstate();
    const other = [...context.model.workspaces.values()].find(({ sentinel }) => sentinel === false);
    const [setting] = [...context.model.diagnosticSettings.values()].filter(
      ({ workspaceId }) => workspaceId === other?.id,
    );
    const vault = setting && context.model.vaults.get(setting.vaultId);
    if (!other || !vault) return expect.fail("no vault logs to the other workspace");
    const operation = "SecretPurge";
    auditRow(context, {
      vault,
      operation,
      status: 200,
      requestUri: "",
      callerAddress: "",
      userAgent: "",
      correlationId: "",
      durationMs: 1,
    });
    clock.now += 60_000;
    const cells = (of: Workspace, name: string) => cellsOf(databaseOf(context, of).table("AzureDiagnostics"), name);
    expect(cells(other, "OperationName")).toContain(operation);
    expect(columnOf(context, "AzureDiagnostics", "OperationName")).not.toContain(operation);
    expect(cells(other, "_ResourceId")).toContain(vault.id.toLowerCase());
    expect(columnOf(context, "AzureDiagnostics", "_ResourceId")).not.toContain(vault.id.toLowerCase());
    expect(cells(other, "Type").length).toBeGreaterThan(20);
    expect(new Set(cells(other, "TenantId"))).toEqual(new Set([other.customerId]));
  });

  test("hold for a window of ingestion what arrived in it, and no more", () => {
    const { context, clock } = makeEstate();
    const watched = watchedWorkspace(context) ?? expect.fail("no workspace");
    clock.now += DAY;
    const arrived = (after: number, until: number) => {
      const window = { ingestedAfter: after, ingestedUntil: until };
      const table = databaseOf(context, watched, window).table("AZKVAuditLogs");
      return Array.from({ length: table?.rows.length ?? 0 }, (_, row) => Number(table?.ingestedAt?.(row)) / 1000);
    };
    const all = arrived(Number.NEGATIVE_INFINITY, clock.now);
    const pieces: number[] = [];
    for (let at = clock.now - 35 * DAY; at < clock.now; at += DAY / 4) pieces.push(...arrived(at, at + DAY / 4));
    expect(pieces.sort((a, b) => a - b)).toEqual(all.sort((a, b) => a - b));
    expect(arrived(clock.now, clock.now + DAY)).toEqual([]);
  });

  test("an unknown workspace has the same tables without rows, and unknown tables are unknown", () => {
    const { context } = makeEstate();
    const watched = watchedWorkspace(context) ?? expect.fail("no workspace");
    const other = databaseOf(context, { ...watched, id: `${watched.id}-other` });
    expect(other.table("AZKVAuditLogs")?.rows).toHaveLength(0);
    expect(other.table("SigninLogs")).toBeUndefined();
    expect(other.schemaOf("AZKVAuditLogs")).toBe(TABLE_COLUMNS.AZKVAuditLogs);
  });
});
