import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext, UserContext } from "@/lib/context";
import { tagSays } from "@/lib/distribution/review-tag.pure";
import { readVaultFacts } from "@/lib/store/facts";
import type { Board, BoardRow, VaultDetail } from "./board.pure";
import { collectSoon, collectVault } from "./collector";
import type { Fact } from "./facts.pure";
import { forgetBulkFacts } from "./internal/bulk-facts";
import { gatherKnowledge, type Knowledge } from "./internal/knowledge";
import { reviewOf } from "./internal/review-of";
import { rightsAt } from "./internal/rights-at";
import { decoysFor, deploymentsOf } from "./internal/vault-detail";
import { inventoryOf, visibleVault } from "./internal/vault-inventory";
import type { ListedVault } from "./internal/vault-list";
import { coverageOf, shownState } from "./state.pure";

/** Between two readings of one vault on request. */
const REFRESH_GAP_MS = 5_000;

/**
 * The board of one person: every vault that the person may read, with its state. Costs the Resource Graph pages of the
 * person's own vaults (kept up to five minutes) and the three bulk calls shared by everybody; the rest was collected in
 * the background. Sources that failed are named in `warnings`. Throws AppError when the person's vaults cannot be read.
 */
export async function readBoard(ctx: UserContext): Promise<Board> {
  const [inventory, knowledge] = await Promise.all([inventoryOf(ctx), gatherKnowledge(ctx)]);
  const { vaults, mine } = inventory;
  const missing = vaults.filter(({ id }) => !knowledge.settings.has(id)).map(({ id }) => id);
  // A vault made since the last round need not wait for the next.
  await collectSoon(ctx, missing);
  return {
    vaults: vaults.map((vault) => rowOf(vault, mine.has(vault.id), knowledge, knowledge.factsOf(vault.id))),
    readAt: knowledge.bulk.readAt.toISOString(),
    reviews: knowledge.recommendation.inUse,
    collector: { done: vaults.length - missing.length, total: vaults.length, running: missing.length > 0 },
    warnings: [...inventory.warnings, ...knowledge.bulk.warnings],
  };
}

/** A vault as the board shows it. */
export function rowOf(listed: ListedVault, mine: boolean, knowledge: Knowledge, facts: readonly Fact[]): BoardRow {
  const { reviewTag: _, ...vault } = listed;
  const exempt = knowledge.exceptionsOf(vault.id).exemption !== undefined;
  const { state, reason, checkedAt } = shownState(coverageOf(facts, knowledge.now.getTime()), exempt);
  const { inUse, names } = knowledge.recommendation;
  const flagged = inUse && tagSays(knowledge.reviewTagOf(listed), names) !== "reviewed";
  const decoys = knowledge.decoyCount(vault.id);
  const deploying = knowledge.isDeploying(vault.id);
  return { ...vault, state, reason, decoys, mine, flagged, deploying, checkedAt };
}

/**
 * One vault with its facts, what the person may do there, and its deployments. Names of decoys only for SOC analysts and
 * administrators, and that they were shown is recorded. Throws AppError not_found for a vault the person may not read.
 */
export async function readVault(ctx: UserContext, vaultId: VaultId): Promise<VaultDetail> {
  const { vault, mine } = await visibleVault(ctx, vaultId);
  const [knowledge, may, deployments] = await Promise.all([
    gatherKnowledge(ctx, [vaultId]),
    rightsAt(ctx, vaultId),
    deploymentsOf(ctx, vaultId),
  ]);
  const decoys = await decoysFor(ctx, vaultId, knowledge.evidenceOf(vaultId));
  const { exclusion, exemption } = knowledge.exceptionsOf(vaultId);
  if (!knowledge.settings.has(vaultId)) await collectSoon(ctx, [vaultId]);
  const facts = knowledge.factsOf(vaultId);
  const row = rowOf(vault, mine, knowledge, facts);
  return {
    vault: row,
    facts,
    may,
    review: await reviewOf(ctx.db, knowledge, row, knowledge.reviewTagOf(vault)),
    exceptions: [exemption, exclusion].filter((one) => one !== undefined),
    deployments,
    ...(decoys && { decoys }),
  };
}

/** One vault as the board shows it. Throws AppError not_found for a vault the person may not read. */
export async function readRow(ctx: UserContext, vaultId: VaultId): Promise<BoardRow> {
  const { vault, mine } = await visibleVault(ctx, vaultId);
  const knowledge = await gatherKnowledge(ctx, [vaultId]);
  return rowOf(vault, mine, knowledge, knowledge.factsOf(vaultId));
}

/**
 * Reads everything about one vault anew, now: its settings, its listing where a standing right allows one, and the bulk
 * facts at the next read. Throws AppError not_found for a vault the person may not read, or why the reading failed.
 */
export async function refreshVault(ctx: UserContext, vaultId: VaultId): Promise<{ checkedAt: string }> {
  const { vault } = await visibleVault(ctx, vaultId);
  // Any reader may ask, and the reads are made by the collector's identity: they must not use up its share of ARM.
  const [known] = await readVaultFacts(ctx.db, "diagnostics", [vaultId]);
  const age = known ? ctx.now().getTime() - known.collectedAt.getTime() : Number.POSITIVE_INFINITY;
  if (age > REFRESH_GAP_MS) await collectVault(ctx, vault);
  forgetBulkFacts(ctx);
  return { checkedAt: ctx.now().toISOString() };
}

/** Makes the next reader ask Azure again about rules, tables and register, after a change that the kept answers do not know. */
export function forgetKnown(service: ServiceContext): void {
  forgetBulkFacts(service);
}
