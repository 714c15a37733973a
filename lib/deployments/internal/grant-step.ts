import "server-only";
import { getVault } from "@/lib/azure/vaults";
import { auditRun } from "./audit";
import { assignmentName, giveGrant, intendGrant, missingPermissions, prolongGrant, takeGrantBack } from "./grants";
import type { Grant } from "./ledger";
import { done, type Outcome, type StepJob, skipped } from "./outcome";

/** Gives the planter the right to list and write in this vault, recorded with a lease before it is given. */
export async function grantStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const { db, now, config } = service;
  if (run.grant?.state === "revoking") {
    // By the sweeper just now, or by a process that did not finish.
    if (run.grant.lease_until > now()) return waitForRevoking(config.timing.poll);
    await takeGrantBack(service, run.grant);
    return { is: "reopen", steps: ["grant"] };
  }
  const grant = run.grant ?? (await newGrant(job));
  if (grant === "none needed") {
    return skipped("The planting identity holds the right in this vault already; nothing was given.");
  }
  if (grant === "busy") return waitForRevoking(config.timing.poll);
  if (grant.state === "given") {
    // Given by the process before this one.
    return (await prolongGrant(service, grant)) ? done(given(grant)) : waitForRevoking(config.timing.poll);
  }
  await giveGrant(service, run.vaultId, grant);
  await db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("deployment_grant")
      .set({ state: "given", updated_at: now() })
      .where("id", "=", grant.id)
      .where("state", "=", "intended")
      .execute();
    await auditRun(transaction, service, run, "grant.give", {
      before: grant.before,
      after: { model: grant.model, assignment: grant.assignment_id, added: grant.added },
    });
  });
  return done(given(grant));
}

const waitForRevoking = (ms: number): Outcome => ({
  is: "waiting",
  ms,
  detail: "Waiting until an earlier right is taken back.",
});

function given(grant: Grant): string {
  if (grant.model === "rbac") return "A role at this vault only, which can write but not read values.";
  const { secrets, keys } = grant.added;
  const permissions = [...secrets.map((one) => `secrets/${one}`), ...keys.map((one) => `keys/${one}`)];
  return `Added to the vault's access policies: ${permissions.join(", ")}.`;
}

async function newGrant({ service, run }: StepJob): Promise<Grant | "none needed" | "busy"> {
  const vault = await getVault(service.azure.granter, run.vaultId);
  const rbac = vault.permissionModel === "rbac";
  const planter = service.config.identities.planter.objectId;
  const nothing = { added: { secrets: [], keys: [] }, before: { secrets: [], keys: [] } };
  const change = rbac ? nothing : missingPermissions(vault, planter, run.kind);
  const grant = await intendGrant(service, run, {
    model: vault.permissionModel,
    assignment_id: rbac ? assignmentName(service, run.vaultId) : null,
    ...change,
  });
  if (!grant) return "busy";
  if (rbac || grant.added.secrets.length + grant.added.keys.length > 0) return grant;
  await service.db
    .updateTable("deployment_grant")
    .set({ state: "revoked", updated_at: service.now() })
    .where("id", "=", grant.id)
    .execute();
  return "none needed";
}
