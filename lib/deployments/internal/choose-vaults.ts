import "server-only";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { prepare, select } from "@/lib/coverage/select.pure";
import { AppError } from "@/lib/errors";
import type { Selection } from "../fleet.pure";

export interface Chosen {
  vaultId: VaultId;
  /** Undefined when the person may not read it, or it is gone. */
  row: BoardRow | undefined;
}

/**
 * The vaults that a selection means, each once, out of those that the person may read.
 *
 * @throws AppError `invalid` when it means none
 */
export function chooseVaults(rows: readonly BoardRow[], selection: Selection): Chosen[] {
  const chosen = selection.by === "vaults" ? byIds(rows, selection.vaultIds) : byRows(rows, selection);
  if (chosen.length > 0) return chosen;
  throw new AppError("invalid", "No vault was chosen.", {
    field: "selection",
    fix: "Choose vaults on the board, or change its filter.",
  });
}

function byIds(rows: readonly BoardRow[], vaultIds: readonly VaultId[]): Chosen[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return [...new Set(vaultIds)].map((vaultId) => ({ vaultId, row: byId.get(vaultId) }));
}

function byRows(rows: readonly BoardRow[], selection: Exclude<Selection, { by: "vaults" }>): Chosen[] {
  const kept = selection.by === "all" ? rows : select(prepare(rows), selection.query);
  return kept.flatMap((row) => {
    const vaultId = parseVaultId(row.id);
    return vaultId ? [{ vaultId, row }] : [];
  });
}
