import "server-only";
import { listDeletedKeys, listDeletedSecrets } from "@/lib/azure/key-vault";
import { permissionsAt } from "@/lib/azure/permissions";
import { parseVaultId, type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import { getVault, type VaultResource } from "@/lib/azure/vaults";
import type { UserContext } from "@/lib/context";
import { checkName } from "@/lib/decoys/safety";
import { AppError } from "@/lib/errors";
import type { Way } from "@/lib/safety/judge.pure";
import type { PlantRequest } from "../plan.pure";
import { mayPlant, NO_RIGHT, NO_RIGHT_BY_ARM } from "../rights";
import { auditLogReaches } from "./audit-log";
import { chooseDecoys } from "./choose-names";
import { unreachable, wayInto } from "./reach";
import { type Safety, safetyOf, sentencesOf } from "./safety";
import { listVault, vaultPicture } from "./vault-picture";

/** What was found out about a request before anything is written. */
export interface Examination {
  vaultId: VaultId;
  vault: VaultResource;
  /** How it gets into the vault. */
  way: Way;
  /** The person may write such objects in this vault. */
  allowed: boolean;
  /** Sentences with what to do; empty = it can be done. The missing right comes first. */
  blocked: string[];
  /** All that stands against it is a risk that the person may take. */
  acceptable: boolean;
  /** Sentences that stand against nothing and should be read. */
  warnings: string[];
}

/**
 * Looks at everything that could stop a planting, with the person's own token where rights and visibility are asked.
 *
 * @throws AppError `invalid` for what is no vault id, `forbidden` for a name that the person may not choose, and what
 *   Azure answers when the person may not even see the vault
 */
export async function examine(ctx: UserContext, request: PlantRequest): Promise<Examination> {
  const vaultId = parseVaultId(request.vaultId);
  if (!vaultId) throw new AppError("invalid", "This is not the address of a key vault.", { field: "vaultId" });
  if (request.name !== undefined) requireNaming(ctx, request);
  const vault = await getVault(ctx.asUser, vaultId);
  const safety = safetyOf(ctx, vaultId, request);
  const [permissions, { judgement }, problems] = await Promise.all([
    permissionsAt(ctx.asUser, vaultId),
    safety,
    Promise.all([
      auditProblem(ctx, vaultId),
      safety.then((known) => nameProblem(ctx, vaultId, request, known)),
      runningProblem(ctx, vaultId),
    ]),
  ]);
  const way = wayInto(vault, request.kind);
  const allowed = mayPlant(permissions, vault, ctx.user, request.kind, way);
  const right = allowed ? undefined : way === "arm_key" ? NO_RIGHT_BY_ARM : NO_RIGHT[request.kind];
  const hard = [right, way === undefined ? unreachable(vault) : undefined, ...problems].filter(
    (one) => one !== undefined,
  );
  // What the network has against it is said once, by the vault as it is now.
  const refusals = judgement.refusals.filter(({ code }) => code !== "unreachable");
  return {
    vaultId,
    vault,
    way: way ?? "data_plane",
    allowed,
    blocked: [...hard, ...sentencesOf({ refusals })],
    acceptable: hard.length === 0 && refusals.length > 0 && refusals.every((one) => one.acceptable),
    warnings: judgement.warnings,
  };
}

function requireNaming({ user }: UserContext, { count }: PlantRequest): void {
  if (!user.roles.includes("Platform.Admin")) {
    throw new AppError("forbidden", "Only administrators choose names.", { field: "name", fix: "Leave the name out." });
  }
  if (count !== 1) {
    throw new AppError("invalid", "A chosen name goes with one honeytoken.", { field: "count", fix: "Set it to 1." });
  }
}

async function auditProblem(ctx: UserContext, vaultId: VaultId): Promise<string | undefined> {
  try {
    if (await auditLogReaches(ctx, vaultId)) return undefined;
    return "The vault's audit log does not reach the watched workspace, so no touch would be seen. Switch the audit log on first.";
  } catch (error) {
    return unknown("whether the vault's audit log is on", error);
  }
}

async function nameProblem(
  ctx: UserContext,
  vaultId: VaultId,
  request: PlantRequest,
  { selectedBy, readersKnown, deleted }: Safety,
): Promise<string | undefined> {
  const readers = { selectedBy, readersKnown };
  try {
    const [listed, recoverable] = await Promise.all([
      listVault(ctx, vaultId),
      request.name === undefined ? [] : deletedNames(ctx, vaultId, request),
    ]);
    if (request.name !== undefined) {
      const live = listed.map(({ name }) => name);
      const verdict = checkName(request.name, { live, softDeleted: [...recoverable, ...deleted], ...readers });
      return verdict.ok ? undefined : `${verdict.sentence} Choose another name.`;
    }
    const { kind, count } = request;
    const wish = { vaultId, name: null, kind, count, history: false, neverExpires: false };
    const choice = await chooseDecoys(ctx, wish, vaultPicture(ctx, vaultId, listed, { deleted }), readers);
    return "refused" in choice ? choice.refused : undefined;
  } catch (error) {
    return unknown("which names are in use", error);
  }
}

/** Only the data plane knows them: asked as the person, and left to the planter's own look when that is refused. */
async function deletedNames(ctx: UserContext, vaultId: VaultId, { kind }: PlantRequest): Promise<string[]> {
  const list = kind === "secret" ? listDeletedSecrets : listDeletedKeys;
  try {
    return (await list(ctx.asUser, vaultIdParts(vaultId).name)).map((object) => object.name);
  } catch {
    return [];
  }
}

async function runningProblem({ db }: UserContext, vaultId: VaultId): Promise<string | undefined> {
  const running = await db
    .selectFrom("deployment_item")
    .select("id")
    .where("vault_id", "=", vaultId)
    .where("state", "in", ["queued", "running"])
    .executeTakeFirst();
  return running && "A deployment is already running for this vault. Wait until it has ended.";
}

function unknown(what: string, error: unknown): string {
  if (!(error instanceof AppError)) throw error;
  const { message, fix = "" } = error.failure;
  return `It could not be found out ${what}. ${message} ${fix}`.trim();
}
