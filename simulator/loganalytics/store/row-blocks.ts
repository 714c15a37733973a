import type { Column, Value } from "../kql/types";
import { cellOf } from "./cells";
import { ColumnEncoder, type Encoded } from "./encoding";

/** Rows of a block: few enough that the rows of the last one, which are still objects, do not weigh. */
const BLOCK_BITS = 12;
const BLOCK_ROWS = 1 << BLOCK_BITS;
const IN_BLOCK = BLOCK_ROWS - 1;

type Values = Readonly<Record<string, unknown>>;

/**
 * Rows in the order in which they came, numbered from 0, and never changed. They are held by columns, never as objects;
 * a full block of them in few bytes. What a reader was made for stays readable as it was.
 */
export class RowBlocks {
  private readonly encoders: readonly ColumnEncoder[];
  private readonly positions: ReadonlyMap<string, number>;
  /** By block, then by column. */
  private readonly full: (readonly Encoded[])[] = [];
  /** The last block, by column; a column without a value in it is not there. */
  private open: (unknown[] | undefined)[] = [];
  private rowsInOpen = 0;

  constructor(private readonly columns: readonly Column[]) {
    this.encoders = columns.map((column) => new ColumnEncoder(column));
    this.positions = new Map(columns.map(({ name }, position) => [name, position]));
  }

  get length(): number {
    return this.full.length * BLOCK_ROWS + this.rowsInOpen;
  }

  /** Adds a row of plain JSON values by column name; names that are no column are left out. Returns its number. */
  add(values: Values): number {
    const row = this.length;
    for (const name of Object.keys(values)) {
      const value = values[name];
      const position = this.positions.get(name);
      if (position === undefined || value === undefined || value === null || value === "") continue;
      this.openColumn(position)[row & IN_BLOCK] = value;
    }
    this.rowsInOpen++;
    if (this.rowsInOpen === BLOCK_ROWS) this.seal();
    return row;
  }

  /** The values of a row as they were given; absent, null and "" are all absent. */
  values(row: number): Record<string, unknown> {
    const block = this.full[row >>> BLOCK_BITS];
    const values: Record<string, unknown> = {};
    for (const [position, { name }] of this.columns.entries()) {
      const value = block ? block[position]?.raw(row & IN_BLOCK) : this.open[position]?.[row & IN_BLOCK];
      if (value !== undefined) values[name] = value;
    }
    return values;
  }

  /** A reader of one column's cells, by the number of the row. It knows the rows that there are now. */
  cells(position: number): (row: number) => Value {
    const column = this.columns[position];
    if (!column) return () => null;
    const readers = this.full.map((block) => block[position]);
    const open = this.open[position];
    return (row) => {
      const reader = readers[row >>> BLOCK_BITS];
      return reader ? reader.cell(row & IN_BLOCK) : cellOf(column, open?.[row & IN_BLOCK]);
    };
  }

  private openColumn(position: number): unknown[] {
    let column = this.open[position];
    if (!column) {
      column = new Array<unknown>(BLOCK_ROWS).fill(undefined);
      this.open[position] = column;
    }
    return column;
  }

  private seal(): void {
    const { open } = this;
    this.full.push(this.encoders.map((encoder, position) => encoder.encode(open[position] ?? ABSENT)));
    this.open = [];
    this.rowsInOpen = 0;
  }
}

const ABSENT: readonly unknown[] = new Array<unknown>(BLOCK_ROWS).fill(undefined);
