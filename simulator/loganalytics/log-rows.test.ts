import { describe, expect, test } from "vitest";
import type { LogRow } from "../model";
import { LogRows, RETENTION_MS } from "./log-rows";

const NOW = Date.UTC(2026, 9, 1);
const row = (name: string, more: Partial<LogRow> = {}): LogRow => ({
  table: "AZKVAuditLogs",
  timeGenerated: NOW,
  ingestedAt: NOW + 1,
  values: { OperationName: name },
  ...more,
});
const names = (rows: Iterable<LogRow>) => Array.from(rows, ({ values }) => values.OperationName);

describe("the rows of all tables", () => {
  test("come in the order in which they were written, over tables and workspaces; generated ones are not told", () => {
    const told: LogRow[] = [];
    const rows = new LogRows((added) => told.push(added));
    const written = [
      row("a"),
      row("b", { table: "AzureDiagnostics" }),
      row("c", { workspaceId: "/subscriptions/s/Workspace" }),
      row("d"),
    ];
    for (const each of written) {
      rows.add(each);
      rows.addGenerated(row("generated", { table: each.table }));
    }
    expect(told).toEqual(written);
    expect([...rows.values()]).toEqual(written);
    expect(rows.size).toBe(4);
    expect(rows.store("AZKVAuditLogs").length).toBe(5);
    expect(rows.store("AZKVAuditLogs", "/SUBSCRIPTIONS/s/workspace").length).toBe(1);
  });

  test("are journaled from the end of the world's own on, and for as long as they are kept", () => {
    const rows = new LogRows(() => {});
    rows.add(row("of the world"));
    rows.settle();
    rows.add(row("old", { timeGenerated: NOW - RETENTION_MS - 1 }));
    rows.add(row("new", { timeGenerated: NOW - RETENTION_MS }));
    expect(rows.journaled).toBe(2);
    expect(names(rows.snapshot(NOW))).toEqual(["new"]);
    expect(rows.load(row("loaded"), NOW)).toBe(true);
    expect(rows.load(row("too old", { timeGenerated: NOW - RETENTION_MS - 1 }), NOW)).toBe(false);
    expect(names(rows.snapshot(NOW))).toEqual(["new", "loaded"]);
  });

  test("stay what they were through thousands of others", () => {
    const rows = new LogRows(() => {});
    for (let i = 0; i < 9000; i++) rows.add(row(`${i}`, { table: i % 2 ? "AZKVAuditLogs" : "AzureDiagnostics" }));
    expect(names(rows.values())).toEqual(Array.from({ length: 9000 }, (_, i) => `${i}`));
  });
});
