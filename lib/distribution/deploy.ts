import "server-only";
import { permissionsAt } from "@/lib/azure/permissions";
import { permits } from "@/lib/azure/permits.pure";
import { type PolicyScope, policyScopeId } from "@/lib/azure/policy-scope.pure";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { AzureAccess, UserContext } from "@/lib/context";
import { AppError, needsPerson } from "@/lib/errors";
import { readRecommendation } from "@/lib/settings/settings";
import type { RecommendationSettings } from "@/lib/settings/settings.pure";
import { writeAudit } from "@/lib/store/audit";
import type { DeployOutcome, DeployRequest, StepName, StepOutcome, StepView } from "./deploy.pure";
import { ALL_STEPS, type Look, type Step, type Work } from "./internal/steps";
import { type PolicyOptions, REVIEW_VIEW } from "./policies.pure";

/** What is only read needs no region. */
const NO_LOCATION = "";

/** The recommendation as it is saved, with its address. */
export async function recommendationOptions(ctx: UserContext): Promise<PolicyOptions> {
  return policyOptions(ctx, await readRecommendation(ctx.db));
}

/** What saved settings come to, with the address of this product where they name none. */
export function policyOptions(
  { config }: Pick<UserContext, "config">,
  { names, link }: Pick<RecommendationSettings, "names" | "link">,
): PolicyOptions {
  return { ...names, link: link ?? `${config.origin}${REVIEW_VIEW}` };
}

/** What of the recommendation exists at the scope, asked with the person's own rights. What cannot be read is unknown. */
export async function readSteps(ctx: UserContext, scope: PolicyScope): Promise<StepView[]> {
  return stepsSeenBy(ctx.asUser, scope, await recommendationOptions(ctx), ctx.now());
}

/** The same, as somebody else than a person sees it. */
export async function stepsSeenBy(
  azure: AzureAccess,
  scope: PolicyScope,
  options: PolicyOptions,
  now: Date,
): Promise<StepView[]> {
  const work: Work = { azure, scope, options, location: NO_LOCATION, now };
  const views: StepView[] = [];
  // One after the other: later steps use what earlier ones have read.
  for (const step of ALL_STEPS) views.push({ name: step.name, ...(await lookSafely(step, work)) });
  return views;
}

async function workFor(ctx: UserContext, { scope, location }: DeployRequest): Promise<Work> {
  return { azure: ctx.asUser, scope, options: await recommendationOptions(ctx), location, now: ctx.now() };
}

async function lookSafely(step: Step, work: Work): Promise<Look> {
  try {
    return await step.look(work);
  } catch (error) {
    if (!(error instanceof AppError) || needsPerson(error)) throw error;
    return { state: "unknown", detail: error.failure.message };
  }
}

const POLICY_ROLE = "Resource Policy Contributor";
const ROLE_ROLE = "Role Based Access Control Administrator, User Access Administrator or Owner";
/** What the steps write, in the words of Azure's actions. */
export const RIGHTS: readonly { action: string; what: string; role: string; steps: readonly StepName[] }[] = [
  {
    action: "Microsoft.Authorization/policyDefinitions/write",
    what: "write policy definitions",
    role: POLICY_ROLE,
    steps: ["tagPolicy", "auditPolicy"],
  },
  {
    action: "Microsoft.Authorization/policySetDefinitions/write",
    what: "write initiatives",
    role: POLICY_ROLE,
    steps: ["initiative"],
  },
  {
    action: "Microsoft.Authorization/policyAssignments/write",
    what: "assign policies",
    role: POLICY_ROLE,
    steps: ["assignInitiative", "assignTagPolicy"],
  },
  {
    action: "Microsoft.Authorization/roleAssignments/write",
    what: "give the tag policy's identity its role",
    role: ROLE_ROLE,
    steps: ["tagRole"],
  },
  {
    action: "Microsoft.PolicyInsights/remediations/write",
    what: "start remediation tasks",
    role: POLICY_ROLE,
    steps: ["remediation"],
  },
];

/** Rights that the person lacks at the scope, each a sentence with what to do. With steps: those that these take. */
export async function missingRights(
  ctx: UserContext,
  scope: PolicyScope,
  due?: ReadonlySet<StepName>,
): Promise<string[]> {
  const needed = RIGHTS.filter(({ steps }) => due === undefined || steps.some((step) => due.has(step)));
  if (needed.length === 0) return [];
  try {
    const permissions = await permissionsAt(ctx.asUser, policyScopeId(scope));
    return needed
      .filter(({ action }) => !permits(permissions, action, "control"))
      .map(
        ({ what, role }) => `You may not ${what} here. Ask an administrator of this scope for the role ${role} on it.`,
      );
  } catch (error) {
    if (!(error instanceof AppError) || needsPerson(error)) throw error;
    return [`Your rights here could not be checked. ${error.failure.message}`];
  }
}

/**
 * Does what is missing of the recommendation at the scope, with the person's own rights: seven short writes at most.
 * Nothing is begun while a right for any of it is lacking. Then each step is reported by itself; what fails stops only the
 * steps that stand on it, and all of it can be done again. Every write leaves an audit row, a refused one too.
 *
 * @throws AppError `conflict` while it is not in use; `forbidden` without the rights; `step_up`, `signed_out` when the person has to sign in again
 */
export async function deployRecommendation(ctx: UserContext, request: DeployRequest): Promise<DeployOutcome> {
  if (!(await readRecommendation(ctx.db)).inUse) {
    throw new AppError("conflict", "The recommendation is not in use yet.", {
      fix: "Look at its names and texts, which owners will read; then put it to use and save.",
    });
  }
  const work = await workFor(ctx, request);
  await requireRights(ctx, work);
  const steps: StepOutcome[] = [];
  const broken = new Set<StepName>();
  for (const step of ALL_STEPS) {
    const outcome = step.needs.some((name) => broken.has(name))
      ? ({ outcome: "skipped", detail: "A step before it failed." } as const)
      : await carryOut(ctx, step, work);
    if (outcome.outcome === "failed" || outcome.outcome === "skipped") broken.add(step.name);
    steps.push({ name: step.name, ...outcome });
  }
  return { steps };
}

/** An initiative that flags vaults whose tag nobody may write helps nobody, so it is all or nothing. */
async function requireRights(ctx: UserContext, { scope, options, now }: Work): Promise<void> {
  const views = await stepsSeenBy(ctx.asUser, scope, options, now);
  const due = views.filter(({ state }) => ["missing", "differs", "unknown"].includes(state)).map(({ name }) => name);
  const lacks = await missingRights(ctx, scope, new Set(due));
  if (lacks.length === 0) return;
  const message = "You may not deploy all of it here, so nothing was written.";
  await writeAudit(
    ctx.db,
    { ...entryAt(scope, ctx), after: { steps: due, scope: policyScopeId(scope) }, result: message },
    now,
  );
  throw new AppError("forbidden", message, { fix: lacks.join(" ") });
}

/** What each audit row of a deployment has. The trail's place is a subscription, a group or a vault. */
function entryAt(scope: PolicyScope, { user }: UserContext) {
  const place = "subscriptionId" in scope && { vaultId: normaliseId(policyScopeId(scope)) };
  return { by: user, action: "recommendation.deploy", ...place };
}

async function carryOut(ctx: UserContext, step: Step, work: Work): Promise<Omit<StepOutcome, "name">> {
  let before: Look | undefined;
  try {
    before = await step.look(work);
    if (before.state !== "missing" && before.state !== "differs")
      return { outcome: "unchanged", detail: before.detail };
    await step.write(work);
  } catch (error) {
    if (!(error instanceof AppError) || needsPerson(error)) throw error;
    const { message, fix } = error.failure;
    await record(ctx, step, work, before, message);
    return { outcome: "failed", detail: [message, fix].filter(Boolean).join(" ") };
  }
  await record(ctx, step, work, before, "ok");
  return { outcome: "written", detail: "" };
}

async function record(
  ctx: UserContext,
  { name }: Step,
  { scope, options }: Work,
  before: Look | undefined,
  result: string,
): Promise<void> {
  const entry = {
    ...entryAt(scope, ctx),
    before: { state: before?.state ?? "unknown" },
    after: {
      step: name,
      scope: policyScopeId(scope),
      tagPolicy: options.tagPolicyName,
      initiative: options.initiativeName,
    },
    result,
  };
  await writeAudit(ctx.db, entry, ctx.now());
}
