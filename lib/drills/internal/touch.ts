import "server-only";
import { type Kysely, sql } from "kysely";
import { touchByReading } from "@/lib/azure/key-vault";
import { parseVaultId, type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { writeAudit } from "@/lib/store/audit";
import type { Database, DrillState } from "@/lib/store/schema";
import type { DrillProblem, DrillRead } from "../drills.pure";
import { brokenKeys } from "./broken";
import { isOverdue, permit, takeLeftRightsBack, takeRightBack } from "./permit";
import type { DrillRow } from "./records";

/**
 * Makes the touches that are due, one after the other with `timing.drillGap` between them. Of those by a permitted read each
 * comes one step nearer: they wait for their right without keeping the others waiting.
 *
 * @returns how many were made
 */
export async function touchWhatIsDue(
  service: ServiceContext,
  pause: (milliseconds: number) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<number> {
  await takeLeftRightsBack(service);
  const ready: string[] = await due(service, "denied", DUE_AT_ONCE);
  for (const id of await due(service, "permitted", PERMITTED_AT_ONCE)) {
    if (signal?.aborted) break;
    if (await isPermitted(service, id)) ready.push(id);
  }
  let made = 0;
  for (const id of ready) {
    if (signal?.aborted) break;
    if (made > 0) await pause(service.config.timing.drillGap);
    if (await touch(service, id)) made++;
  }
  // Also of those that ended without a touch.
  await takeLeftRightsBack(service);
  return made;
}

/** More wait for the next round, so that those under way are looked at in between. */
const DUE_AT_ONCE = 5;
/** Rights to read that stand at one time. */
const PERMITTED_AT_ONCE = 5;

/**
 * Those whose time has come, in its order. What a person wants of one vault at once goes first: somebody looks at it, and
 * when many drills are late, those of the schedule or of a whole fleet would keep them waiting for hours.
 */
async function due({ db, now }: ServiceContext, read: DrillRead, most: number): Promise<string[]> {
  const rows = await db
    .selectFrom("drill")
    .select("id")
    .where("state", "=", "queued")
    .where("read", "=", read)
    .where("not_before", "<=", now())
    .orderBy(sql`(origin = 'person' and not_before = requested_at)`, "desc")
    .orderBy("not_before")
    .orderBy("id")
    .limit(most)
    .execute();
  return rows.map(({ id }) => id);
}

/** Whether a drill by a permitted read has its right and may read now. One that never can is ended. */
async function isPermitted(service: ServiceContext, id: string): Promise<boolean> {
  const chosen = await choose(service, id);
  if (!chosen) return false;
  const { drill, decoy } = chosen;
  if (!(await hasToken(service))) {
    await end(service, drill, "not_sent");
    return false;
  }
  try {
    const answer = await permit(service, drill, vaultOf(drill), decoy.kind);
    if (answer !== "ready" && answer !== "waiting") await end(service, drill, answer);
    return answer === "ready";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, drill: id }, "a drill by a permitted read is tried again");
    if (isOverdue(service, drill)) await end(service, drill, "not_given");
    return false;
  }
}

/** Chooses the decoy of a permitted read before its right is given, which depends on its kind. It stays the same one. */
async function choose(service: ServiceContext, id: string): Promise<{ drill: DrillRow; decoy: Chosen } | undefined> {
  const broken = await brokenAt(service, id);
  return service.db.transaction().execute((transaction) => chooseIn(transaction, service, id, broken));
}

/** Chooses the decoy of a drill that waits for its turn and writes it down; one without any is ended. */
async function chooseIn(
  transaction: Kysely<Database>,
  service: ServiceContext,
  id: string,
  broken: ReadonlySet<string>,
): Promise<{ drill: DrillRow; decoy: Chosen } | undefined> {
  const drill = await queuedDrill(transaction, id);
  if (!drill) return undefined;
  const decoy = (await decoysFor(transaction, drill, service.now())).find(({ token_key: key }) => !broken.has(key));
  if (!decoy) {
    await endIn(transaction, service, drill, "no_decoy");
    return undefined;
  }
  const choice = { decoy_id: decoy.id, token_key: decoy.token_key, kind: decoy.kind };
  await transaction.updateTable("drill").set(choice).where("id", "=", id).execute();
  return { drill: { ...drill, ...choice }, decoy };
}

function vaultOf(drill: DrillRow): VaultId {
  const vaultId = parseVaultId(drill.vault_id);
  if (!vaultId) throw new Error("A drill was recorded for what is no vault.");
  return vaultId;
}

/** The decoy that a drill touches: vault, name and kind for the request, the rest for the record. */
interface Chosen {
  id: string;
  kind: "secret" | "key";
  name: string;
  token_key: string;
}

/** Records what will be touched, then touches it, then records the answer. Once for each drill, whatever happens between. */
async function touch(service: ServiceContext, id: string): Promise<boolean> {
  const recorded = await record(service, id);
  if (!recorded) return false;
  const { drill, decoy } = recorded;
  // Without a token nothing can be sent, and that is known for certain: nothing has to be looked for in the log.
  const token = await hasToken(service);
  if (!token) {
    await end(service, drill, "not_sent");
    return false;
  }
  const vaultName = vaultIdParts(vaultOf(drill)).name;
  try {
    const answer = await touchByReading(service.azure.drill, vaultName, decoy.kind, decoy.name, drill.id);
    await writeAnswer(service, drill, answer);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // The request may have arrived: from here on the log tells.
    log.warn({ err: error, drill: drill.id }, "a drill got no answer");
  }
  if (drill.read === "permitted") await takeRightBack(service, id);
  return true;
}

async function hasToken({ azure }: ServiceContext): Promise<boolean> {
  try {
    return (await azure.drill.credential.getToken(azure.drill.cloud.vaultScope)) !== null;
  } catch (error) {
    log.warn({ err: error }, "the drill identity got no token");
    return false;
  }
}

/** Chooses the decoy and writes the intent down, for one process only; undefined when there is nothing to do. */
async function record(service: ServiceContext, id: string): Promise<{ drill: DrillRow; decoy: Chosen } | undefined> {
  const now = service.now();
  const broken = await brokenAt(service, id);
  return service.db.transaction().execute(async (transaction) => {
    const chosen = await chooseIn(transaction, service, id, broken);
    if (!chosen) return undefined;
    const { decoy } = chosen;
    const drill = { ...chosen.drill, state: "recorded" as const, intended_at: now };
    const { state, intended_at } = drill;
    await transaction.updateTable("drill").set({ state, intended_at }).where("id", "=", id).execute();
    const by = { tid: service.config.tenantId, system: "drill" };
    const after = { drill: id, decoy: decoy.id, identity: drill.identity_oid, read: drill.read };
    await writeAudit(transaction, { by, action: "drill.touch", vaultId: drill.vault_id, after, result: "ok" }, now);
    return { drill, decoy };
  });
}

async function queuedDrill(db: Kysely<Database>, id: string): Promise<DrillRow | undefined> {
  const drill = db.selectFrom("drill").selectAll().where("id", "=", id).where("state", "=", "queued");
  return drill.forUpdate().executeTakeFirst();
}

/** What is known to be broken where a drill is to touch; outside of any transaction, since Azure may be asked. */
async function brokenAt(service: ServiceContext, id: string): Promise<ReadonlySet<string>> {
  const drill = await service.db.selectFrom("drill").select("vault_id").where("id", "=", id).executeTakeFirst();
  return drill ? brokenKeys(service, drill.vault_id) : new Set();
}

/** The vault's decoys, that whose last drill is longest ago first; one that was chosen before alone. */
async function decoysFor(db: Kysely<Database>, drill: DrillRow, now: Date): Promise<Chosen[]> {
  const { vault_id: vaultId, decoy_id: before } = drill;
  return db
    .selectFrom("decoy")
    .select(["id", "kind", "name", "token_key"])
    .where("vault_id", "=", vaultId)
    .$if(before !== null, (query) => query.where("id", "=", before))
    .where("state", "=", "live")
    .where("broken", "is", null)
    .where((where) => where.or([where("expires_at", "is", null), where("expires_at", ">", now)]))
    .orderBy(sql`(select max(drill.intended_at) from drill where drill.decoy_id = decoy.id)`, (order) =>
      order.asc().nullsFirst(),
    )
    .orderBy("id")
    .execute();
}

type Answer = Awaited<ReturnType<typeof touchByReading>>;

async function writeAnswer(service: ServiceContext, drill: DrillRow, answer: Answer): Promise<void> {
  const { status, requestId, byNetwork } = answer;
  // Azure's own trouble: whether the vault took notice is for the log to tell.
  const uncertain = status >= 500 || status === 408;
  const now = service.now();
  const problem = uncertain ? undefined : problemOf(answer, drill.read);
  await service.db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("drill")
      .set({
        answered_at: now,
        answer_status: status,
        request_id: requestId ?? null,
        ...(status === 403 && { refused_by: byNetwork ? ("network" as const) : ("right" as const) }),
        // Whoever follows may have found its row already.
        ...(!uncertain && {
          state: sql<DrillState>`case when state = 'recorded' then 'touched' else state end`,
        }),
      })
      .where("id", "=", drill.id)
      .execute();
    if (problem) await endIn(transaction, service, drill, problem);
  });
}

/** The answer that proves nothing, in one word; undefined for a refusal, and for a read that was to be permitted. */
function problemOf({ status }: Answer, read: DrillRead): DrillProblem | undefined {
  if (status === 403) return undefined;
  if (status < 300) return read === "permitted" ? undefined : "has_right";
  if (status === 404) return "gone";
  if (status === 401) return "not_accepted";
  return status === 429 ? "throttled" : "refused";
}

/** Ends a drill without its proof, and records it. */
async function end(service: ServiceContext, drill: DrillRow, problem: DrillProblem): Promise<void> {
  await service.db.transaction().execute((transaction) => endIn(transaction, service, drill, problem));
}

async function endIn(
  db: Kysely<Database>,
  service: ServiceContext,
  drill: DrillRow,
  problem: DrillProblem,
): Promise<void> {
  const now = service.now();
  const state = problem === "network" ? "unreachable" : "failed";
  await db.updateTable("drill").set({ state, problem, ended_at: now }).where("id", "=", drill.id).execute();
  const by = { tid: service.config.tenantId, system: "drill" };
  const entry = { by, action: "drill.end", vaultId: drill.vault_id, after: { drill: drill.id }, result: problem };
  await writeAudit(db, entry, now);
}
