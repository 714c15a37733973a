import "server-only";
import { isAmbiguous } from "@/lib/azure/parse-error";
import { getVault } from "@/lib/azure/vaults";
import { permissionsAtVault } from "@/lib/coverage/assignments";
import { AppError } from "@/lib/errors";
import { auditOf } from "./audit";
import {
  assignmentName,
  giveGrant,
  grantWayOf,
  intendGrant,
  kindsFor,
  leaveBehind,
  missingPermissions,
  type Purpose,
  prolongGrant,
  purposeOf,
  revokeGrant,
  roleFor,
  settleGrant,
} from "./grants";
import { fallBackToVaultRole, giveGroupGrant } from "./group-grants";
import { ClaimLost, type Grant } from "./ledger";
import { done, type Outcome, type StepJob, skipped, write } from "./outcome";
import { wayOf } from "./reach";
import { standingOfPlanter } from "./shared-reads";
import { wordsForWay } from "./time-bound";
import { noteUnanswered } from "./unanswered";
import { vaultOfRun } from "./vaults-now";
import { suffices, sufficesByArm } from "./ways";

/** Gives the planter the right to list and write, or delete, in this vault, recorded with a lease before it is given. */
export async function grantStep(job: StepJob): Promise<Outcome> {
  const { service, run, step } = job;
  const { now, config } = service;
  const purpose = purposeOf(step.step);
  if (purpose === "retire" && kindsFor(run, purpose).size === 0) {
    return skipped("Nothing is left to delete, so no right is needed.");
  }
  if (grantWayOf(run) === "group_role") {
    const shared = await giveGroupGrant(service, run, purpose);
    if (shared === "busy") return wait(config.timing.poll);
    if (shared !== "reaches too far")
      return done(`A role at the resource group, whose vaults are all part of this plan.${wordsForWay(shared)}`);
    await fallBackToVaultRole(service, run);
  }
  if (run.grant?.state === "revoking") {
    // By the sweeper just now, or by a process that did not finish.
    if (run.grant.lease_until > now()) return refreshed(job);
    if (!(await revokeGrant(job, run.grant))) return wait(config.timing.poll);
    return { is: "reopen", steps: [step.step] };
  }
  const grant = run.grant ?? (await newGrant(job));
  if (grant === "none needed") {
    return skipped("The planting identity holds the right in this vault already; nothing was given.");
  }
  if (grant === "busy") return wait(config.timing.poll);
  if (grant.state === "given") {
    // Given by the process before this one.
    return (await prolongGrant(service, grant)) ? done(given(grant, purpose)) : refreshed(job);
  }
  try {
    await giveGrant(service, grant, grant.model === "rbac" ? roleFor(service, purpose) : "");
    const standing = { ...grant, state: "given" as const, updated_at: now() };
    const after = { model: grant.model, assignment: grant.assignment_id, added: grant.added };
    const audits = [auditOf(service, run, "grant.give", { before: grant.before, after })];
    await write(job, { grant: standing, audits });
    run.grant = standing;
  } catch (error) {
    if (error instanceof ClaimLost || isAmbiguous(error)) await leaveBehind(service, grant);
    if (isAmbiguous(error)) noteUnanswered(step, now());
    throw error;
  }
  return done(given(grant, purpose));
}

const wait = (ms: number): Outcome => ({ is: "waiting", ms, detail: "Waiting until an earlier right is taken back." });

/** Somebody else has changed the grant on record: look at it again before going on. */
async function refreshed({ service, run }: StepJob): Promise<Outcome> {
  run.grant = await service.db
    .selectFrom("deployment_grant")
    .selectAll()
    .where("item_id", "=", run.item.id)
    .where("state", "<>", "revoked")
    .executeTakeFirst();
  return wait(service.config.timing.poll);
}

function given(grant: Grant, purpose: Purpose): string {
  if (grant.model === "rbac") {
    const verb = purpose === "plant" ? "write" : "delete";
    return `A role at this vault only, which can ${verb} but not read values.${wordsForWay(grant)}`;
  }
  const { secrets, keys } = grant.added;
  const permissions = [...secrets.map((one) => `secrets/${one}`), ...keys.map((one) => `keys/${one}`)];
  return `Added to the vault's access policies: ${permissions.join(", ")}.`;
}

/** A role that the planting identity has anyway, from a subscription say, is not given a second time. */
async function heldForGood({ service, run }: StepJob, purpose: Purpose): Promise<boolean> {
  try {
    const standing = permissionsAtVault(await standingOfPlanter(service), run.vaultId);
    return byArm(run, purpose) ? sufficesByArm(standing) : suffices(standing, purpose, kindsFor(run, purpose));
  } catch (error) {
    // Not known: then one too many is given, and taken back.
    if (error instanceof AppError) return false;
    throw error;
  }
}

function byArm(run: StepJob["run"], purpose: Purpose): boolean {
  return purpose === "plant" && wayOf(run) === "arm_key";
}

async function newGrant(job: StepJob): Promise<Grant | "none needed" | "busy"> {
  const { service, run, step } = job;
  const purpose = purposeOf(step.step);
  const known = await vaultOfRun(service, run);
  // What is added and taken back again hangs on the entries of this moment.
  const byRole = known.permissionModel === "rbac" || byArm(run, purpose);
  const vault = byRole ? known : await getVault(service.azure.granter, run.vaultId);
  // A key through Azure Resource Manager takes a role, whatever decides about the vault's contents.
  const rbac = byRole || vault.permissionModel === "rbac";
  if (rbac && (await heldForGood(job, purpose))) return "none needed";
  const planter = service.config.identities.planter.objectId;
  const nothing = { added: { secrets: [], keys: [] }, before: { secrets: [], keys: [] } };
  const change = rbac ? nothing : missingPermissions(vault, planter, purpose, kindsFor(run, purpose));
  const grant = await intendGrant(job, {
    model: rbac ? "rbac" : "policies",
    assignment_id: rbac ? assignmentName(service, run.vaultId, roleFor(service, purpose)) : null,
    ...change,
  });
  if (!grant) return "busy";
  run.grant = grant;
  if (rbac || grant.added.secrets.length + grant.added.keys.length > 0) return grant;
  await settleGrant(job, { ...grant, state: "revoked", updated_at: service.now() });
  return "none needed";
}
