import type { Column, Value } from "../kql/types";
import { cellOf } from "./cells";
import { ColumnEncoder, type Encoded } from "./encoding";

/** Rows of a block: few enough that the rows of the last one, which are still objects, do not weigh. */
const BLOCK_BITS = 12;
const BLOCK_ROWS = 1 << BLOCK_BITS;
const IN_BLOCK = BLOCK_ROWS - 1;

type Values = Readonly<Record<string, unknown>>;

/**
 * Rows in the order in which they came, numbered from 0, and never changed. A full block of rows is held by columns; the
 * rows of the last one are the objects that were given. What a reader was made for stays readable as it was.
 */
export class RowBlocks {
  private readonly encoders: readonly ColumnEncoder[];
  private readonly positions: ReadonlyMap<string, number>;
  /** By block, then by column. */
  private readonly full: (readonly Encoded[])[] = [];
  private open: Values[] = [];

  constructor(private readonly columns: readonly Column[]) {
    this.encoders = columns.map((column) => new ColumnEncoder(column));
    this.positions = new Map(columns.map(({ name }, position) => [name, position]));
  }

  get length(): number {
    return this.full.length * BLOCK_ROWS + this.open.length;
  }

  /** Adds a row of plain JSON values by column name; names that are no column are left out. Returns its number. */
  add(values: Values): number {
    const row = this.length;
    this.open.push(this.kept(values));
    if (this.open.length === BLOCK_ROWS) this.seal();
    return row;
  }

  /** The values of a row as they were given; absent, null and "" are all absent. */
  values(row: number): Record<string, unknown> {
    const block = this.full[row >>> BLOCK_BITS];
    if (!block) return { ...this.open[row & IN_BLOCK] };
    const values: Record<string, unknown> = {};
    for (const [position, { name }] of this.columns.entries()) {
      const value = block[position]?.raw(row & IN_BLOCK);
      if (value !== undefined) values[name] = value;
    }
    return values;
  }

  /** A reader of one column's cells, by the number of the row. It knows the rows that there are now. */
  cells(position: number): (row: number) => Value {
    const column = this.columns[position];
    if (!column) return () => null;
    const readers = this.full.map((block) => block[position]);
    const { open } = this;
    return (row) => {
      const reader = readers[row >>> BLOCK_BITS];
      return reader ? reader.cell(row & IN_BLOCK) : cellOf(column, open[row & IN_BLOCK]?.[column.name]);
    };
  }

  private kept(values: Values): Values {
    const kept: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined && value !== null && value !== "" && this.positions.has(name)) kept[name] = value;
    }
    return kept;
  }

  private seal(): void {
    const { open } = this;
    this.full.push(
      this.columns.map(({ name }, position) =>
        this.encoded(
          position,
          open.map((row) => row[name]),
        ),
      ),
    );
    this.open = [];
  }

  private encoded(position: number, values: readonly unknown[]): Encoded {
    const encoder = this.encoders[position];
    if (!encoder) throw new Error(`There is no column ${position}.`);
    return encoder.encode(values);
  }
}
