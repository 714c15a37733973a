import type { Context } from "../context";
import { worldIds } from "../world/ids";
import { Random } from "../world/random";
import type { PricingSetting } from "./documents";

/** One plan of Defender for Cloud. */
export interface Plan {
  name: string;
  /** First one = what Azure offers to new subscribers. */
  subPlans: readonly string[];
  /** Still on where it was on, no longer to be had. */
  legacySubPlans?: readonly string[];
  replacedBy?: readonly string[];
  extensions?: readonly string[];
}

/** Plans of a subscription. Source: the pricings API; extensions of CloudPosture as the plan's page lists them. */
export const PLANS: readonly Plan[] = [
  { name: "VirtualMachines", subPlans: ["P2", "P1"], extensions: ["AgentlessVmScanning", "MdeDesignatedSubscription"] },
  { name: "SqlServers", subPlans: [] },
  { name: "AppServices", subPlans: [] },
  {
    name: "StorageAccounts",
    subPlans: ["DefenderForStorageV2"],
    legacySubPlans: ["PerTransaction", "PerStorageAccount"],
    extensions: ["OnUploadMalwareScanning", "SensitiveDataDiscovery"],
  },
  { name: "SqlServerVirtualMachines", subPlans: [] },
  { name: "KubernetesService", subPlans: [], replacedBy: ["Containers"] },
  { name: "ContainerRegistry", subPlans: [], replacedBy: ["Containers"] },
  { name: "KeyVaults", subPlans: ["PerKeyVault"], legacySubPlans: ["PerTransaction"] },
  { name: "Dns", subPlans: [], replacedBy: ["VirtualMachines"] },
  { name: "Arm", subPlans: ["PerSubscription"], legacySubPlans: ["PerApiCall"] },
  { name: "OpenSourceRelationalDatabases", subPlans: [] },
  { name: "CosmosDbs", subPlans: [] },
  {
    name: "Containers",
    subPlans: [],
    extensions: ["ContainerRegistriesVulnerabilityAssessments", "AgentlessDiscoveryForKubernetes"],
  },
  {
    name: "CloudPosture",
    subPlans: [],
    extensions: [
      "AgentlessVmScanning",
      "AgentlessDiscoveryForKubernetes",
      "SensitiveDataDiscovery",
      "ContainerRegistriesVulnerabilityAssessments",
      "EntraPermissionsManagement",
      "ApiPosture",
    ],
  },
  { name: "Api", subPlans: ["P1", "P2", "P3", "P4", "P5"] },
];

export function findPlan(name: string): Plan | undefined {
  return PLANS.find((plan) => plan.name.toLowerCase() === name.toLowerCase());
}

const DAY = 86_400_000;

/** What a subscription has of a plan: what somebody set, else what the world began with. */
export function settingOf(context: Context, subscriptionId: string, plan: Plan): PricingSetting {
  const scope = `/subscriptions/${subscriptionId.toLowerCase()}`;
  return context.model.pricingSettings.get(`${scope}/${plan.name}`) ?? initial(context, scope, plan);
}

/** Plans that every subscription of the world has; the plan of Key Vault differs by subscription. */
const EVERYWHERE = ["CloudPosture", "Arm", "VirtualMachines"];

function initial(context: Context, scope: string, plan: Plan): PricingSetting {
  const { subscriptions } = worldIds(context);
  const index = subscriptions.findIndex((id) => scope.endsWith(id.toLowerCase()));
  const off: PricingSetting = { scope, plan: plan.name, tier: "Free" };
  if (index < 0) return off;
  // Of each four subscriptions one was never covered; one of the others still has the plan that is no longer sold.
  const vaultPlan = index % 4 === 2 ? undefined : index % 4 === 1 ? "PerTransaction" : "PerKeyVault";
  const on = plan.name === "KeyVaults" ? vaultPlan !== undefined : EVERYWHERE.includes(plan.name);
  if (!on) return off;
  const random = new Random(`${context.settings.seed}/plan/${index}/${plan.name}`);
  const enabledAt = context.identity.firstStart - random.int(100, 700) * DAY;
  const subPlan = plan.name === "KeyVaults" ? vaultPlan : plan.subPlans[0];
  return {
    ...off,
    tier: "Standard",
    ...(subPlan === undefined ? {} : { subPlan }),
    enabledAt,
    firstEnabledAt: enabledAt,
    ...(plan.extensions ? { extensions: plan.extensions.map((name) => ({ name, isEnabled: "True" as const })) } : {}),
  };
}

/** Whether Defender watches the vaults of a subscription; the plan of a subscription is all that decides. */
export function vaultsAreCovered(context: Context, subscriptionId: string): boolean {
  const plan = findPlan("KeyVaults");
  return plan !== undefined && settingOf(context, subscriptionId, plan).tier === "Standard";
}
