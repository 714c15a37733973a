import type { LogRow, LogTable, Model } from "../model";
import { TABLE_COLUMNS } from "./columns";
import type { Column, Row, Table, Value } from "./kql/types";
import { fromMilliseconds, parseDatetime } from "./kql/values/time";

/** A row in the order of its table's columns, with both of its times in milliseconds. */
interface StoredRow {
  time: number;
  ingestedAt: number;
  cells: Row;
}

/**
 * Rows of one table that have reached the workspace, sorted by `TimeGenerated`, and those still on their way.
 *
 * Rows are added at the end and become visible when the clock passes their ingestion time; nothing is rebuilt for a
 * query. The visible list is replaced, never changed in place, so that a query that is under way keeps what it has.
 */
export class LogStore {
  private visible: readonly StoredRow[] = [];
  private cells: readonly Row[] = [];
  private pending: StoredRow[] = [];

  constructor(
    private readonly name: LogTable,
    /** `TenantId` of every row: the workspace's own GUID. */
    private readonly customerId: string,
  ) {}

  /** Adds rows in any order. */
  add(rows: Iterable<LogRow>): void {
    for (const row of rows) this.pending.push(this.stored(row));
  }

  /** The table with the rows of `after < ingestedAt <= until` (milliseconds). */
  tableAt(until: number, after = Number.NEGATIVE_INFINITY): Table {
    this.admit(until);
    const inside = ({ ingestedAt }: StoredRow) => ingestedAt > after && ingestedAt <= until;
    const all = this.visible.every(inside);
    const visible = all ? this.visible : this.visible.filter(inside);
    return {
      name: this.name,
      columns: TABLE_COLUMNS[this.name],
      rows: all ? this.cells : visible.map((row) => row.cells),
      timeColumn: "TimeGenerated",
      ingestedAt: (index) => {
        const row = visible[index];
        return row ? fromMilliseconds(row.ingestedAt) : null;
      },
    };
  }

  private admit(now: number): void {
    const due = this.pending.filter((row) => row.ingestedAt <= now);
    if (due.length === 0) return;
    this.pending = this.pending.filter((row) => row.ingestedAt > now);
    due.sort((a, b) => a.time - b.time);
    this.visible = merge(this.visible, due);
    this.cells = this.visible.map((row) => row.cells);
  }

  private stored(row: LogRow): StoredRow {
    const time = fromMilliseconds(row.timeGenerated);
    const own: Record<string, Value> = { TimeGenerated: time, TenantId: this.customerId, Type: this.name };
    const cells = TABLE_COLUMNS[this.name].map((column) => own[column.name] ?? cellOf(column, row.values[column.name]));
    return { time: row.timeGenerated, ingestedAt: row.ingestedAt, cells };
  }
}

/** Two lists sorted by time into one. The second one is nearly always newer, so the search begins at the end. */
function merge(older: readonly StoredRow[], newer: readonly StoredRow[]): StoredRow[] {
  const first = newer[0];
  if (!first) return [...older];
  let split = older.length;
  while (split > 0 && (older[split - 1]?.time ?? 0) > first.time) split--;
  const tail = [...older.slice(split), ...newer].sort((a, b) => a.time - b.time);
  return older.slice(0, split).concat(tail);
}

/** One plain JSON value as a cell of a column's type; absent text is "", anything else absent is null. */
function cellOf(column: Column, value: unknown): Value {
  if (value === undefined || value === null) return column.type === "string" ? "" : null;
  switch (column.type) {
    case "string":
    case "guid":
      return typeof value === "string" ? value : JSON.stringify(value);
    case "datetime":
      return typeof value === "number" ? fromMilliseconds(value) : parseDatetime(String(value));
    case "bool":
      return typeof value === "boolean" ? value : null;
    case "dynamic":
      // Row values are plain JSON: they come from the journal or from generators that write the same.
      return value as Value;
    default:
      return typeof value === "number" ? value : null;
  }
}

/** The journaled rows that came in since the last call, by table. The journal only ever grows while it is read. */
export class JournalReader {
  private position: Iterator<LogRow>;
  private consumed = 0;

  constructor(private readonly rows: Model["logRows"]) {
    this.position = rows.values();
  }

  /** New rows; `restart` says that rows were taken away and everything is told again. */
  read(): { restart: boolean; rows: LogRow[] } {
    const restart = this.rows.size < this.consumed;
    if (restart) {
      this.position = this.rows.values();
      this.consumed = 0;
    }
    const rows: LogRow[] = [];
    // The iterator is live: asked for no more than is there, it never ends and goes on with what is added later.
    while (this.consumed < this.rows.size) {
      const next = this.position.next();
      if (next.done) break;
      rows.push(next.value);
      this.consumed++;
    }
    return { restart, rows };
  }
}
