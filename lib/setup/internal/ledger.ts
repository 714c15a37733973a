import "server-only";
import type { Selectable } from "kysely";
import type { ServiceContext, User } from "@/lib/context";
import type { SetupRunTable, SetupStepTable } from "@/lib/store/schema";

type Stored = Pick<ServiceContext, "db" | "now">;
export type Run = Selectable<SetupRunTable>;
export type Step = Selectable<SetupStepTable>;

/** A process that does not renew its claim for so long is taken for dead. */
export const CLAIM_MS = 60_000;

export const claimEnd = ({ now }: Pick<Stored, "now">): Date => new Date(now().getTime() + CLAIM_MS);

export function runOf({ db }: Stored, id: string): Promise<Run | undefined> {
  return db.selectFrom("setup_run").selectAll().where("id", "=", id).executeTakeFirst();
}

export function stepsOf({ db }: Stored, id: string): Promise<Step[]> {
  return db.selectFrom("setup_step").selectAll().where("run_id", "=", id).orderBy("position").execute();
}

/** Takes over a run that nobody carries out, in the name of `by`; undefined when somebody does, or it has ended. */
export async function claimRun(stored: Stored, id: string, claim: string, by?: User): Promise<Run | undefined> {
  const at = stored.now();
  return stored.db
    .updateTable("setup_run")
    .set({ claim, claim_until: claimEnd(stored), state: "running", note: null, ...(by && requester(by)) })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .where((where) => where.or([where("claim", "is", null), where("claim_until", "<", at)]))
    .returningAll()
    .executeTakeFirst();
}

/** Says that the claim is alive; undefined when the run was taken over by somebody else, or has ended. */
export function renewClaim(stored: Stored, id: string, claim: string): Promise<Run | undefined> {
  return stored.db
    .updateTable("setup_run")
    .set({ claim_until: claimEnd(stored) })
    .where("id", "=", id)
    .where("claim", "=", claim)
    .where("ended_at", "is", null)
    .returningAll()
    .executeTakeFirst();
}

/** Frees what a dead process had claimed. Only at a start at which no other process can be alive: the embedded store. */
export async function releaseDeadRuns({ db }: Stored): Promise<void> {
  await db.updateTable("setup_run").set({ claim: null, claim_until: null }).where("ended_at", "is", null).execute();
}

/** Lets go of a claimed run until somebody goes on with it in their name. One that was cancelled meanwhile ends. */
export async function letGo(stored: Stored, id: string, claim: string, note: string): Promise<void> {
  const run = await renewClaim(stored, id, claim);
  if (!run) return;
  if (run.cancelled_by_name !== null) {
    await endRun(stored, run);
    return;
  }
  await stored.db
    .updateTable("setup_run")
    .set({ state: "waiting", note, claim: null, claim_until: null })
    .where("id", "=", id)
    .where("claim", "=", claim)
    .where("ended_at", "is", null)
    .execute();
}

export async function noteStep(
  { db }: Stored,
  { run_id, position }: Pick<Step, "run_id" | "position">,
  change: Partial<Pick<Step, "state" | "detail" | "started_at" | "ended_at">>,
): Promise<void> {
  await db
    .updateTable("setup_step")
    .set(change)
    .where("run_id", "=", run_id)
    .where("position", "=", position)
    .execute();
}

/** Ends a run by what its steps came to; those that were not begun are cancelled. */
export async function endRun(stored: Stored, run: Pick<Run, "id" | "cancelled_by_name">): Promise<Run["state"]> {
  const { db, now } = stored;
  const at = now();
  return db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("setup_step")
      .set({ detail: "It was under way when the set-up was stopped: the plan says whether it was written." })
      .where("run_id", "=", run.id)
      .where("state", "=", "running")
      .execute();
    await transaction
      .updateTable("setup_step")
      .set({ state: "cancelled", ended_at: at })
      .where("run_id", "=", run.id)
      .where("state", "in", ["queued", "running"])
      .execute();
    const steps = await stepsOf({ ...stored, db: transaction }, run.id);
    const ill = steps.some(({ state }) => state === "failed" || state === "skipped");
    const stopped = steps.some(({ state }) => state === "cancelled");
    const state = stopped ? "cancelled" : ill ? "partly" : "done";
    await transaction
      .updateTable("setup_run")
      .set({ state, ended_at: at, note: null, claim: null, claim_until: null })
      .where("id", "=", run.id)
      .execute();
    return state;
  });
}

/** Who a run is for. */
export function requester(user: Pick<User, "tid" | "oid" | "name">) {
  return { requested_by_tid: user.tid, requested_by_oid: user.oid, requested_by_name: user.name };
}
