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
import type { DecoyKind } from "../plan.pure";
import { mayPlant, NO_RIGHT } from "../rights";
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
  const [running, rights] = await Promise.all([vaultsUnderWay(ctx), rightsOf(ctx, chosen)]);
  const verdicts: Verdict[] = [];
  for (const { vaultId, row } of chosen) {
    const judged = judge(fleet, { vaultId, row, running }, request) ?? (await rights(vaultId, row, request));
    verdicts.push({ vaultId, row, ...judged });
  }
  return verdicts;
}

/** What can be said without asking Azure about the one vault; undefined = ask whether the person may. */
function judge(
  fleet: Fleet,
  { vaultId, row, running }: Chosen & { running: ReadonlySet<string> },
  request: FleetRequest,
): Judged | undefined {
  if (!row) return nothing("blocked", "There is no such vault, or you may not read it. Ask for the role Reader there.");
  if (running.has(vaultId)) return nothing("skipped", "A deployment is already running for this vault.");
  if (row.decoys > 0 && !request.addToExisting) return nothing("skipped", "It has a honeytoken already.");
  const reasons: string[] = [];
  const blocked = unreachable(row);
  if (blocked) reasons.push(blocked);
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

type Rights = (vaultId: VaultId, row: BoardRow | undefined, request: FleetRequest) => Promise<Judged>;

/**
 * Whether the person may plant in a vault: by the roles that one query shows, read with the person's own token; where
 * they do not suffice, asked of Azure for that vault, since groups and access policies are not in that query.
 */
async function rightsOf(ctx: UserContext, chosen: readonly Chosen[]): Promise<Rights> {
  const assignments = await listAssignments(ctx.asUser, ctx.user.oid);
  const ask = pLimit(ASKED_AT_ONCE);
  const asked = new Map<string, Promise<readonly DecoyKind[] | string>>();
  const byRole = (vaultId: VaultId, row: BoardRow): DecoyKind[] =>
    kindsAllowed(
      permissionsAtVault(assignments, vaultId),
      { permissionModel: row.permissionModel, accessPolicies: [] },
      ctx,
    );
  // Asked ahead, all at once: the verdicts below are made one after the other.
  for (const { vaultId, row } of chosen) {
    if (row && byRole(vaultId, row).length < 2)
      asked.set(
        vaultId,
        ask(() => kindsAt(ctx, vaultId)),
      );
  }
  return async (vaultId, row, request) => {
    const kinds = row ? ((await asked.get(vaultId)) ?? byRole(vaultId, row)) : [];
    if (typeof kinds === "string") return nothing("blocked", kinds);
    return planned(request, kinds);
  };
}

function kindsAllowed(
  permissions: Parameters<typeof mayPlant>[0],
  vault: Parameters<typeof mayPlant>[1],
  { user }: UserContext,
): DecoyKind[] {
  return (["secret", "key"] as const).filter((kind) => mayPlant(permissions, vault, user, kind));
}

/** The kinds that Azure says the person may write in this vault, or why that could not be found out. */
async function kindsAt(ctx: UserContext, vaultId: VaultId): Promise<readonly DecoyKind[] | string> {
  try {
    const [permissions, vault] = await Promise.all([permissionsAt(ctx.asUser, vaultId), getVault(ctx.asUser, vaultId)]);
    return kindsAllowed(permissions, vault, ctx);
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code === "step_up") throw error;
    return `Your right to plant here could not be found out. ${error.failure.message}`;
  }
}

function planned(request: FleetRequest, allowed: readonly DecoyKind[]): Judged {
  const kind = request.kind === "auto" ? allowed[0] : request.kind;
  if (kind === undefined || !allowed.includes(kind)) return nothing("blocked", NO_RIGHT[kind ?? "secret"]);
  const count = request.count ?? decoyCount(DecoySettings.parse({}), secureRandom);
  return { state: "planned", kind, count, plan: { grant: "none", warnings: [], reasons: [] } };
}
