import "server-only";
import { type AlertRule, listAlertRules } from "@/lib/azure/rules";
import { listTablePlans, type TablePlan } from "@/lib/azure/tables";
import type { ServiceContext, UserContext } from "@/lib/context";
import { type RuleParameters, ruleParameters } from "@/lib/detection/parameters";
import { type PackRule, ruleBodies } from "@/lib/detection/rule-export";
import { changeOf } from "@/lib/detection/rule-state";
import { AppError } from "@/lib/errors";
import { changesBetween } from "./compare";
import type { PackRuleState, PackRuleView, RulePack } from "./pack.pure";

/** Every rule of the pack for the page, and whether the person may deploy it. Throws as `packSeenBy`. */
export async function readPack(ctx: UserContext): Promise<RulePack> {
  const { rules, warnings } = await packSeenBy(ctx);
  return {
    workspace: ctx.config.workspace.resourceId.split("/").at(-1) ?? "",
    rules,
    readAt: ctx.now().toISOString(),
    mayDeploy: ctx.user.roles.includes("Platform.Admin"),
    warnings,
  };
}

/**
 * Every rule of the pack beside what the workspace has of it, read now with the collector's identity, and what deploying
 * would change. Throws AppError when the rules cannot be listed; plans that cannot be read are said to be unknown.
 */
export async function packSeenBy({
  azure,
  config,
}: Pick<ServiceContext, "azure" | "config">): Promise<Pick<RulePack, "rules" | "warnings">> {
  const { resourceId } = config.workspace;
  const parameters = ruleParameters(config);
  const [rules, plans] = await Promise.all([
    listAlertRules(azure.collector, resourceId),
    listTablePlans(azure.collector, resourceId).catch((error: unknown) => {
      if (error instanceof AppError) return error;
      throw error;
    }),
  ]);
  const known = plans instanceof AppError ? undefined : plans;
  return {
    rules: ruleBodies(parameters).map((rule) => viewOf(rule, present(rules, rule), { parameters, plans: known })),
    warnings: plans instanceof AppError ? [plans.failure.message] : [],
  };
}

/** The rule of the workspace that has the id of one of ours. */
export function present(rules: readonly AlertRule[], { name }: Pick<PackRule, "name">): AlertRule | undefined {
  return rules.find((rule) => rule.name.toLowerCase() === name.toLowerCase());
}

/** One rule of the pack as it stands. */
export function viewOf(
  rule: PackRule,
  there: AlertRule | undefined,
  known: { parameters: RuleParameters; plans: readonly TablePlan[] | undefined },
): PackRuleView {
  const { header } = rule;
  const changes = there
    ? changesBetween({ kind: there.kind, ...there.properties }, { kind: rule.kind, ...rule.properties })
    : [];
  const how = (there && changeOf(there, known.parameters)) ?? null;
  return {
    id: rule.name,
    title: String(rule.properties.displayName),
    description: header.description,
    kind: rule.kind,
    severity: header.severity,
    covers: header.covers,
    tables: header.tables,
    state: stateOf(rule, there, how, changes.length > 0),
    how,
    unreadable:
      known.plans
        ?.filter(({ name, plan }) => header.tables.includes(name) && plan !== "Analytics")
        .map(({ name, plan }) => ({ table: name, plan })) ?? null,
    changes,
    etag: there ? there.etag : null,
  };
}

function stateOf(rule: PackRule, there: AlertRule | undefined, how: string | null, differs: boolean): PackRuleState {
  if (!there) return "missing";
  const shippedOn = rule.properties.enabled === true;
  if (!there.enabled) return shippedOn ? "off" : differs ? "modified" : "spare";
  return how !== null || differs ? "modified" : "on";
}
