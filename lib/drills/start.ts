import "server-only";
import { createHash, randomUUID } from "node:crypto";
import type { Insertable, Kysely } from "kysely";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext, User, UserContext } from "@/lib/context";
import { readBoard } from "@/lib/coverage/board";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { prepare, select } from "@/lib/coverage/select.pure";
import { requireVisible, whyNotWrite } from "@/lib/coverage/visible";
import type { Selection } from "@/lib/deployments/fleet.pure";
import { rememberAsker, whyNotGiveReads } from "@/lib/deployments/read-grants";
import { AppError } from "@/lib/errors";
import { auditRow, writeAudit } from "@/lib/store/audit";
import { isTaken } from "@/lib/store/errors";
import type { Database, DrillTable } from "@/lib/store/schema";
import type { DrillRead, DrillRequest, FleetDrillAnswer } from "./drills.pure";
import { brokenKeys } from "./internal/broken";
import { drillSharesWith } from "./own-identity";
import { DRILLS_KEY, DRILLS_QUEUE } from "./queues";

/** Owners may drill where they may write; analysts and administrators wherever they may read. */
export function isStaff({ user }: UserContext): boolean {
  return user.roles.includes("Soc.Analyst") || user.roles.includes("Platform.Admin");
}

/**
 * Why no drill can be made at all, in a sentence; null when they can. An identity that does anything else beside would
 * have rights, and its touches could not be told from its work.
 */
export function whyNoDrills({ config }: Pick<ServiceContext, "config">): string | null {
  if (drillSharesWith(config.identities) === undefined) return null;
  return "Drills need an identity of their own that does nothing else and has no right anywhere: set DRILL_CLIENT_ID and DRILL_OBJECT_ID.";
}

/** Why this person may not drill this vault; null when they may. Throws `not_found` for a vault they may not read. */
export async function whyNotDrill(ctx: UserContext, vaultId: VaultId): Promise<string | null> {
  await requireVisible(ctx, vaultId);
  const general = whyNoDrills(ctx);
  if (general !== null || isStaff(ctx)) return general;
  return whyNotWrite(ctx, vaultId);
}

type Wish = Pick<DrillRequest, "vaultId"> & Partial<DrillRequest>;

/**
 * Records that a drill of one vault is wanted, and hands it to the workers.
 *
 * @throws AppError `forbidden` or `not_found` for whom it is not, `conflict` when one is under way or nothing can be
 *   touched
 */
export async function startDrill(ctx: UserContext, { vaultId, read = "denied" }: Wish): Promise<{ id: string }> {
  const refusal =
    (await whyNotDrill(ctx, vaultId)) ?? (read === "permitted" ? await whyNotGiveReads(ctx, vaultId) : null);
  if (refusal !== null) {
    const entry = { by: ctx.user, action: "drill.start", vaultId, after: { read }, result: `refused: ${refusal}` };
    await writeAudit(ctx.db, entry, ctx.now());
    throw new AppError(whyNoDrills(ctx) === null ? "forbidden" : "conflict", refusal);
  }
  if (!(await vaultsWithDecoys(ctx.db, await brokenKeys(ctx, vaultId))).has(vaultId)) {
    throw new AppError("conflict", "There is no working honeytoken in this vault.", {
      fix: "Plant one; the drill then proves that touching it raises an incident.",
    });
  }
  const { user } = ctx;
  const id = randomUUID();
  try {
    await ctx.db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto("drill")
        .values(queued(ctx, { id, vaultId, read, user, delay: 0 }))
        .execute();
      const entry = { by: user, action: "drill.start", vaultId, after: { drill: id, read }, result: "ok" };
      await writeAudit(transaction, entry, ctx.now());
    });
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new AppError("conflict", "A drill of this vault is under way. Wait until it has ended.");
  }
  if (read === "permitted") rememberAsker(ctx, id);
  await wakeDrills(ctx);
  return { id };
}

/**
 * Records drills of many vaults: of those that are chosen, the ones with a working honeytoken that are neither exempt nor
 * under way. They are made in an order that nobody can foresee, with a gap between two.
 *
 * @throws AppError `invalid` when the selection means no vault, `conflict` when no drill can be made at all
 */
export async function startDrills(ctx: UserContext, selection: Selection): Promise<FleetDrillAnswer> {
  const refusal = whyNoDrills(ctx);
  if (refusal !== null) throw new AppError("conflict", refusal);
  const { vaults } = await readBoard(ctx);
  const chosen = chosenOf(vaults, selection);
  if (chosen.length === 0) throw new AppError("invalid", "No vault was chosen.", { field: "selection" });
  const withDecoys = await vaultsWithDecoys(ctx.db, await brokenKeys(ctx));
  const reasonAgainst = ({ id, state }: BoardRow): string | undefined => {
    if (state === "exempt") return "They are exempt.";
    return withDecoys.has(id) ? undefined : "They hold no working honeytoken.";
  };
  const against = new Map<string, number>();
  const wanted: string[] = [];
  for (const row of chosen) {
    const reason = reasonAgainst(row);
    if (reason === undefined) wanted.push(row.id);
    else against.set(reason, (against.get(reason) ?? 0) + 1);
  }
  const started = await queueMany(ctx, wanted, "person", ctx.user);
  if (started < wanted.length) against.set("A drill is under way there.", wanted.length - started);
  return { started, skipped: [...against].map(([reason, count]) => ({ reason, vaults: count })) };
}

function chosenOf(rows: readonly BoardRow[], selection: Selection): readonly BoardRow[] {
  if (selection.by === "all") return rows;
  if (selection.by === "filter") return select(prepare(rows), selection.query);
  const wanted = new Set<string>(selection.vaultIds);
  return rows.filter(({ id }) => wanted.has(id));
}

type Requester = Pick<User, "tid" | "oid" | "name">;

/** Queues drills of vaults that have none under way, shuffled and with a gap between them. Returns how many. */
export async function queueMany(
  service: ServiceContext,
  vaultIds: readonly string[],
  origin: "person" | "schedule",
  user: Requester,
): Promise<number> {
  const salt = randomUUID();
  const order = (id: string) => createHash("sha256").update(`${salt}${id}`).digest("hex");
  const shuffled = vaultIds.map((id) => ({ id, key: order(id) })).sort((a, b) => a.key.localeCompare(b.key));
  const { drillGap } = service.config.timing;
  const rows = shuffled.map(({ id: vaultId }, index) =>
    queued(service, { id: randomUUID(), vaultId, user, origin, delay: index * drillGap }),
  );
  const now = service.now();
  let started = 0;
  await service.db.transaction().execute(async (transaction) => {
    for (let start = 0; start < rows.length; start += 1_000) {
      const written = await transaction
        .insertInto("drill")
        .values(rows.slice(start, start + 1_000))
        .onConflict((conflict) => conflict.doNothing())
        .returning(["id", "vault_id"])
        .execute();
      started += written.length;
      const by = origin === "schedule" ? { tid: user.tid, system: "drill schedule" } : user;
      const entries = written.map(({ id, vault_id }) =>
        auditRow({ by, action: "drill.start", vaultId: vault_id, after: { drill: id }, result: "ok" }, now),
      );
      if (entries.length > 0) await transaction.insertInto("audit").values(entries).execute();
    }
  });
  if (started > 0) await wakeDrills(service);
  return started;
}

interface Wanted {
  id: string;
  vaultId: string;
  user: Requester;
  read?: DrillRead;
  origin?: "person" | "schedule";
  /** Milliseconds from now. */
  delay: number;
}

function queued(
  { config, now }: Pick<ServiceContext, "config" | "now">,
  { id, vaultId, user, read = "denied", origin = "person", delay }: Wanted,
): Insertable<DrillTable> {
  const at = now();
  return {
    id,
    vault_id: vaultId,
    origin,
    requested_by_tid: user.tid,
    requested_by_oid: user.oid,
    requested_by_name: user.name,
    identity_oid: config.identities.drill.objectId.toLowerCase(),
    state: "queued",
    read,
    requested_at: at,
    not_before: new Date(at.getTime() + delay),
  };
}

/** Vaults in which a decoy can be touched, as far as our register knows; `broken` are token keys that are known not to work. */
export async function vaultsWithDecoys(
  db: Kysely<Database>,
  broken: ReadonlySet<string> = new Set(),
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("decoy")
    .select(["vault_id", "token_key"])
    .where("state", "=", "live")
    .where("broken", "is", null)
    .execute();
  return new Set(rows.flatMap((row) => (broken.has(row.token_key) ? [] : [row.vault_id])));
}

async function wakeDrills({ jobs }: Pick<ServiceContext, "jobs">): Promise<void> {
  await jobs.enqueue(DRILLS_QUEUE, DRILLS_KEY, {});
}
