import "server-only";
import { randomUUID } from "node:crypto";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { JobSpec } from "@/lib/store/jobs";
import type { Store } from "@/lib/store/open";
import { hasBegunItems } from "./internal/begun-items";
import { carryAll, type Orders, SLEEP_MAX_MS } from "./internal/carry";
import { ChunkJob, PLANT_QUEUE, sendAgain, sendChunks } from "./internal/chunks";
import { prolongGrants } from "./internal/grants";
import { closeGroupGrants, prolongGroupGrants } from "./internal/group-grants";
import { HeldItems } from "./internal/held-items";
import { claimRuns, endClaim, endDeployment, type Run, releaseDeadClaims, renewClaims } from "./internal/ledger";
import { lookAtNeighbours } from "./internal/neighbour-looks";
import { claimOf, takeOver } from "./internal/take-over";
import { keepRoles } from "./internal/time-bound";
import { watchAdditions } from "./internal/waiting";
import { planTheNight } from "./nightly";
import { expirePlans, giveUpLostPlans } from "./plan";
import { renewWhatIsDue } from "./renew";
import { followRetired } from "./retired";
import { recordStandingRights } from "./standing-rights";
import { sweepGrants } from "./sweep";

const SWEEP_QUEUE = "sweep-grants";
const RETIRED_QUEUE = "drop-retired";
const STANDING_QUEUE = "standing-rights";
const NIGHTLY_QUEUE = "nightly-plan";
const RENEW_QUEUE = "renew-decoys";

/** Chunks that one process carries at the same time: a large deployment leaves room for somebody with one vault. */
const CHUNKS_AT_ONCE = 8;
/**
 * A job does not go on for longer, however short its waits: the queue would take it for dead after an hour. Longer than a
 * new role takes to work, else all vaults would be let go and taken up again just when they can be written to.
 */
const JOB_MAX_MS = 30 * 60_000;
/** The same while another deployment waits for somebody to begin with it. */
const JOB_MAX_AMONG_OTHERS_MS = 10 * 60_000;
const LOOK_EVERY_MS = 2_000;
/** Which roles at groups are still needed is asked of all vaults of a deployment. */
const CLOSE_EVERY_MS = 10_000;
const RENEW_EVERY_MS = 15_000;

/**
 * The job handlers of this feature, for `startJobs`. With the embedded store what a dead process had claimed is freed
 * first, so that it is continued at once.
 */
export async function deploymentJobs(service: ServiceContext, store: Store): Promise<Record<string, JobSpec>> {
  if (store.kind === "embedded") await releaseDeadClaims(service.db);
  await resumeDeployments(service);
  const since = service.now();
  return {
    [PLANT_QUEUE]: {
      run: (data, signal) => carryChunk(service, ChunkJob.parse(data), { claim: claimOf(store, randomUUID()), signal }),
      concurrency: CHUNKS_AT_ONCE,
      ...(store.kind === "server" && { watch: () => lookForLost(service, store) }),
    },
    [SWEEP_QUEUE]: {
      concurrency: 1,
      cron: "* * * * *",
      run: async () => {
        await sweepGrants(service);
        await resumeDeployments(service);
        await giveUpLostPlans(service);
        await expirePlans(service);
      },
    },
    [STANDING_QUEUE]: {
      concurrency: 1,
      cron: "*/10 * * * *",
      run: () => findStandingRights(service),
    },
    [NIGHTLY_QUEUE]: {
      concurrency: 1,
      cron: "*/10 * * * *",
      run: async () => {
        await planTheNight(service, since);
      },
    },
    // Often, since what is written long after a round of renewals stands beside it.
    [RENEW_QUEUE]: {
      concurrency: 1,
      cron: "*/2 * * * *",
      run: async () => {
        await watchAdditions(service);
        await renewWhatIsDue(service);
        await lookAtNeighbours(service);
      },
    },
    [RETIRED_QUEUE]: {
      concurrency: 1,
      cron: "17 * * * *",
      run: async () => {
        await followRetired(service);
      },
    },
  };
}

/** What Azure does not answer is asked again in ten minutes. */
async function findStandingRights(service: ServiceContext): Promise<void> {
  try {
    const found = await recordStandingRights(service);
    if (found > 0) log.warn({ found }, "rights that no record knew are taken back");
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "standing rights could not be read");
  }
}

async function lookForLost(service: ServiceContext, store: Store): Promise<void> {
  try {
    await takeOver(service, store);
  } catch (error) {
    log.warn({ err: error }, "it could not be seen whether the other processes live");
  }
}

/**
 * Sends jobs for every unfinished deployment, and ends those whose last item ended without their worker. A paused one
 * goes on only where something is written or removed already.
 */
async function resumeDeployments(service: ServiceContext): Promise<void> {
  const open = await service.db
    .selectFrom("deployment")
    .select("id")
    .where("ended_at", "is", null)
    .where("started_at", "is not", null)
    .where((eb) => eb.or([eb("state", "in", ["queued", "running", "cancelled"]), hasBegunItems(eb)]))
    .execute();
  for (const { id } of open) {
    await sendChunks(service, id);
    await closeGroupGrants(service, id);
    await endDeployment(service, id);
  }
}

/** Carries what is due of one chunk, side by side; then says when the chunk has to be gone on with. */
async function carryChunk(
  service: ServiceContext,
  job: ChunkJob,
  { claim, signal }: { claim: string; signal: AbortSignal },
): Promise<void> {
  const { deploymentId, chunk } = job;
  const orders = await ordersFor(service, deploymentId);
  const takenAt = service.now().getTime();
  const dueBy = new Date(takenAt + SLEEP_MAX_MS);
  const until = () => takenAt + (orders.othersWait ? JOB_MAX_AMONG_OTHERS_MS : JOB_MAX_MS);
  const runs = await claimRuns(service, { deploymentId, chunk, dueBy }, claim);
  const held = new HeldItems(service.now, new Set(runs.map(({ item }) => item.id)), takenAt);
  const stopLooking = lookAround(service, deploymentId, { claim, runs, held }, orders);
  try {
    await carryAll(service, runs, { orders, until, signal, held });
  } finally {
    stopLooking();
    await endClaim(service.db, claim);
  }
  await closeGroupGrants(service, deploymentId);
  await endDeployment(service, deploymentId);
  if (orders.order !== "pause") await sendAgain(service, job);
}

/** While a chunk is carried: hears of orders, gives signs of life, takes back roles at groups that are done. */
function lookAround(
  service: ServiceContext,
  deploymentId: string,
  { claim, runs, held }: { claim: string; runs: readonly Run[]; held: HeldItems },
  orders: Orders,
): () => void {
  let renewed = service.now().getTime();
  const look = async (): Promise<void> => {
    Object.assign(orders, await ordersFor(service, deploymentId));
    const at = service.now().getTime();
    if (at - renewed < RENEW_EVERY_MS) return;
    held.renewed(await renewClaims(service, claim), at);
    // Only now: one that failed is tried again at the next look.
    renewed = at;
    await prolongGrants(service, runs);
    await keepRoles(service, await prolongGroupGrants(service, deploymentId));
  };
  // Apart from the signs of life: it waits for Azure, and claims are void after a minute.
  const close = async (): Promise<void> => {
    if (isFirstToLook(service, deploymentId)) await closeGroupGrants(service, deploymentId);
  };
  const timers = [look, close].map((work) => setInterval(oneAtATime(work), LOOK_EVERY_MS));
  return () => timers.forEach(clearInterval);
}

/** Begins the work unless the last one is still going on; one that fails is only a note in the log. */
function oneAtATime(work: () => Promise<void>): () => void {
  let busy = false;
  return () => {
    if (busy) return;
    busy = true;
    work()
      .catch((error: unknown) => log.warn({ err: error }, "a deployment could not be looked after for a moment"))
      .finally(() => {
        busy = false;
      });
  };
}

const looked = new WeakMap<ServiceContext["db"], Map<string, number>>();

/** Whether no chunk of the deployment has looked at its groups in this process lately. */
function isFirstToLook({ db, now }: Pick<ServiceContext, "db" | "now">, deploymentId: string): boolean {
  const times = looked.get(db) ?? new Map<string, number>();
  looked.set(db, times);
  const at = now().getTime();
  if (at - (times.get(deploymentId) ?? 0) < CLOSE_EVERY_MS) return false;
  times.set(deploymentId, at);
  return true;
}

async function ordersFor({ db }: Pick<ServiceContext, "db">, id: string): Promise<Orders> {
  const { state, othersWait } = await db
    .selectNoFrom((eb) => [
      eb.selectFrom("deployment").select("state").where("id", "=", id).as("state"),
      eb
        .exists(eb.selectFrom("deployment").select("id").where("state", "=", "queued").where("id", "<>", id))
        .as("othersWait"),
    ])
    .executeTakeFirstOrThrow();
  const order = state === "paused" ? "pause" : state === "cancelled" ? "cancel" : "go";
  return { order, othersWait: othersWait === true };
}
