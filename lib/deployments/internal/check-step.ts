import "server-only";
import type { VaultResource } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { permissionsAtVault } from "@/lib/coverage/assignments";
import { lagAfterFirst } from "@/lib/decoys/company";
import type { DecoyProposal } from "@/lib/decoys/propose";
import { secureRandom } from "@/lib/decoys/random";
import { isTaken } from "@/lib/store/errors";
import type { DecoyKind } from "../plan.pure";
import { mayPlant } from "../rights";
import { permissionsNow } from "./asked-again";
import { auditLogNoted, auditLogReaches, NO_AUDIT_LOG } from "./audit-log";
import { chooseDecoys } from "./choose-names";
import { historyFrom, nextDue, storedAttributes } from "./decoy-plan";
import { decoyIdOf, guidOf } from "./ids";
import type { Run } from "./ledger";
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
    if (safety.judgement.refusals.length > 0) return failed(sentencesOf(safety.judgement).join(" "));
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

/** Chooses the decoys and writes them down; a sentence when there are none. */
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
  const choice = await chooseDecoys(service, wish, picture, readers);
  if ("refused" in choice) return choice.refused;
  const spread = spreadHoursOf(run.deployment) > 0;
  const decoys = choice.chosen.map((proposal, nth) => {
    const index = run.standing.length + nth;
    const afterMs = spread && index > 0 ? lagAfterFirst(picture, secureRandom) : 0;
    return newDecoy(service, run, proposal, { index, neighbours: listed.length, afterMs });
  });
  try {
    await write(job, { decoys });
  } catch (error) {
    if (isTaken(error)) return "A honeytoken of this name is registered for this vault already.";
    throw error;
  }
  run.decoys = decoys;
  return undefined;
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

function newDecoy(
  { config, now }: ServiceContext,
  run: Run,
  { name, attributes, history }: DecoyProposal,
  { index, neighbours, afterMs }: { index: number; neighbours: number; afterMs: number },
): Run["decoys"][number] {
  const attempt = String(run.item.attempt);
  // Later ones a millisecond later, so that they are always worked on in this order.
  const at = new Date(now().getTime() + index);
  const planned = history && historyFrom(history, at, neighbours);
  return {
    id: decoyIdOf(run.item, index),
    vault_id: run.vaultId,
    kind: run.kind,
    name,
    token_key: `${run.vaultId}/${run.kind}s/${name.toLowerCase()}`,
    state: "registered",
    watchlist_item_id: guidOf("register", config.tenantId, run.item.id, attempt, String(index)),
    planter_oid: config.identities.planter.objectId.toLowerCase(),
    window_start: null,
    window_end: null,
    first_sent_at: null,
    sent_at: null,
    version: null,
    value_hash: null,
    expires_at: null,
    attributes: storedAttributes(attributes, afterMs),
    history: planned ?? null,
    renew_at: planned ? nextDue(planned) : null,
    item_id: run.item.id,
    retire_item_id: null,
    deleted_at: null,
    recoverable_until: null,
    published: null,
    publishing: null,
    publishing_at: null,
    broken: null,
    broken_at: null,
    confirmed_at: null,
    created_at: at,
    updated_at: at,
  };
}
