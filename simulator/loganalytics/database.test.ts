import { describe, expect, test } from "vitest";
import type { Context } from "../context";
import { REAL_DELAYS } from "../delays";
import { tenantIdentity } from "../identity";
import { type LogTable, model } from "../model";
import { State } from "../state";
import { backgroundRows } from "../world/background";
import { createWorld } from "../world/world";
import { TABLE_COLUMNS } from "./columns";
import { databaseOf } from "./database";
import type { Value } from "./kql/types";
import { columnOf as cellsOf } from "./testing/table-rows";
import { watchedWorkspace, writeLogRow } from "./workspace";

const NOON = Date.UTC(2026, 9, 1, 12);
const DAY = 86_400_000;

/** A generated estate of 40 vaults whose clock stands until it is moved. */
function makeEstate() {
  const seed = { seed: 1, vaults: 40, firstStart: NOON };
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
    settings: { port: 0, seed: 1, vaults: 40, appOrigin: "http://localhost:3000", delays, throttle: true },
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
      for (const row of backgroundRows(context, table, NOON - 3 * DAY, NOON))
        for (const name of Object.keys(row.values)) expect(known, name).toContain(name);
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

  test("another workspace has the same tables without rows, and unknown tables are unknown", () => {
    const { context } = makeEstate();
    const watched = watchedWorkspace(context) ?? expect.fail("no workspace");
    const other = databaseOf(context, { ...watched, id: `${watched.id}-other` });
    expect(other.table("AZKVAuditLogs")?.rows).toHaveLength(0);
    expect(other.table("SigninLogs")).toBeUndefined();
    expect(other.schemaOf("AZKVAuditLogs")).toBe(TABLE_COLUMNS.AZKVAuditLogs);
  });
});
