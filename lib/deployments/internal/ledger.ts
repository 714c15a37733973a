import "server-only";
import type { Kysely, Selectable } from "kysely";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { Decoy } from "@/lib/store/decoys";
import type {
  Database,
  DeploymentItemTable,
  DeploymentStepTable,
  DeploymentTable,
  GrantTable,
} from "@/lib/store/schema";
import type { DecoyKind } from "../plan.pure";

/*
 * The ledger of deployments: what was decided, what is about to be done and what was done. Nothing is done in Azure
 * before it stands here, so whoever continues after a kill knows what may have happened.
 */

export type Item = Selectable<DeploymentItemTable>;
export type Step = Selectable<DeploymentStepTable>;
export type Grant = Selectable<GrantTable>;

/** All that is known of one item when a step begins. */
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
  /** In the order in which they were chosen. Abandoned ones are left out. */
  decoys: Decoy[];
  /** The right that this item gave and has not taken back. */
  grant: Grant | undefined;
}

/** Longer than any pause of a healthy worker, short enough to wait for after a dead one. */
const CLAIM_MS = 60_000;

/** Another worker has taken the item over: stop at once and touch nothing more. */
export class ClaimLost extends Error {}

export async function loadRun(db: Kysely<Database>, itemId: string, claim: string): Promise<Run | undefined> {
  const item = await db.selectFrom("deployment_item").selectAll().where("id", "=", itemId).executeTakeFirst();
  if (!item) return undefined;
  const vaultId = parseVaultId(item.vault_id);
  if (!vaultId) throw new Error("A deployment item names no vault.");
  if (!item.kind || !item.count) throw new Error("A deployment item was started before it was planned.");
  const deployment = await db
    .selectFrom("deployment")
    .selectAll()
    .where("id", "=", item.deployment_id)
    .executeTakeFirstOrThrow();
  const steps = await db.selectFrom("deployment_step").selectAll().where("item_id", "=", itemId).execute();
  const decoys = await db
    .selectFrom("decoy")
    .selectAll()
    .where("item_id", "=", itemId)
    .where("state", "<>", "failed")
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  const grant = await db
    .selectFrom("deployment_grant")
    .selectAll()
    .where("item_id", "=", itemId)
    .where("state", "<>", "revoked")
    .executeTakeFirst();
  const { kind, count } = item;
  return {
    claim,
    deployment,
    item,
    kind,
    count,
    vaultId,
    steps: new Map(steps.map((step) => [step.step, step])),
    decoys,
    grant,
  };
}

/** Takes or renews the item for one worker; false while another living one has it, or when it has ended. */
export async function claimItem(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  itemId: string,
  claim: string,
): Promise<boolean> {
  const at = now();
  const result = await db
    .updateTable("deployment_item")
    .set({ claim, claim_until: new Date(at.getTime() + CLAIM_MS), state: "running", updated_at: at })
    .where("id", "=", itemId)
    .where("state", "in", ["queued", "running"])
    .where((where) => where.or([where("claim", "is", null), where("claim", "=", claim), where("claim_until", "<", at)]))
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return false;
  await db
    .updateTable("deployment")
    .set({ state: "running" })
    .where("state", "=", "queued")
    .where("id", "=", (eb) => eb.selectFrom("deployment_item").select("deployment_id").where("id", "=", itemId))
    .execute();
  return true;
}

/** Throws ClaimLost unless the item is still this worker's; locks it until the transaction ends. */
export async function requireClaim(transaction: Kysely<Database>, { item, claim }: Run): Promise<void> {
  const row = await transaction
    .selectFrom("deployment_item")
    .select(["claim", "state"])
    .where("id", "=", item.id)
    .forUpdate()
    .executeTakeFirst();
  if (row?.claim !== claim || row.state !== "running") throw new ClaimLost("Another worker has the item.");
}

/** Lets go of an item that has nothing to do before `notBefore`. */
export async function releaseClaim(
  db: Kysely<Database>,
  itemId: string,
  claim: string,
  notBefore: Date,
): Promise<void> {
  await db
    .updateTable("deployment_item")
    .set({ claim: null, claim_until: null, not_before: notBefore })
    .where("id", "=", itemId)
    .where("claim", "=", claim)
    .execute();
}

/** Frees what a dead process had claimed. Only at a start at which no other process can be alive: the embedded store. */
export async function releaseDeadClaims(db: Kysely<Database>): Promise<void> {
  await db
    .updateTable("deployment_item")
    .set({ claim: null, claim_until: null })
    .where("state", "in", ["queued", "running"])
    .execute();
}

/** The step as begun: from now on it may have had its effect. A step that was begun before keeps its start. */
export async function beginStep(db: Kysely<Database>, itemId: string, step: string, at: Date): Promise<Step> {
  await db
    .insertInto("deployment_step")
    .values({ item_id: itemId, step, state: "running", detail: "", data: "{}", started_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return db
    .selectFrom("deployment_step")
    .selectAll()
    .where("item_id", "=", itemId)
    .where("step", "=", step)
    .executeTakeFirstOrThrow();
}

export async function noteStep(
  db: Kysely<Database>,
  step: Pick<Step, "item_id" | "step">,
  change: { detail?: string; data?: Record<string, unknown>; state?: Step["state"]; endedAt?: Date },
): Promise<void> {
  const { detail, data, state, endedAt } = change;
  await db
    .updateTable("deployment_step")
    .set({
      ...(detail !== undefined && { detail }),
      ...(data !== undefined && { data: JSON.stringify(data) }),
      ...(state !== undefined && { state }),
      ...(endedAt !== undefined && { ended_at: endedAt }),
    })
    .where("item_id", "=", step.item_id)
    .where("step", "=", step.step)
    .execute();
}

/** These steps are to be done again from their beginning. */
export async function reopenSteps(db: Kysely<Database>, itemId: string, steps: readonly string[], at: Date) {
  await db
    .updateTable("deployment_step")
    .set({ state: "running", started_at: at, ended_at: null, data: "{}" })
    .where("item_id", "=", itemId)
    .where("step", "in", [...steps])
    .execute();
}

/** Decides how the item ends, before anything is undone, so that a killed process goes on undoing. */
export async function setEnding(
  db: Kysely<Database>,
  itemId: string,
  ending: NonNullable<Item["ending"]>,
  problem: string,
  at: Date,
): Promise<void> {
  await db.updateTable("deployment_item").set({ ending, problem, updated_at: at }).where("id", "=", itemId).execute();
}

export async function endItem(
  db: Kysely<Database>,
  run: Run,
  state: "done" | "failed" | "needs_person" | "cancelled",
  at: Date,
) {
  await db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("deployment_item")
      .set({ state, claim: null, claim_until: null, not_before: null, updated_at: at })
      .where("id", "=", run.item.id)
      .execute();
    const states = await transaction
      .selectFrom("deployment_item")
      .select("state")
      .where("deployment_id", "=", run.deployment.id)
      .execute();
    if (states.some((row) => row.state === "queued" || row.state === "running")) return;
    const worst =
      (["needs_person", "failed"] as const).find((one) => states.some((row) => row.state === one)) ?? "done";
    await transaction
      .updateTable("deployment")
      .set({ state: worst, ended_at: at })
      .where("id", "=", run.deployment.id)
      .execute();
  });
}
