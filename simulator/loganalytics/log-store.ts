import type { LogRow, LogTable } from "../model";
import { TABLE_COLUMNS } from "./columns";
import type { Column, RowSource, Table, Value } from "./kql/types";
import { fromMilliseconds } from "./kql/values/time";
import { RowBlocks } from "./store/row-blocks";
import { SortedIds, upperBound } from "./store/sorted-ids";
import { Times } from "./store/times";

/** Which rows a query sees, milliseconds. */
export interface Span {
  /** Rows that reached the workspace later than this. */
  ingestedAfter: number;
  /** Rows that had reached the workspace by then. */
  ingestedUntil: number;
  /** Rows that are at least as young as this; older ones were dropped. */
  since: number;
}

/** A share of all rows below which picking them out and sorting them is cheaper than leaving out the others. */
const FEW = 1 / 64;

/**
 * The rows of one table, kept by columns in the order in which they were written, and found in two orders: by
 * `TimeGenerated`, which is how a query gets them, and by ingestion, which decides whether it gets them at all. Nothing
 * is rebuilt for a query, and a query that is under way keeps the rows that it was given.
 */
export class LogStore {
  private readonly blocks: RowBlocks;
  private readonly times = new Times();
  private readonly ingestion = new Times();
  private readonly byTime = new SortedIds((row) => this.times.at(row));
  private readonly byIngestion = new SortedIds((row) => this.ingestion.at(row));
  private delay = { least: Number.POSITIVE_INFINITY, greatest: Number.NEGATIVE_INFINITY };
  private seen: { span: Span; rows: number; ids: Uint32Array } | undefined;

  /** `workspaceId` is what rows say of where they belong; empty for the watched workspace. */
  constructor(
    private readonly name: LogTable,
    private readonly workspaceId = "",
  ) {
    this.blocks = new RowBlocks(TABLE_COLUMNS[name]);
  }

  get length(): number {
    return this.blocks.length;
  }

  /** Adds a row, in any order of its times, and returns its number. */
  add(row: Pick<LogRow, "timeGenerated" | "ingestedAt" | "values">): number {
    const { timeGenerated, ingestedAt } = row;
    this.times.push(timeGenerated);
    this.ingestion.push(ingestedAt);
    const delay = fromMilliseconds(ingestedAt) - fromMilliseconds(timeGenerated);
    this.delay = { least: Math.min(this.delay.least, delay), greatest: Math.max(this.delay.greatest, delay) };
    const id = this.blocks.add(row.values);
    this.byTime.add(id);
    this.byIngestion.add(id);
    return id;
  }

  /** The row of that number as it was added, without its empty values. */
  row(id: number): LogRow {
    return {
      table: this.name,
      ...(this.workspaceId !== "" && { workspaceId: this.workspaceId }),
      timeGenerated: this.times.at(id),
      ingestedAt: this.ingestion.at(id),
      values: this.blocks.values(id),
    };
  }

  /** The table with the rows of a span, sorted by `TimeGenerated`. `TenantId` of every row is the workspace's own GUID. */
  table(customerId: string, span: Span): Table {
    const ids = this.visible(span);
    const columns = TABLE_COLUMNS[this.name];
    const rows: RowSource = {
      length: ids.length,
      column: (position) => this.reader(columns[position], position, customerId, ids),
    };
    return {
      name: this.name,
      columns,
      rows,
      timeColumn: "TimeGenerated",
      ingestedAt: (row) => (row in ids ? fromMilliseconds(this.ingestion.at(ids[row] ?? 0)) : null),
      ...(this.length > 0 && { ingestionDelay: this.delay }),
    };
  }

  private reader(
    column: Column | undefined,
    position: number,
    customerId: string,
    ids: Uint32Array,
  ): (row: number) => Value {
    if (column?.name === "TimeGenerated") return (row) => fromMilliseconds(this.times.at(ids[row] ?? 0));
    if (column?.name === "TenantId") return () => customerId;
    if (column?.name === "Type") return () => this.name;
    const cells = this.blocks.cells(position);
    return (row) => cells(ids[row] ?? 0);
  }

  private visible(span: Span): Uint32Array {
    const known = this.seen;
    if (known?.rows === this.length && sameSpan(known.span, span)) return known.ids;
    const ids = this.find(span);
    this.seen = { span, rows: this.length, ids };
    return ids;
  }

  private find({ ingestedAfter, ingestedUntil, since }: Span): Uint32Array {
    const first = this.byIngestion.countUntil(ingestedAfter);
    const end = Math.max(first, this.byIngestion.countUntil(ingestedUntil));
    const timeOf = (row: number) => this.times.at(row);
    let ids: Uint32Array;
    if (end - first === this.length) ids = this.byTime.all();
    else if (end - first <= this.length * FEW) {
      ids = this.byIngestion.all().slice(first, end);
      ids.sort((a, b) => timeOf(a) - timeOf(b) || a - b);
    } else ids = this.without(first, end);
    // What is as old as `since` is kept: the bound is that of everything older.
    return ids.subarray(upperBound(ids, timeOf, since - 1));
  }

  /** All rows by time save those that, by ingestion, stand before `first` or from `end` on. */
  private without(first: number, end: number): Uint32Array {
    const all = this.byTime.all();
    const hidden = new Uint8Array(this.length);
    let oldest = Number.POSITIVE_INFINITY;
    const hide = (rows: Uint32Array) => {
      for (const row of rows) {
        hidden[row] = 1;
        oldest = Math.min(oldest, this.times.at(row));
      }
    };
    const arrived = this.byIngestion.all();
    hide(arrived.subarray(0, first));
    hide(arrived.subarray(end));
    const ids = new Uint32Array(end - first);
    // Rows older than every hidden one are taken over as they stand; usually that is nearly all of them.
    let count = upperBound(all, (row) => this.times.at(row), oldest - 1);
    ids.set(all.subarray(0, count));
    for (let place = count; place < all.length; place++) {
      const row = all[place] ?? 0;
      if (hidden[row] === 0) ids[count++] = row;
    }
    return ids;
  }
}

function sameSpan(a: Span, b: Span): boolean {
  return a.ingestedAfter === b.ingestedAfter && a.ingestedUntil === b.ingestedUntil && a.since === b.since;
}
