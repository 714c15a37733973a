import "server-only";
import { isException, parseRegisterRow, type RegisterColumns, type RegisterRow, standing } from "../rows";
import type { ImportPreview, RowProblem } from "../views.pure";

/** What an import makes of the published rows. */
export interface Examined {
  /** One row for each object that the register lacks and that is not just being planted. */
  fresh: RegisterRow[];
  preview: ImportPreview;
}

/**
 * Examines published rows before an import. `knownKeys` are the token keys that the register has. Rows that name one
 * object twice, whatever their casing, mean the same decoy; the live one of them says more. Data in, data out.
 */
export function examineRows(all: readonly RegisterColumns[], knownKeys: ReadonlySet<string>, now: Date): Examined {
  const columns = all.filter((row) => !isException(row));
  const problems = new Map<RowProblem, number>();
  const usable: { row: RegisterRow; columns: RegisterColumns }[] = [];
  for (const cells of columns) {
    const row = parseRegisterRow(cells);
    if ("problem" in row) problems.set(row.problem, (problems.get(row.problem) ?? 0) + 1);
    else usable.push({ row: standing(row, now), columns: cells });
  }
  const rows = usable.map(({ row }) => row);
  const single = oneRowPerObject(rows);
  const planting = single.filter(({ state, tokenKey }) => state === "planting" && !knownKeys.has(tokenKey));
  const fresh = single.filter(({ state, tokenKey }) => state !== "planting" && !knownKeys.has(tokenKey));
  return {
    fresh,
    preview: {
      rows: columns.length,
      fresh: fresh.length,
      known: single.length - fresh.length - planting.length,
      planting: planting.length,
      repeated: rows.length - single.length,
      otherCasing: otherCasing(usable),
      sharedNames: sharedNames(single),
      older: usable.filter(({ columns: cells }) => cells.TokenKey.trim() === "").length,
      problems: [...problems].map(([problem, count]) => ({ problem, rows: count })),
    },
  };
}

/** One row per object: the live one before another, the first before a later one. */
export function oneRowPerObject(rows: readonly RegisterRow[]): RegisterRow[] {
  const byKey = new Map<string, RegisterRow>();
  for (const row of rows) {
    const kept = byKey.get(row.tokenKey);
    if (!kept || (kept.state !== "live" && row.state === "live")) byKey.set(row.tokenKey, row);
  }
  return [...byKey.values()];
}

/** Rows that name an object that an earlier row names in other letters. */
function otherCasing(rows: readonly { row: RegisterRow; columns: RegisterColumns }[]): number {
  const spelled = new Map<string, string>();
  let count = 0;
  for (const { row, columns } of rows) {
    const spelling = `${columns.ResourceId.trim()} ${columns.HoneyToken.trim()}`;
    const first = spelled.get(row.tokenKey);
    if (first === undefined) spelled.set(row.tokenKey, spelling);
    else if (first !== spelling) count++;
  }
  return count;
}

/** Names that stand in more than one vault. */
function sharedNames(rows: readonly RegisterRow[]): number {
  const vaults = new Map<string, Set<string>>();
  for (const { name, vaultId } of rows) {
    const key = name.toLowerCase();
    vaults.set(key, (vaults.get(key) ?? new Set()).add(vaultId));
  }
  return [...vaults.values()].filter(({ size }) => size > 1).length;
}
