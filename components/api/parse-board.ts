import { z } from "zod";
import { Board, BoardRow } from "@/lib/coverage/board.pure";

const Envelope = Board.extend({ vaults: z.array(z.unknown()) });
const ROWS_PER_SLICE = 500;

/**
 * Checks a board in slices and lets the browser paint in between: 10,000 rows in one go would be a long task,
 * noticed while scrolling. Throws ZodError when the answer is not a board.
 */
export async function parseBoard(body: unknown): Promise<Board> {
  const envelope = Envelope.parse(body);
  const vaults: BoardRow[] = [];
  for (let start = 0; start < envelope.vaults.length; start += ROWS_PER_SLICE) {
    if (start > 0) await nextTask();
    for (const row of envelope.vaults.slice(start, start + ROWS_PER_SLICE)) vaults.push(BoardRow.parse(row));
  }
  return { ...envelope, vaults };
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/**
 * `next` with the row objects of `previous` wherever nothing changed, and with its very array when no row did:
 * unchanged rows are then neither indexed nor drawn again by a poll.
 */
export function keepUnchangedRows(previous: Board | undefined, next: Board): Board {
  if (!previous) return next;
  const find = rowFinder(previous.vaults);
  const vaults = next.vaults.map((row, index) => {
    const old = find(row.id, index);
    return old && sameRow(old, row) ? old : row;
  });
  const unchanged =
    vaults.length === previous.vaults.length && vaults.every((row, index) => row === previous.vaults[index]);
  return { ...next, vaults: unchanged ? previous.vaults : vaults };
}

/** Finds a row by its id. Two answers nearly always have it at the same place; an index is made only when not. */
function rowFinder(rows: readonly BoardRow[]): (id: string, index: number) => BoardRow | undefined {
  let byId: Map<string, BoardRow> | undefined;
  return (id, index) => {
    const here = rows[index];
    if (here?.id === id) return here;
    byId ??= new Map(rows.map((row) => [row.id, row]));
    return byId.get(id);
  };
}

const FIELDS = BoardRow.keyof().options;

function sameRow(a: BoardRow, b: BoardRow): boolean {
  for (const field of FIELDS) if (a[field] !== b[field]) return false;
  return true;
}
