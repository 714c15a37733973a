import "server-only";
import { permissionsAt, permissionsOf } from "@/lib/azure/permissions";
import { getVault, listKeyNamesByArm, listSecretNamesByArm, type VaultResource } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { suggestName } from "@/lib/decoys/names";
import { secureRandom } from "@/lib/decoys/random";
import { checkName } from "@/lib/decoys/safety";
import { AppError } from "@/lib/errors";
import { isTaken } from "@/lib/store/errors";
import type { DecoyKind } from "../plan.pure";
import { mayPlant } from "../rights";
import { auditLogReaches } from "./audit-log";
import { forgetCaller, rememberedCaller } from "./callers";
import { guidOf } from "./ids";
import { type Run, requireClaim } from "./ledger";
import { done, failed, type Outcome, type StepJob } from "./outcome";
import { unreachable } from "./reach";
import { safetyOfRun, sentencesOf } from "./safety";

/** A source that does not answer is asked again for so long; then the check is made with what is known. */
const ASKED_AGAIN_FOR_MS = 10 * 60_000;

/**
 * Asks everything again that was asked at submit, since hours may lie between, and chooses the names. The names are in
 * the ledger when the step is done; from then on they do not change.
 */
export async function checkStep({ service, run, step }: StepJob): Promise<Outcome> {
  const { azure, db } = service;
  const vault = await getVault(azure.collector, run.vaultId);
  if (!(await stillMayPlant(service, run, vault))) {
    return failed(
      `${run.deployment.requested_by_name} may no longer write into this vault. Ask an administrator of the vault to start it.`,
    );
  }
  const blocked = unreachable(vault);
  if (blocked) return failed(blocked);
  if (!(await auditLogReaches(service, run.vaultId))) {
    return failed("The vault's audit log does not reach the watched workspace. Switch it on first, then start again.");
  }
  const [secrets, keys] = await Promise.all([
    listSecretNamesByArm(azure.collector, run.vaultId),
    listKeyNamesByArm(azure.collector, run.vaultId),
  ]);
  const safety = await safetyOfRun(service, run);
  if (safety.incomplete && service.now().getTime() - step.started_at.getTime() < ASKED_AGAIN_FOR_MS) {
    const detail = "Not all is known yet that the safety check rests on; asking again.";
    return { is: "waiting", ms: service.config.timing.poll, detail };
  }
  if (safety.judgement.refusals.length > 0) return failed(sentencesOf(safety.judgement).join(" "));
  const live = [...secrets, ...keys];
  const names = await chooseNames(
    service,
    { ...run, name: run.deployment.name },
    { live, selectedBy: safety.selectedBy },
  );
  if ("refused" in names) return failed(names.refused);
  try {
    await db.transaction().execute(async (transaction) => {
      await requireClaim(transaction, run);
      await transaction
        .insertInto("decoy")
        .values(names.chosen.map((name, index) => newDecoy(service, run, name, index)))
        // Done twice after a kill, the first choice stays.
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
    });
  } catch (error) {
    if (isTaken(error)) return failed("A honeytoken of this name is registered for this vault already.");
    throw error;
  }
  forgetCaller(run.deployment.id);
  const model = vault.permissionModel === "rbac" ? "roles" : "access policies";
  return done(
    `The right is there, the vault can be reached and works with ${model}, its audit log is on. Names chosen to fit in: ${names.chosen.length}.`,
  );
}

/** With the person's own token while it lives here, else from the role assignments that the person holds. */
async function stillMayPlant(service: ServiceContext, run: Run, vault: VaultResource): Promise<boolean> {
  const { kind } = run;
  const { requested_by_oid: oid } = run.deployment;
  const access = rememberedCaller(run.deployment.id, service.now());
  const own = access && (await permissionsAt(access, run.vaultId).catch(tokenEnded));
  const permissions = own ?? (await permissionsOf(service.azure.collector, run.vaultId, oid));
  return mayPlant(permissions, vault, { oid }, kind);
}

/** A token that no longer works is as good as none; every other failure is one. */
function tokenEnded(error: unknown): undefined {
  if (error instanceof AppError && ["signed_out", "step_up"].includes(error.failure.code)) return undefined;
  throw error;
}

/** Names that fit the vault, or why there are none. Also what the preview asks, which throws them away. */
export async function chooseNames(
  { db }: Pick<ServiceContext, "db">,
  { name, kind, count }: { name: string | null; kind: DecoyKind; count: number },
  known: { live: string[]; selectedBy: string[] },
): Promise<{ chosen: string[] } | { refused: string }> {
  // What was deleted is seen only by the planter, right before it writes.
  const vault = { ...known, softDeleted: [] };
  if (name !== null) {
    const verdict = checkName(name, vault);
    return verdict.ok ? { chosen: [name] } : { refused: verdict.sentence };
  }
  const others = await db.selectFrom("decoy").select("name").execute();
  const elsewhere = others.map((row) => row.name);
  const chosen: string[] = [];
  while (chosen.length < count) {
    const next = suggestName(vault, { kind, elsewhere: [...elsewhere, ...chosen] }, secureRandom);
    if (next === undefined) {
      return { refused: "No name was found that fits among this vault's names and endangers none of them." };
    }
    chosen.push(next);
  }
  return { chosen };
}

function newDecoy({ config, now }: ServiceContext, run: Run, name: string, index: number) {
  const { kind } = run;
  const attempt = String(run.item.attempt);
  // Later ones a millisecond later, so that they are always worked on in this order.
  const at = new Date(now().getTime() + index);
  return {
    id: guidOf("decoy", run.item.id, attempt, String(index)),
    vault_id: run.vaultId,
    kind,
    name,
    token_key: `${run.vaultId}/${kind}s/${name.toLowerCase()}`,
    state: "registered" as const,
    watchlist_item_id: guidOf("register", config.tenantId, run.item.id, attempt, String(index)),
    planter_oid: config.identities.planter.objectId.toLowerCase(),
    item_id: run.item.id,
    created_at: at,
    updated_at: at,
  };
}
