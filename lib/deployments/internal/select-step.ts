import "server-only";
import { z } from "zod";
import { permissionsOf } from "@/lib/azure/permissions";
import type { ServiceContext } from "@/lib/context";
import { permissionsAtVault } from "@/lib/coverage/assignments";
import { type Decoy, isRemovable } from "@/lib/store/decoys";
import { mayRetire } from "../rights";
import { CLOCK_SKEW_MS, creationsOf } from "./evidence";
import type { Run } from "./ledger";
import { changeDecoys, done, failed, honeytokens, needsPerson, type Outcome, type StepJob } from "./outcome";
import { unremovableNow } from "./reach";
import { assignmentsOf } from "./shared-reads";
import { vaultOfRun } from "./vaults-now";

/**
 * Chooses what is removed: the live honeytokens of the vault that are proven to be ours. From here on they belong to
 * this job. What cannot be proven to be ours is never removed.
 */
export async function selectStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const vault = await vaultOfRun(service, run);
  if (!(await mayStillRetire(service, run, vault))) {
    return failed(
      `${run.deployment.requested_by_name} may no longer delete in this vault. Ask an administrator of the vault to start it.`,
    );
  }
  const candidates = await removableDecoys(service, run);
  if (candidates.length === 0) return failed("There is no live honeytoken of ours in this vault any more.");
  const blocked = await unremovableNow(service, vault, candidates);
  if (blocked) return failed(blocked);
  const doubt = await doubtOf(service, candidates);
  if (doubt !== undefined) return needsPerson(doubt);
  await changeDecoys(job, candidates, { retire_item_id: run.item.id });
  run.retiring = candidates;
  return done(`${honeytokens(candidates.length)} to be removed; the audit log knows nobody else who wrote them.`);
}

/** What the request says of single honeytokens. Never read leniently: what is not understood must not mean all. */
const Chosen = z.object({ decoyIds: z.array(z.uuid()).optional() });

/** Those that another job planted, as far as they were asked for; after a kill those chosen already are among them. */
async function removableDecoys({ db }: ServiceContext, { vaultId, item, deployment }: Run): Promise<Decoy[]> {
  const { decoyIds } = Chosen.parse(deployment.request);
  return db
    .selectFrom("decoy")
    .selectAll()
    .where("vault_id", "=", vaultId)
    .where(isRemovable)
    .$if(decoyIds !== undefined, (query) => query.where("id", "in", decoyIds ?? []))
    .where((eb) => eb.or([eb("item_id", "is", null), eb("item_id", "<>", item.id)]))
    .where((eb) => eb.or([eb("retire_item_id", "is", null), eb("retire_item_id", "=", item.id)]))
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

/** Why it is not certain that all of them are ours, or undefined. */
export async function doubtOf(service: ServiceContext, decoys: readonly Decoy[]): Promise<string | undefined> {
  const since = Math.min(...decoys.map((decoy) => (decoy.first_sent_at ?? decoy.created_at).getTime())) - CLOCK_SKEW_MS;
  const creations = await creationsOf(service, decoys, new Date(since));
  for (const decoy of decoys) {
    const writers = creations.get(decoy.token_key) ?? [];
    if (writers.some(({ by }) => by !== decoy.planter_oid)) {
      return "Somebody else has written under the name of a honeytoken, so it is no longer ours alone. Nothing was deleted: look at the vault's audit log and ask its owner.";
    }
    if (decoy.version === null && writers.length !== 1) {
      return "A honeytoken was taken over from the published register, and the audit log no longer shows who made it. Nothing was deleted: remove it by hand if it is yours.";
    }
  }
  return undefined;
}

async function mayStillRetire(
  service: ServiceContext,
  run: Run,
  vault: Parameters<typeof mayRetire>[1],
): Promise<boolean> {
  const { requested_by_oid: oid } = run.deployment;
  if (mayRetire(permissionsAtVault(await assignmentsOf(service, oid), run.vaultId), vault, { oid })) return true;
  return mayRetire(await permissionsOf(service.azure.collector, run.vaultId, oid), vault, { oid });
}
