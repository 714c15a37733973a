import { createActivitySettings } from "../arm/activity-settings";
import type { Context } from "../context";
import { createDefender } from "../defender/world";
import type { Model } from "../model";
import { createMonitoring } from "../monitor/world";
import { createPolicies } from "../policy/world";
import { createStorageAccounts } from "../storage/world";
import { createEstate } from "./estate";
import { worldIds } from "./ids";
import { createDiagnosticSettings } from "./logging";
import { planWorld, type WorldPlan } from "./plan";
import { createPrincipals } from "./principals";
import { createRegister } from "./register";
import { createRoleAssignments } from "./rights";
import { createRoles } from "./roles";
import { createRules } from "./rules";

const plans = new WeakMap<Model, WorldPlan>();

/**
 * Fills the collections from seed, size and first start: the same three always give the same tenant. Called before the
 * journal is opened, so nothing of it is written there.
 */
export function createWorld(context: Context): void {
  const plan = planOf(context);
  createPrincipals(context);
  createRoles(context);
  createEstate(context, plan);
  createRoleAssignments(context, plan.groups, plan.vaults);
  createDiagnosticSettings(context, plan.vaults);
  if (!context.settings.bare) {
    createRegister(context, plan.vaults);
    createActivitySettings(context);
  }
  createRules(context);
  createStorageAccounts(context);
  createMonitoring(context, plan.groups);
  createDefender(context, plan.vaults);
  createPolicies(context, plan.groups);
}

/** The plan that this tenant's world was made from; background traffic is drawn from it too. */
export function planOf(context: Context): WorldPlan {
  let plan = plans.get(context.model);
  if (!plan) {
    plan = planWorld({
      seed: context.settings.seed,
      vaults: context.settings.vaults,
      firstStart: context.identity.firstStart,
      subscriptions: worldIds(context).subscriptions,
      openEstate: context.settings.openEstate ?? false,
      bare: context.settings.bare ?? false,
    });
    plans.set(context.model, plan);
  }
  return plan;
}
