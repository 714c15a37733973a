import "server-only";
import { parseVaultId, type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { readWholeFleet } from "@/lib/coverage/fleet";
import { noteWrittenTag } from "@/lib/coverage/written-tags";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { readRecommendation } from "@/lib/settings/settings";
import type { JobSpec } from "@/lib/store/jobs";
import { writeTag } from "./review-tag";
import { reviewStep, tagSays } from "./review-tag.pure";

/** Writes of one round; a round comes every ten minutes, and Azure lets a subscription write 200 at once and 10 a second. */
const WRITES_MAX = 500;
/** Who it was, in the audit trail. */
const SYSTEM = "Review tag";
/** Rows of one statement. */
const CHUNK = 1_000;

/** The review tag as a job, for `startJobs`: it does nothing while the setting is off. */
export function reviewTagJobs(service: ServiceContext): Record<string, JobSpec> {
  return { "review-tag": { concurrency: 1, cron: "*/10 * * * *", run: (_, signal) => keepTags(service, signal) } };
}

interface Kept {
  vaultId: VaultId;
  redSince: Date | undefined;
  problem: string | null;
}

/**
 * Lets the review tag of every vault that has one follow the vault's state, as the registrar: green or exempt makes it
 * Reviewed, red for 24 hours makes it ReviewNeeded, unknown and waiting change nothing. A vault without the tag is left
 * to the tag policy, which knows where the recommendation reaches. What could not be written is kept with its reason,
 * and tried again at the next round.
 */
export async function keepTags(service: ServiceContext, signal: AbortSignal): Promise<void> {
  const { names, inUse, keepTag } = await readRecommendation(service.db);
  if (!inUse || !keepTag) return;
  const [fleet, known] = await Promise.all([
    readWholeFleet(service),
    service.db.selectFrom("review_tag").selectAll().execute(),
  ]);
  const before = new Map(known.map((row) => [row.vault_id, row]));
  const now = service.now();
  const refused = new Map<string, string>();
  const kept: Kept[] = [];
  let writes = 0;
  for (const row of fleet.rows) {
    const vaultId = parseVaultId(row.id);
    const value = fleet.reviewTagOf(row.id);
    if (signal.aborted || vaultId === undefined || value === undefined) continue;
    const seen = before.get(vaultId);
    const redSince = seen?.red_since ?? undefined;
    const step = reviewStep({ state: row.state, says: tagSays(value, names), redSince, now });
    let problem: string | null = null;
    if (step.write !== undefined && writes < WRITES_MAX) {
      const { subscriptionId } = vaultIdParts(vaultId);
      // The identity lacks its role in the whole subscription: a thousand refusals more would say no more.
      problem = refused.get(subscriptionId) ?? null;
      if (problem === null) {
        writes++;
        const change = { vaultId, tagName: names.tagName, before: value, after: names[step.write] };
        problem = await write(service, change, refused);
      }
    } else if (step.write !== undefined) problem = seen?.problem ?? null;
    kept.push({ vaultId, redSince: step.redSince, problem });
  }
  if (!signal.aborted) await store(service, kept, fleet.rows);
}

interface Change {
  vaultId: VaultId;
  tagName: string;
  before: string;
  after: string;
}

/** @returns why it could not be written; null = it was */
async function write(service: ServiceContext, change: Change, refused: Map<string, string>): Promise<string | null> {
  try {
    const by = { tid: service.config.tenantId, system: SYSTEM };
    await writeTag(service, service.azure.registrar, { by, ...change });
    noteWrittenTag(service, change.vaultId, change.after);
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, vaultId: change.vaultId }, "a review tag could not be written");
    const { code, message, fix } = error.failure;
    const problem =
      code === "forbidden"
        ? `${message} Give the registrar the role Tag Contributor where the recommendation is deployed, or switch this off.`
        : [message, fix].filter(Boolean).join(" ");
    if (code === "forbidden" || code === "throttled") refused.set(vaultIdParts(change.vaultId).subscriptionId, problem);
    return problem;
  }
}

/** Replaces what is known; of a vault that was not seen this time nothing is forgotten. */
async function store({ db }: ServiceContext, kept: readonly Kept[], rows: readonly BoardRow[]): Promise<void> {
  const worth = kept.filter(({ redSince, problem }) => redSince !== undefined || problem !== null);
  const keep = new Set<string>(worth.map(({ vaultId }) => vaultId));
  const done = rows.map(({ id }) => id).filter((id) => !keep.has(id));
  await db.transaction().execute(async (transaction) => {
    for (let start = 0; start < done.length; start += CHUNK) {
      const some = done.slice(start, start + CHUNK);
      await transaction.deleteFrom("review_tag").where("vault_id", "in", some).execute();
    }
    for (let start = 0; start < worth.length; start += CHUNK) {
      const values = worth.slice(start, start + CHUNK).map(({ vaultId, redSince, problem }) => ({
        vault_id: vaultId,
        red_since: redSince ?? null,
        problem,
      }));
      await transaction
        .insertInto("review_tag")
        .values(values)
        .onConflict((conflict) =>
          conflict.column("vault_id").doUpdateSet(({ ref }) => ({
            red_since: ref("excluded.red_since"),
            problem: ref("excluded.problem"),
          })),
        )
        .execute();
    }
  });
}
