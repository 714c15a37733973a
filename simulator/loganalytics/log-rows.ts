import type { LogRow, LogTable } from "../model";
import { LOG_TABLES } from "./columns";
import { LogStore } from "./log-store";

/** Milliseconds that rows are kept: 90 days, what a Sentinel workspace includes. */
export const RETENTION_MS = 90 * 86_400_000;

const FIRST_CAPACITY = 1024;

/**
 * The rows of every table of every workspace. Written rows are journaled; the generated ones lie among them in the same
 * stores, so that a query meets one table. A row that names no workspace is one of the watched workspace.
 */
export class LogRows {
  /** By table and workspace. */
  private readonly stores = new Map<string, LogStore>();
  private readonly order: LogStore[] = [];
  /** For each written row, in order, the store that it is in and its number there. */
  private storeOfRow = new Uint16Array(FIRST_CAPACITY);
  private numberOfRow = new Uint32Array(FIRST_CAPACITY);
  private written = 0;
  private ofTheWorld = 0;

  constructor(private readonly added: (row: LogRow) => void) {}

  /** Adds a row that somebody wrote. */
  add(row: LogRow): void {
    this.take(row);
    this.added(row);
  }

  /** Adds a row that can be generated again. */
  addGenerated(row: LogRow): void {
    this.store(row.table, row.workspaceId).add(row);
  }

  /** The rows of one table; `workspaceId` is an ARM id in any casing, absent for the watched workspace. */
  store(table: LogTable, workspaceId = ""): LogStore {
    const key = `${table}|${workspaceId.toLowerCase()}`;
    let found = this.stores.get(key);
    if (!found) {
      found = new LogStore(table, workspaceId);
      this.stores.set(key, found);
      this.order.push(found);
    }
    return found;
  }

  /** Every written row in the order in which they came, those of the world's past first. */
  values(): IterableIterator<LogRow> {
    return this.since(0);
  }

  /** Those that were written when there had been so many already, in order. */
  *since(count: number): IterableIterator<LogRow> {
    for (let row = count; row < this.written; row++) yield this.at(row);
  }

  *entries(): IterableIterator<[string, LogRow]> {
    for (let row = 0; row < this.written; row++) yield [String(row), this.at(row)];
  }

  get size(): number {
    return this.written;
  }

  /** Takes a row from the journal, unless a query could not see it any more. */
  load(row: LogRow, now: number): boolean {
    const known = LOG_TABLES.includes(row.table) && row.timeGenerated >= now - RETENTION_MS;
    if (known) this.take(row);
    return known;
  }

  settle(): void {
    this.ofTheWorld = this.written;
  }

  get journaled(): number {
    return this.written - this.ofTheWorld;
  }

  *snapshot(now: number): Iterable<LogRow> {
    for (let row = this.ofTheWorld; row < this.written; row++) {
      const found = this.at(row);
      if (found.timeGenerated >= now - RETENTION_MS) yield found;
    }
  }

  private take(row: LogRow): void {
    const store = this.store(row.table, row.workspaceId);
    if (this.written === this.numberOfRow.length) this.grow();
    this.storeOfRow[this.written] = this.order.indexOf(store);
    this.numberOfRow[this.written] = store.add(row);
    this.written++;
  }

  private at(row: number): LogRow {
    const store = this.order[this.storeOfRow[row] ?? 0];
    if (!store) throw new Error(`There is no row ${row}.`);
    return store.row(this.numberOfRow[row] ?? 0);
  }

  private grow(): void {
    const stores = new Uint16Array(this.written * 2);
    stores.set(this.storeOfRow);
    this.storeOfRow = stores;
    const numbers = new Uint32Array(this.written * 2);
    numbers.set(this.numberOfRow);
    this.numberOfRow = numbers;
  }
}
