import "server-only";
import type { Kysely, Selectable } from "kysely";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { Decoy } from "@/lib/store/decoys";
import type {
  Database,
  DecoyRenewalTable,
  DeploymentItemTable,
  DeploymentStepTable,
  DeploymentTable,
  GrantTable,
} from "@/lib/store/schema";
import { type DecoyKind, GIVING } from "../plan.pure";
import { isBegun } from "./begun-items";
import { decoyIdOf } from "./ids";
import { noteUnanswered } from "./unanswered";

/*
 * The ledger of deployments: what was decided, what is about to be done and what was done. Nothing is done in Azure
 * before it stands here, so whoever continues after a kill knows what may have happened. An item has one worker at a
 * time, which keeps it in memory and writes every change (ledger-writes.ts) before it acts on it.
 */

export type Item = Selectable<DeploymentItemTable>;
export type Step = Selectable<DeploymentStepTable>;
export type Grant = Selectable<GrantTable>;

/** A further version that an item writes, and the decoy that it is of. */
export interface Renewal {
  row: Selectable<DecoyRenewalTable>;
  decoy: Decoy;
}

/** All that is known of one item while a worker carries it. */
export interface Run {
  /** Names the worker that carries the item now; another one has another. */
  claim: string;
  deployment: Selectable<DeploymentTable>;
  item: Item;
  /** What is planted here, decided when it was planned. */
  kind: DecoyKind;
  count: number;
  vaultId: VaultId;
  steps: Map<string, Step>;
  /** Of these, what has ended and goes to disk with the item's next change: done again it is done once. */
  unsaved: Step[];
  /** In the order in which they were chosen. Abandoned ones are left out. */
  decoys: Decoy[];
  /** Those that an earlier attempt at this item has left alive: they count, and nothing is done with them again. */
  standing: Decoy[];
  /** Those of earlier jobs that this one removes. */
  retiring: Decoy[];
  /** Further versions of decoys of earlier jobs that this one writes. */
  renewals: Renewal[];
  /** The right of this item alone that was given and not taken back. */
  grant: Grant | undefined;
}

/** Longer than any pause of a healthy worker, short enough to wait for after a dead one. */
export const CLAIM_MS = 60_000;

/** Another worker has taken the item over: stop at once and touch nothing more. */
export class ClaimLost extends Error {}

/** Which items to take: one, or those of a chunk that are due by `dueBy`, or are to be cancelled. */
export type Choice = { itemId: string } | { deploymentId: string; chunk: number; dueBy: Date };

/**
 * Ids of items to change, which are locked in their order, as ledger-writes.ts does: else two statements over many of them
 * would wait for each other.
 */
export function itemsInOrder(db: Kysely<Database>) {
  return db.selectFrom("deployment_item").select("id").orderBy("id").forUpdate();
}

/** Takes items for one worker that no other living one has, and loads all that is known of them. */
export async function claimRuns(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  choice: Choice,
  claim: string,
): Promise<Run[]> {
  const at = now();
  await holdClaim(db, claim, at);
  const dead = await deadClaims(db, at);
  const free = itemsInOrder(db)
    .where("state", "in", ["queued", "running"])
    .where((where) => where.or([where("claim", "is", null), ...(dead.length > 0 ? [where("claim", "in", dead)] : [])]))
    .where((where) => {
      if ("itemId" in choice) return where("id", "=", choice.itemId);
      const { deploymentId, chunk, dueBy } = choice;
      return where.and([
        where("deployment_id", "=", deploymentId),
        where("chunk", "=", chunk),
        where.or([
          where("not_before", "is", null),
          where("not_before", "<=", dueBy),
          // Whoever drew its moment, or let it wait for Azure, did not know of the cancel. Where nothing is written it is
          // closed now; what is being closed already waits as long as it has to.
          where.and([where("ending", "is", null), where.exists(inState(db, deploymentId, "cancelled"))]),
        ]),
        // The others of a paused one would only be let go again.
        where.or([where.not(where.exists(inState(db, deploymentId, "paused"))), isBegun(where)]),
      ]);
    });
  const items = await db
    .updateTable("deployment_item")
    .set({ claim, state: "running", updated_at: at })
    .where("id", "in", free)
    .returningAll()
    .execute();
  const [first] = items;
  if (!first) return [];
  await db
    .updateTable("deployment")
    .set({ state: "running" })
    .where("state", "=", "queued")
    .where("id", "=", first.deployment_id)
    .execute();
  const runs = await loadRuns(db, items, claim);
  // Whoever had it before may have been killed while Azure was asked for the right.
  for (const { steps } of runs.filter(({ grant }) => grant?.state === "intended")) {
    for (const name of Object.values(GIVING)) {
      const step = steps.get(name);
      if (step?.state === "running") noteUnanswered(step, at);
    }
  }
  return runs;
}

function inState(db: Kysely<Database>, deploymentId: string, state: DeploymentTable["state"]) {
  return db
    .selectFrom("deployment")
    .select("deployment.id")
    .where("deployment.id", "=", deploymentId)
    .where("deployment.state", "=", state);
}

/** Before any item is taken, so that whoever sees an item's claim sees that it lives. */
async function holdClaim(db: Kysely<Database>, id: string, at: Date): Promise<void> {
  const until = new Date(at.getTime() + CLAIM_MS);
  await db
    .insertInto("deployment_claim")
    .values({ id, until })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ until }))
    .execute();
}

/**
 * Claims of workers that gave no sign of life for too long, by name: the taking compares names alone, which hold also for
 * an item that it had to wait for. For good, since a late sign of life finds nothing to prolong.
 */
async function deadClaims(db: Kysely<Database>, at: Date): Promise<string[]> {
  await db.deleteFrom("deployment_claim").where("until", "<", at).execute();
  const dead = await db
    .selectFrom("deployment_item as item")
    .leftJoin("deployment_claim as living", "living.id", "item.claim")
    .select("item.claim")
    .distinct()
    .where("item.claim", "is not", null)
    .where("living.id", "is", null)
    .execute();
  return dead.flatMap(({ claim }) => claim ?? []);
}

/** What one taking still holds is anybody's from now on. */
export async function endClaim(db: Kysely<Database>, claim: string): Promise<void> {
  await db.deleteFrom("deployment_claim").where("id", "=", claim).execute();
}

async function loadRuns(db: Kysely<Database>, items: readonly Item[], claim: string): Promise<Run[]> {
  const ids = items.map(({ id }) => id);
  const deploymentIds = [...new Set(items.map((item) => item.deployment_id))];
  const [deployments, steps, decoys, retiring, renewals, grants] = await Promise.all([
    db.selectFrom("deployment").selectAll().where("id", "in", deploymentIds).execute(),
    db.selectFrom("deployment_step").selectAll().where("item_id", "in", ids).execute(),
    db
      .selectFrom("decoy")
      .selectAll()
      .where("item_id", "in", ids)
      .where("state", "<>", "failed")
      .orderBy("created_at")
      .orderBy("id")
      .execute(),
    db
      .selectFrom("decoy")
      .selectAll()
      .where("retire_item_id", "in", ids)
      .where("state", "not in", ["failed", "retired"])
      .orderBy("created_at")
      .orderBy("id")
      .execute(),
    loadRenewals(db, ids),
    db.selectFrom("deployment_grant").selectAll().where("item_id", "in", ids).where("state", "<>", "revoked").execute(),
  ]);
  const of = {
    steps: byItem(steps, (step) => step.item_id),
    decoys: byItem(decoys, (decoy) => decoy.item_id),
    retiring: byItem(retiring, (decoy) => decoy.retire_item_id),
    renewals: byItem(renewals, ({ row }) => row.item_id),
    grants: byItem(grants, (grant) => grant.item_id),
  };
  return items.map((item) => {
    const vaultId = parseVaultId(item.vault_id);
    const deployment = deployments.find(({ id }) => id === item.deployment_id);
    const { kind, count } = item;
    if (!vaultId || !deployment) throw new Error("A deployment item names no vault or no deployment.");
    if (!kind || !count) throw new Error("A deployment item was started before it was planned.");
    return {
      claim,
      deployment,
      item,
      kind,
      count,
      vaultId,
      steps: new Map(of.steps(item.id).map((step) => [step.step, step])),
      unsaved: [],
      ...byAttempt(item, of.decoys(item.id)),
      retiring: of.retiring(item.id),
      renewals: of.renewals(item.id),
      grant: of.grants(item.id)[0],
    };
  });
}

/** Tells what earlier attempts at the item brought to its end from what is still to be worked on, whoever began with it. */
function byAttempt(item: Item, decoys: readonly Decoy[]): Pick<Run, "decoys" | "standing"> {
  if (item.attempt <= 1) return { decoys: [...decoys], standing: [] };
  const own = new Set(Array.from({ length: item.count ?? 0 }, (_, index) => decoyIdOf(item, index)));
  const isOver = ({ id, state }: Decoy): boolean => !own.has(id) && state !== "registered" && state !== "planting";
  return {
    decoys: decoys.filter((decoy) => !isOver(decoy)),
    // One that somebody has had removed since is missing.
    standing: decoys.filter((decoy) => isOver(decoy) && decoy.state !== "retired"),
  };
}

/** The rows of an item, in their order, without looking through those of thousands of others. */
function byItem<T>(rows: readonly T[], itemOf: (row: T) => string | null): (itemId: string) => T[] {
  const groups = new Map<string | null, T[]>();
  for (const row of rows) {
    const group = groups.get(itemOf(row)) ?? [];
    group.push(row);
    groups.set(itemOf(row), group);
  }
  return (itemId) => groups.get(itemId) ?? [];
}

async function loadRenewals(db: Kysely<Database>, itemIds: readonly string[]): Promise<Renewal[]> {
  const rows = await db.selectFrom("decoy_renewal").selectAll().where("item_id", "in", itemIds).orderBy("id").execute();
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.decoy_id);
  const decoys = await db.selectFrom("decoy").selectAll().where("id", "in", ids).execute();
  return rows.flatMap((row) => {
    const decoy = decoys.find(({ id }) => id === row.decoy_id);
    return decoy ? [{ row, decoy }] : [];
  });
}

/**
 * A sign of life: the worker keeps its items for longer.
 *
 * @returns ids of those that it still has
 */
export async function renewClaims({ db, now }: Pick<ServiceContext, "db" | "now">, claim: string): Promise<string[]> {
  const living = await db
    .updateTable("deployment_claim")
    .set({ until: new Date(now().getTime() + CLAIM_MS) })
    .where("id", "=", claim)
    .executeTakeFirst();
  if (living.numUpdatedRows === 0n) return [];
  const kept = await db
    .selectFrom("deployment_item")
    .select("id")
    .where("claim", "=", claim)
    .where("state", "=", "running")
    .execute();
  return kept.map(({ id }) => id);
}

/** Frees what a dead process had claimed. Only at a start at which no other process can be alive: the embedded store. */
export async function releaseDeadClaims(db: Kysely<Database>): Promise<void> {
  await db.deleteFrom("deployment_claim").execute();
  await db.updateTable("deployment_item").set({ claim: null }).where("claim", "is not", null).execute();
}

/** Ends the deployment when none of its items is open any more. What was cancelled stays cancelled. */
export async function endDeployment(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  deploymentId: string,
): Promise<void> {
  const items = () => db.selectFrom("deployment_item").select("id").where("deployment_id", "=", deploymentId);
  await db
    .updateTable("deployment")
    .set((eb) => ({
      ended_at: now(),
      state: eb
        .case()
        .when("state", "=", "cancelled")
        .then("cancelled" as const)
        .when(eb.exists(items().where("state", "=", "needs_person")))
        .then("needs_person" as const)
        .when(eb.exists(items().where("state", "=", "failed")))
        .then("failed" as const)
        .else("done" as const)
        .end(),
    }))
    .where("id", "=", deploymentId)
    .where("ended_at", "is", null)
    .where((eb) => eb.not(eb.exists(items().where("state", "in", ["queued", "running"]))))
    .execute();
}
