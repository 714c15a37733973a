import "server-only";
import { parseVaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import { getVault } from "@/lib/azure/vaults";
import type { User, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { honeytokens } from "./internal/outcome";
import { type DeploymentList, type DeploymentState, type DeploymentView, STEPS } from "./plan.pure";

/** The newest ones; older ones stay in the audit trail. */
const LISTED_MAX = 500;

/**
 * One deployment with the progress of each of its steps, and no decoy's name. People see their own, and those in a vault
 * that they may read, whose page leads to them; analysts and administrators see all.
 *
 * @throws AppError `not_found` when there is none, or this person may not see it
 */
export async function readDeployment(ctx: UserContext, id: string): Promise<DeploymentView> {
  const { db, user } = ctx;
  const deployment = await db.selectFrom("deployment").selectAll().where("id", "=", id).executeTakeFirst();
  const items = await db
    .selectFrom("deployment_item")
    .selectAll()
    .where("deployment_id", "=", id)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  const own = deployment?.requested_by_oid === user.oid;
  if (!deployment || !(own || seesAll(user) || (await mayReadTheVault(ctx, items)))) {
    throw new AppError("not_found", "There is no such deployment.", {
      fix: "Look at the list of deployments; you see those that you started.",
    });
  }
  const steps = await db
    .selectFrom("deployment_step")
    .innerJoin("deployment_item", "deployment_item.id", "deployment_step.item_id")
    .selectAll("deployment_step")
    .where("deployment_item.deployment_id", "=", id)
    .execute();
  return {
    id,
    state: deployment.state,
    requestedBy: deployment.requested_by_name,
    createdAt: deployment.created_at.toISOString(),
    endedAt: deployment.ended_at?.toISOString() ?? null,
    kind: deployment.kind,
    count: deployment.count,
    items: items.map((item) => {
      const ended = item.state === "done" || item.state === "failed" || item.state === "needs_person";
      const recorded = new Map(steps.filter((step) => step.item_id === item.id).map((step) => [step.step, step]));
      return {
        vaultId: item.vault_id,
        vaultName: nameOf(item.vault_id),
        state: item.state,
        problem: item.problem,
        steps: STEPS.map(({ name, title }) => {
          const step = recorded.get(name);
          return {
            name,
            title,
            state: step?.state ?? (ended ? ("skipped" as const) : ("pending" as const)),
            detail: step?.detail ?? "",
            startedAt: step?.started_at.toISOString() ?? null,
            endedAt: step?.ended_at?.toISOString() ?? null,
          };
        }),
      };
    }),
  };
}

/** Whether a deployment is in one vault and Azure lets the person read that one. One ARM read. */
async function mayReadTheVault({ asUser }: UserContext, items: readonly { vault_id: string }[]): Promise<boolean> {
  const [only, ...more] = items;
  const vaultId = only && parseVaultId(only.vault_id);
  if (!vaultId || more.length > 0) return false;
  try {
    await getVault(asUser, vaultId);
    return true;
  } catch (error) {
    if (error instanceof AppError && ["forbidden", "not_found"].includes(error.failure.code)) return false;
    throw error;
  }
}

/** The newest deployments, newest first: the person's own; all of them for analysts and administrators. */
export async function listDeployments({ db, user }: UserContext): Promise<DeploymentList> {
  const deployments = await db
    .selectFrom("deployment")
    .selectAll()
    .$if(!seesAll(user), (query) => query.where("requested_by_oid", "=", user.oid))
    .orderBy("created_at", "desc")
    .limit(LISTED_MAX)
    .execute();
  const ids = deployments.map((deployment) => deployment.id);
  const items = ids.length
    ? await db
        .selectFrom("deployment_item")
        .select(["deployment_id", "vault_id"])
        .where("deployment_id", "in", ids)
        .execute()
    : [];
  return {
    deployments: deployments.map((deployment) => {
      const vaults = items.filter((item) => item.deployment_id === deployment.id).map((item) => nameOf(item.vault_id));
      return {
        id: deployment.id,
        state: deployment.state,
        requestedBy: deployment.requested_by_name,
        createdAt: deployment.created_at.toISOString(),
        endedAt: deployment.ended_at?.toISOString() ?? null,
        vaults: vaults.length,
        summary: summaryOf(deployment, vaults),
      };
    }),
  };
}

/** Whether a person sees the deployments of others too. */
function seesAll(user: User): boolean {
  return user.roles.includes("Soc.Analyst") || user.roles.includes("Platform.Admin");
}

function nameOf(vaultId: string): string {
  const id = parseVaultId(vaultId);
  return id ? vaultIdParts(id).name : vaultId;
}

const STATE_WORDS: Record<DeploymentState, string> = {
  queued: "waiting to start",
  running: "in progress",
  done: "done",
  failed: "not done",
  needs_person: "needs a person",
};

function summaryOf({ kind, count, state }: { kind: string; count: number; state: DeploymentState }, vaults: string[]) {
  const where = vaults.length === 1 ? (vaults[0] ?? "") : `${vaults.length} vaults`;
  return `${honeytokens(count)} of kind ${kind} in ${where}: ${STATE_WORDS[state]}`;
}
