import "server-only";
import type { VaultResource } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { permissionsAtVault } from "@/lib/coverage/assignments";
import { lagAfterFirst } from "@/lib/decoys/company";
import type { VaultPicture } from "@/lib/decoys/picture";
import type { DecoyProposal } from "@/lib/decoys/propose";
import { secureRandom } from "@/lib/decoys/random";
import { AppError } from "@/lib/errors";
import { isTaken } from "@/lib/store/errors";
import type { DecoyKind } from "../plan.pure";
import { mayPlant } from "../rights";
import { permissionsNow } from "./asked-again";
import { auditLogNoted, auditLogReaches, NO_AUDIT_LOG } from "./audit-log";
import { chooseDecoys } from "./choose-names";
import type { Run } from "./ledger";
import { newDecoy } from "./new-decoy";
import { backoff, done, failed, type Outcome, type StepJob, write } from "./outcome";
import { unreachable, wayOf } from "./reach";
import { type Safety, safetyOfRun, sentencesOf } from "./safety";
import { assignmentsOf } from "./shared-reads";
import { listVault, vaultPicture } from "./vault-picture";
import { vaultOfRun } from "./vaults-now";
import { versionsOfRun } from "./version-log";
import { spreadHoursOf, wantsHistory } from "./wanted";

/** A source that does not answer is asked again for so long; then the check is made with what is known. */
const ASKED_AGAIN_FOR_MS = 10 * 60_000;
/** Choices in one go; after a pause more is known of what others chose. */
const CHOICES_MAX = 5;

/**
 * Asks everything again that was asked at submit, since hours may lie between, and chooses the names. The names are in
 * the ledger when the step is done; from then on they do not change.
 */
export async function checkStep(job: StepJob): Promise<Outcome> {
  const { service, run, step } = job;
  const vault = await vaultOfRun(service, run);
  if (!(await stillMayPlant(service, run, vault))) {
    return failed(
      `${run.deployment.requested_by_name} may no longer write into this vault. Ask an administrator of the vault to start it.`,
    );
  }
  const byArm = wayOf(run) === "arm_key";
  const blocked = byArm ? undefined : unreachable(vault);
  if (blocked) return failed(blocked);
  if (!auditLogNoted(service, run.item) && !(await auditLogReaches(service, run.vaultId))) return failed(NO_AUDIT_LOG);
  // After a kill the first choice stays.
  if (run.decoys.length === 0 && missing(run) > 0) {
    const safety = await safetyOfRun(service, run);
    if (safety.incomplete && service.now().getTime() - step.started_at.getTime() < ASKED_AGAIN_FOR_MS) {
      const detail = "Not all is known yet that the safety check rests on; asking again.";
      const asked = typeof step.data.asked === "number" ? step.data.asked : 0;
      return { is: "waiting", ms: backoff(service, asked), detail, data: { asked: asked + 1 } };
    }
    // Whether the network lets us in was just asked of the vault itself; what Resource Graph shows may be older.
    const refusals = safety.judgement.refusals.filter(({ code }) => code !== "unreachable");
    if (refusals.length > 0) return failed(sentencesOf({ refusals }).join(" "));
    const refused = await writeChoice(job, safety, vault.createdAt);
    if (refused !== undefined) return failed(refused);
  }
  const model = vault.permissionModel === "rbac" ? "roles" : "access policies";
  const how = byArm
    ? "the key is made through Azure Resource Manager, past the vault's network"
    : `the vault can be reached and works with ${model}`;
  const there = run.standing.length > 0 ? ` There already: ${run.standing.length}.` : "";
  return done(`The right is there, ${how}, its audit log is on. Names chosen to fit in: ${run.decoys.length}.${there}`);
}

/** How many are to be chosen: of what was asked for, an earlier attempt may have written some. */
function missing({ count, standing }: Run): number {
  return count - standing.length;
}

/**
 * Chooses the decoys and writes them down, which reserves their names: other processes choose at the same time, and no two
 * vaults may get one name. A sentence when there are none.
 *
 * @throws AppError `unavailable` when others were first each time
 */
async function writeChoice(
  job: StepJob,
  { judgement, deleted, ...readers }: Safety,
  since: Date | undefined,
): Promise<string | undefined> {
  const { service, run } = job;
  // Azure Resource Manager makes the first version of a key and no other.
  const history = wayOf(run) === "data_plane" && wantsHistory(run.deployment);
  const [listed, versions] = await Promise.all([
    listVault(service, run.vaultId),
    history ? versionsOfRun(service, run) : undefined,
  ]);
  const { name } = run.deployment;
  const { kind, vaultId } = run;
  const wish = { vaultId, name, kind, count: missing(run), history, neverExpires: judgement.mustStayEnabled };
  const picture = vaultPicture(service, vaultId, listed, { versions, since, deleted });
  for (let choices = 0; choices < CHOICES_MAX; choices++) {
    const choice = await chooseDecoys(service, wish, picture, readers);
    if ("refused" in choice) return choice.refused;
    if (await reserve(job, choice.chosen, picture)) return undefined;
    if (name !== null) return "A honeytoken of this name is registered for this vault already.";
  }
  throw new AppError("unavailable", "Each name that was chosen was given to another vault in the same moment.");
}

/** Writes the choice down; false when one of its names is another's by now. */
async function reserve(job: StepJob, chosen: readonly DecoyProposal[], picture: VaultPicture): Promise<boolean> {
  const { service, run } = job;
  const spread = spreadHoursOf(run.deployment) > 0;
  const decoys = chosen.map((proposal, nth) => {
    const index = run.standing.length + nth;
    const afterMs = spread && index > 0 ? lagAfterFirst(picture, secureRandom) : 0;
    return newDecoy(service, run, proposal, { index, neighbours: picture.objects.length, afterMs });
  });
  try {
    await write(job, { decoys });
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
  run.decoys = decoys;
  return true;
}

/**
 * By the roles that the person holds, read for all vaults at once; where they do not suffice, with the person's own token
 * while it lives here, else by what the person holds at this vault.
 */
export async function stillMayPlant(
  service: ServiceContext,
  run: Run,
  vault: VaultResource,
  kind: DecoyKind = run.kind,
): Promise<boolean> {
  const way = wayOf(run);
  const { requested_by_oid: oid } = run.deployment;
  if (run.deployment.total > 1) {
    const held = permissionsAtVault(await assignmentsOf(service, oid), run.vaultId);
    if (mayPlant(held, vault, { oid }, kind, way)) return true;
  }
  const permissions = await permissionsNow(service, { id: run.deployment.id, vaultId: run.vaultId, oid });
  return mayPlant(permissions, vault, { oid }, kind, way);
}
