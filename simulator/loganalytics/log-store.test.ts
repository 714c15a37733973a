import { describe, expect, test } from "vitest";
import { type LogRow, model } from "../model";
import { State } from "../state";
import { TABLE_COLUMNS } from "./columns";
import { JournalReader, LogStore } from "./log-store";

const CUSTOMER = "0f6d0f1e-6d5c-4a7e-8c0a-000000000001";
const row = (name: string, timeGenerated: number, ingestedAt: number): LogRow => ({
  table: "AZKVAuditLogs",
  timeGenerated,
  ingestedAt,
  values: { OperationName: name, HttpStatusCode: 200, Identity: { claim: { oid: "a" } } },
});
const column = (name: string) => TABLE_COLUMNS.AZKVAuditLogs.findIndex((found) => found.name === name);
const names = (store: LogStore, now: number) => store.tableAt(now).rows.map((cells) => cells[column("OperationName")]);

describe("a table of the workspace", () => {
  test("shows a row once its ingestion time has come, in order of TimeGenerated", () => {
    const store = new LogStore("AZKVAuditLogs", CUSTOMER);
    store.add([row("late", 1000, 9000), row("soon", 2000, 3000), row("next", 1500, 3500)]);
    expect(names(store, 2999)).toEqual([]);
    expect(names(store, 3000)).toEqual(["soon"]);
    expect(names(store, 8999)).toEqual(["next", "soon"]);
    store.add([row("new", 8000, 8500)]);
    expect(names(store, 9000)).toEqual(["late", "next", "soon", "new"]);
  });

  test("keeps what a running query holds while new rows come in", () => {
    const store = new LogStore("AZKVAuditLogs", CUSTOMER);
    store.add([row("one", 1000, 1000)]);
    const held = store.tableAt(1000);
    store.add([row("zero", 500, 1001)]);
    expect(names(store, 2000)).toEqual(["zero", "one"]);
    expect(held.rows).toHaveLength(1);
    expect(held.ingestedAt?.(0)).toBe(1_000_000);
  });

  test("tells the ingestion time of each row, microseconds", () => {
    const store = new LogStore("AZKVAuditLogs", CUSTOMER);
    store.add([row("b", 2000, 2500), row("a", 1000, 9000)]);
    const table = store.tableAt(9000);
    expect([table.ingestedAt?.(0), table.ingestedAt?.(1), table.ingestedAt?.(2)]).toEqual([9_000_000, 2_500_000, null]);
  });

  test("fills what a row does not have by the type of the column", () => {
    const store = new LogStore("AZKVAuditLogs", CUSTOMER);
    store.add([row("a", 1000, 1000)]);
    const [cells = []] = store.tableAt(1000).rows;
    expect(cells[column("TenantId")]).toBe(CUSTOMER);
    expect(cells[column("Type")]).toBe("AZKVAuditLogs");
    expect(cells[column("TimeGenerated")]).toBe(1_000_000);
    expect(cells[column("Identity")]).toEqual({ claim: { oid: "a" } });
    expect(cells[column("SubnetId")]).toBe("");
    expect(cells[column("IsRbacAuthorized")]).toBeNull();
    expect(cells[column("KeyProperties")]).toBeNull();
    expect(cells).toHaveLength(TABLE_COLUMNS.AZKVAuditLogs.length);
  });
});

describe("the journal", () => {
  test("tells each row once, also those that come between two calls", () => {
    const { logRows } = model(new State());
    const reader = new JournalReader(logRows);
    expect(reader.read()).toEqual({ restart: false, rows: [] });
    logRows.put("1", row("a", 1, 1));
    logRows.put("2", row("b", 2, 2));
    expect(reader.read().rows.map((found) => found.values.OperationName)).toEqual(["a", "b"]);
    logRows.put("3", row("c", 3, 3));
    expect(reader.read().rows.map((found) => found.values.OperationName)).toEqual(["c"]);
    expect(reader.read().rows).toEqual([]);
  });

  test("starts again when rows were taken away", () => {
    const { logRows } = model(new State());
    const reader = new JournalReader(logRows);
    logRows.put("1", row("a", 1, 1));
    logRows.put("2", row("b", 2, 2));
    reader.read();
    logRows.delete("1");
    expect(reader.read()).toMatchObject({ restart: true, rows: [{ values: { OperationName: "b" } }] });
  });
});
