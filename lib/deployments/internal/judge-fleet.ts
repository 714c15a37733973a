import "server-only";
import pLimit from "p-limit";
import { permissionsAt } from "@/lib/azure/permissions";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { getVault } from "@/lib/azure/vaults";
import type { UserContext } from "@/lib/context";
import { listAssignments, permissionsAtVault } from "@/lib/coverage/assignments";
import type { BoardRow } from "@/lib/coverage/board.pure";
import type { Fleet } from "@/lib/coverage/fleet";
import { secureRandom } from "@/lib/decoys/random";
import { DecoySettings, decoyCount } from "@/lib/decoys/settings";
import { AppError } from "@/lib/errors";
import type { FleetRequest } from "../fleet.pure";
import { DECOYS_PER_VAULT_MAX, type DecoyKind } from "../plan.pure";
import { mayPlant, mayRetire, NO_RIGHT, NO_RIGHT_TO_RETIRE } from "../rights";
import type { Chosen } from "./choose-vaults";
import { unreachable } from "./reach";
import type { Verdict } from "./ways";

/** Questions about single vaults under way at once. */
const ASKED_AT_ONCE = 16;

type Judged = Omit<Verdict, "vaultId" | "row">;

const nothing = (state: "blocked" | "skipped", ...reasons: string[]): Judged => ({
  state,
  kind: null,
  count: null,
  plan: { grant: "none", warnings: [], reasons },
});

/** Judges each chosen vault: what would be planted there, or why nothing is. */
export async function judgeFleet(
  ctx: UserContext,
  fleet: Fleet,
  chosen: readonly Chosen[],
  request: FleetRequest,
): Promise<Verdict[]> {
  const [running, live, rights] = await Promise.all([vaultsUnderWay(ctx), liveDecoys(ctx), rightsOf(ctx, chosen)]);
  const verdicts: Verdict[] = [];
  for (const { vaultId, row } of chosen) {
    const decoys = live.get(vaultId) ?? [];
    const judged =
      judge(fleet, { vaultId, row, running, decoys }, request) ?? (await rights(vaultId, row, { request, decoys }));
    verdicts.push({ vaultId, row, ...judged });
  }
  return verdicts;
}

/** What can be said without asking Azure about the one vault; undefined = ask whether the person may. */
function judge(
  fleet: Fleet,
  { vaultId, row, running, decoys }: Chosen & { running: ReadonlySet<string>; decoys: readonly DecoyKind[] },
  request: FleetRequest,
): Judged | undefined {
  if (!row) return nothing("blocked", "There is no such vault, or you may not read it. Ask for the role Reader there.");
  if (running.has(vaultId)) return nothing("skipped", "A deployment is already running for this vault.");
  const { operation, addToExisting } = request;
  if (operation !== "plant" && decoys.length === 0) return nothing("skipped", "There is no live honeytoken of ours.");
  if (operation === "plant" && row.decoys > 0 && !addToExisting)
    return nothing("skipped", "It has a honeytoken already.");
  const reasons: string[] = [];
  const blocked = unreachable(row);
  if (blocked) reasons.push(blocked);
  if (operation === "retire") return blocked ? nothing("blocked", blocked) : undefined;
  const auditLog = fleet.auditLogOf(vaultId);
  if (auditLog?.outcome === "fail") {
    reasons.push(
      "Its audit log does not reach the watched workspace, so no touch would be seen. Switch the audit log on first.",
    );
  }
  return reasons.length > 0 ? nothing("blocked", ...reasons) : undefined;
}

async function vaultsUnderWay({ db }: UserContext): Promise<ReadonlySet<string>> {
  const open = await db
    .selectFrom("deployment_item")
    .select("vault_id")
    .where("state", "in", ["queued", "running"])
    .execute();
  return new Set(open.map((item) => item.vault_id));
}

/** The kinds of the live honeytokens in each vault. */
async function liveDecoys({ db }: UserContext): Promise<ReadonlyMap<string, DecoyKind[]>> {
  const rows = await db.selectFrom("decoy").select(["vault_id", "kind"]).where("state", "=", "live").execute();
  const found = new Map<string, DecoyKind[]>();
  for (const { vault_id: vaultId, kind } of rows) found.set(vaultId, [...(found.get(vaultId) ?? []), kind]);
  return found;
}

interface Wish {
  request: FleetRequest;
  /** Kinds of the vault's live honeytokens. */
  decoys: readonly DecoyKind[];
}

type Rights = (vaultId: VaultId, row: BoardRow | undefined, wish: Wish) => Promise<Judged>;

/** What a person may do in a vault: the kinds that may be planted, and whether honeytokens may be removed. */
interface Allowed {
  kinds: readonly DecoyKind[];
  retire: boolean;
}

/**
 * Whether the person may plant in a vault: by the roles that one query shows, read with the person's own token; where
 * they do not suffice, asked of Azure for that vault, since groups and access policies are not in that query.
 */
async function rightsOf(ctx: UserContext, chosen: readonly Chosen[]): Promise<Rights> {
  const assignments = await listAssignments(ctx.asUser, ctx.user.oid);
  const ask = pLimit(ASKED_AT_ONCE);
  const asked = new Map<string, Promise<Allowed | string>>();
  const byRole = (vaultId: VaultId, row: BoardRow): Allowed => {
    const vault = { permissionModel: row.permissionModel, accessPolicies: [] };
    return allowedBy(permissionsAtVault(assignments, vaultId), vault, ctx);
  };
  // Asked ahead, all at once: the verdicts below are made one after the other.
  for (const { vaultId, row } of chosen) {
    const known = row && byRole(vaultId, row);
    if (known && (known.kinds.length < 2 || !known.retire))
      asked.set(
        vaultId,
        ask(() => allowedAt(ctx, vaultId)),
      );
  }
  return async (vaultId, row, wish) => {
    const allowed = row ? ((await asked.get(vaultId)) ?? byRole(vaultId, row)) : { kinds: [], retire: false };
    return typeof allowed === "string" ? nothing("blocked", allowed) : planned(wish, allowed);
  };
}

function allowedBy(
  permissions: Parameters<typeof mayPlant>[0],
  vault: Parameters<typeof mayPlant>[1],
  { user }: UserContext,
): Allowed {
  return {
    kinds: (["secret", "key"] as const).filter((kind) => mayPlant(permissions, vault, user, kind)),
    retire: mayRetire(permissions, vault, user),
  };
}

/** What Azure says that the person may do in this vault, or why that could not be found out. */
async function allowedAt(ctx: UserContext, vaultId: VaultId): Promise<Allowed | string> {
  try {
    const [permissions, vault] = await Promise.all([permissionsAt(ctx.asUser, vaultId), getVault(ctx.asUser, vaultId)]);
    return allowedBy(permissions, vault, ctx);
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code === "step_up") throw error;
    return `Your rights in this vault could not be found out. ${error.failure.message}`;
  }
}

function planned({ request, decoys }: Wish, allowed: Allowed): Judged {
  const { operation } = request;
  if (operation !== "plant" && !allowed.retire) return nothing("blocked", NO_RIGHT_TO_RETIRE);
  const plan = { grant: "none" as const, warnings: [], reasons: [] };
  if (operation === "retire") return { state: "planned", kind: decoys[0] ?? "secret", count: decoys.length, plan };
  // A replacement is of the same kind as what it replaces.
  const wanted = operation === "replace" && request.kind === "auto" ? decoys[0] : request.kind;
  const kind = wanted === "auto" ? allowed.kinds[0] : wanted;
  if (kind === undefined || !allowed.kinds.includes(kind)) return nothing("blocked", NO_RIGHT[kind ?? "secret"]);
  const usual = operation === "replace" ? decoys.length : decoyCount(DecoySettings.parse({}), secureRandom);
  return { state: "planned", kind, count: Math.min(request.count ?? usual, DECOYS_PER_VAULT_MAX), plan };
}
