import "server-only";
import { listManagementGroups } from "@/lib/azure/management-groups";
import { getPolicyAssignment } from "@/lib/azure/policies";
import { listPolicyStates, type PolicyState, startScan } from "@/lib/azure/policy-insights";
import { type PolicyScope, policyScopeId } from "@/lib/azure/policy-scope.pure";
import { subscriptionNames } from "@/lib/azure/subscriptions";
import type { UserContext } from "@/lib/context";
import { AppError, needsPerson } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import { missingRights, readSteps, recommendationOptions } from "./deploy";
import type { RecommendationPlaces, ScanRequest, ScopeView, SubscriptionCompliance } from "./deploy.pure";

/** A scan that has shown nothing for so long is not waited for any more; Azure looks by itself every 24 hours. */
const SCAN_WAIT_MS = 24 * 60 * 60 * 1000;
/** Scans asked for at once. */
const AT_ONCE = 5;

/** Management groups and subscriptions that the person may read, and how keeping the tag in the background goes. */
export async function readPlaces(ctx: UserContext): Promise<RecommendationPlaces> {
  const warnings: string[] = [];
  const orNone = async <T>(ask: Promise<T>, none: T): Promise<T> => {
    try {
      return await ask;
    } catch (error) {
      if (!(error instanceof AppError) || needsPerson(error)) throw error;
      warnings.push(error.failure.message);
      return none;
    }
  };
  const [groups, subscriptions, tagProblems] = await Promise.all([
    orNone(listManagementGroups(ctx.asUser), []),
    orNone(subscriptionNames(ctx.asUser), new Map<string, string>()),
    readTagProblems(ctx),
  ]);
  const places: RecommendationPlaces["places"] = [
    ...groups.map(({ name, displayName }) => ({
      id: policyScopeId({ managementGroup: name }),
      name: displayName,
      kind: "managementGroup" as const,
    })),
    ...[...subscriptions].map(([subscriptionId, name]) => ({
      id: policyScopeId({ subscriptionId }),
      name,
      kind: "subscription" as const,
    })),
  ];
  return { places, warnings, tagProblems };
}

async function readTagProblems({ db }: UserContext): Promise<RecommendationPlaces["tagProblems"]> {
  const rows = await db
    .selectFrom("review_tag")
    .select(({ fn }) => ["problem", fn.countAll<string>().as("vaults")])
    .where("problem", "is not", null)
    .groupBy("problem")
    .execute();
  return rows.map(({ problem, vaults }) => ({ problem: problem ?? "", vaults: Number(vaults) }));
}

/** What exists at a scope, what the person may do there, and how its vaults stand, asked with the person's own rights. */
export async function readScope(ctx: UserContext, scope: PolicyScope): Promise<ScopeView> {
  const [steps, rights, compliance] = await Promise.all([
    readSteps(ctx, scope),
    missingRights(ctx, scope),
    readCompliance(ctx, scope),
  ]);
  return { steps, missingRights: rights, ...compliance };
}

type Compliance = Pick<ScopeView, "compliance" | "complianceProblem">;

async function readCompliance(ctx: UserContext, scope: PolicyScope): Promise<Compliance> {
  try {
    const { initiativeName } = await recommendationOptions(ctx);
    const assignment = await getPolicyAssignment(ctx.asUser, scope, initiativeName);
    if (!assignment) return { compliance: [], complianceProblem: "The initiative is not assigned here." };
    const [states, names, scans] = await Promise.all([
      listPolicyStates(ctx.asUser, scope, assignment.id),
      subscriptionNames(ctx.asUser),
      ctx.db.selectFrom("policy_scan").selectAll().execute(),
    ]);
    if (states.length === 0)
      return {
        compliance: [],
        complianceProblem: "Azure has not looked at the vaults yet. That may take half an hour.",
      };
    const scanOf = new Map(scans.map((scan) => [scan.subscription_id, scan]));
    const now = ctx.now().getTime();
    const compliance = countBySubscription(states).map(({ oldest, ...counts }): SubscriptionCompliance => {
      const scan = scanOf.get(counts.subscriptionId);
      // A scan of a subscription looks at all of its vaults, so the last to be seen anew is its end.
      const open = scan && scan.asked_at > oldest && now - scan.asked_at.getTime() < SCAN_WAIT_MS;
      return {
        ...counts,
        subscription: names.get(counts.subscriptionId) ?? counts.subscriptionId,
        oldest: oldest.toISOString(),
        scan: open ? { askedAt: scan.asked_at.toISOString(), by: scan.asked_by_name } : null,
      };
    });
    return { compliance: compliance.toSorted(byName), complianceProblem: null };
  } catch (error) {
    if (!(error instanceof AppError) || needsPerson(error)) throw error;
    return { compliance: [], complianceProblem: error.failure.message };
  }
}

const byName = (a: SubscriptionCompliance, b: SubscriptionCompliance) => a.subscription.localeCompare(b.subscription);

type Counts = Pick<SubscriptionCompliance, "subscriptionId" | "vaults" | "flagged" | "compliant" | "others"> & {
  oldest: Date;
};

function countBySubscription(states: readonly PolicyState[]): Counts[] {
  const counts = new Map<string, Counts>();
  for (const { subscriptionId, compliance, at } of states) {
    const none = { subscriptionId, vaults: 0, flagged: 0, compliant: 0, others: 0, oldest: at };
    const found = counts.get(subscriptionId) ?? none;
    counts.set(subscriptionId, found);
    found.vaults++;
    if (compliance === "NonCompliant") found.flagged++;
    else if (compliance === "Compliant") found.compliant++;
    else found.others++;
    if (at < found.oldest) found.oldest = at;
  }
  return [...counts.values()];
}

/**
 * Has Azure look at the subscriptions anew, with the person's own rights. It takes minutes to hours, so this only asks;
 * the page shows the outcome when it is there.
 *
 * @throws AppError why the first one that was refused was; the others are asked for all the same
 */
export async function askForScans(ctx: UserContext, { subscriptionIds }: ScanRequest): Promise<{ asked: number }> {
  const wanted = [...new Set(subscriptionIds)];
  let asked = 0;
  let failure: unknown;
  for (let start = 0; start < wanted.length; start += AT_ONCE) {
    const some = wanted.slice(start, start + AT_ONCE);
    const outcomes = await Promise.allSettled(some.map((subscriptionId) => askForScan(ctx, subscriptionId)));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") asked++;
      else failure ??= outcome.reason;
    }
  }
  if (failure !== undefined) throw failure;
  return { asked };
}

async function askForScan(ctx: UserContext, subscriptionId: string): Promise<void> {
  const { db, user } = ctx;
  const at = ctx.now();
  const audit = { by: user, action: "recommendation.evaluate", vaultId: policyScopeId({ subscriptionId }) };
  try {
    await startScan(ctx.asUser, subscriptionId);
  } catch (error) {
    if (error instanceof AppError) await writeAudit(db, { ...audit, result: error.failure.message }, at);
    throw error;
  }
  await db.transaction().execute(async (transaction) => {
    const row = { asked_at: at, asked_by_name: user.name };
    await transaction
      .insertInto("policy_scan")
      .values({ subscription_id: subscriptionId, ...row })
      .onConflict((conflict) => conflict.column("subscription_id").doUpdateSet(row))
      .execute();
    await writeAudit(transaction, { ...audit, result: "ok" }, at);
  });
}
