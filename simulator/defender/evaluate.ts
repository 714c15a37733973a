import { below } from "../arm/below";
import { ofVault } from "../by-vault";
import type { Context } from "../context";
import type { Vault } from "../model";
import { Random } from "../world/random";
import type { Assessment } from "./assessment";
import { customerAssessments } from "./customer-assessments";
import { type Machine, worldMachines } from "./machines";
import {
  type AssessmentMetadata,
  DEFENDER_PLAN,
  EXPOSED_SECRETS,
  FIREWALL,
  LOGGING,
  PRIVATE_LINK,
  PURGE_PROTECTION,
  VULNERABILITIES,
} from "./metadata";
import { findPlan, settingOf } from "./plans";
import { policyAssessments } from "./policy-assessments";

const DAY = 86_400_000;

/**
 * Every assessment of what lies at or below a scope. Worked out from the estate as it is now, which the real service
 * does at its own intervals of up to a day; only those of custom initiatives are as old as the last policy scan.
 */
export function assessmentsAt(context: Context, scope: string): Assessment[] {
  const inside = below(scope);
  const found: Assessment[] = [];
  for (const vault of vaultsNear(context, scope)) {
    if (inside(vault.id)) found.push(...vaultAssessments(context, vault));
  }
  for (const { id } of context.model.subscriptions.values()) {
    const subscription = `/subscriptions/${id}`;
    if (inside(subscription)) found.push(planAssessment(context, subscription));
  }
  for (const machine of worldMachines(context)) {
    if (inside(machine.id)) found.push(...machineAssessments(context, machine));
  }
  for (const custom of [...policyAssessments(context), ...customerAssessments(context)]) {
    if (inside(custom.resourceId)) found.push(custom);
  }
  return found;
}

const subscriptionOf = ({ subscriptionId }: Vault): string => subscriptionId.toLowerCase();

/** The vaults of the scope's subscription, or all: a large estate is asked for one subscription after another. */
function vaultsNear({ model }: Context, scope: string): Iterable<Vault> {
  const subscription = /^\/+subscriptions\/+([^/]+)/i.exec(scope)?.[1]?.toLowerCase();
  if (subscription === undefined) return model.vaults.values();
  return model.vaults.groupedBy(subscriptionOf).get(subscription) ?? [];
}

function vaultAssessments(context: Context, vault: Vault): Assessment[] {
  const logged = auditLoggedSince(context, vault);
  const closed = vault.publicNetworkAccess === "Disabled";
  const restricted = closed || vault.networkAcls?.defaultAction === "Deny";
  const firstEvaluatedAt = Math.min(vault.createdAt + DAY, context.now());
  const say = (metadata: AssessmentMetadata, healthy: boolean, changedAt = firstEvaluatedAt): Assessment => ({
    resourceId: vault.id,
    name: metadata.name,
    metadata,
    code: healthy ? "Healthy" : "Unhealthy",
    firstEvaluatedAt,
    changedAt,
  });
  return [
    say(LOGGING, logged !== undefined, logged),
    say(PURGE_PROTECTION, vault.enablePurgeProtection === true),
    say(FIREWALL, restricted),
    say(PRIVATE_LINK, closed),
  ];
}

/** Since when some setting of the vault keeps audit events anywhere. */
function auditLoggedSince({ model }: Context, vault: Vault): number | undefined {
  const times = ofVault(model.diagnosticSettings, vault.id)
    .filter(({ logs }) =>
      logs.some(
        ({ category, categoryGroup, enabled }) => enabled && (category === "AuditEvent" || categoryGroup !== undefined),
      ),
    )
    .map(({ createdAt }) => createdAt);
  return times.length === 0 ? undefined : Math.min(...times);
}

function planAssessment(context: Context, subscription: string): Assessment {
  const plan = findPlan("KeyVaults");
  const setting = plan && settingOf(context, subscription.split("/")[2] ?? "", plan);
  const firstEvaluatedAt = context.identity.firstStart - 300 * DAY;
  return {
    resourceId: subscription,
    name: DEFENDER_PLAN.name,
    metadata: DEFENDER_PLAN,
    code: setting?.tier === "Standard" ? "Healthy" : "Unhealthy",
    firstEvaluatedAt,
    changedAt: setting?.enabledAt ?? firstEvaluatedAt,
  };
}

/** Files in which scanners find secrets, with what they hold. */
const FILES = ["/etc/environment", "/opt/batch/appsettings.json", "/home/operations/.ssh/id_rsa"];

/** Each machine has the findings of its disk: vulnerabilities, and on some a secret in a file. */
function machineAssessments(context: Context, machine: Machine): Assessment[] {
  const random = new Random(`${context.settings.seed}/findings/${machine.name}/${machine.resourceGroup}`);
  const firstEvaluatedAt = context.identity.firstStart - random.int(20, 200) * DAY;
  const base = { resourceId: machine.id, firstEvaluatedAt, changedAt: firstEvaluatedAt };
  const found: Assessment[] = [
    {
      ...base,
      name: VULNERABILITIES.name,
      metadata: VULNERABILITIES,
      code: "Unhealthy",
      cause: "VulnerabilityFindingsExist",
      description: "The vulnerability assessment found issues on the machine.",
    },
  ];
  const secrets = random.shuffle(EXPOSED_SECRETS).slice(0, random.int(1, 2));
  for (const metadata of secrets) {
    found.push({
      ...base,
      name: metadata.name,
      metadata,
      code: "Unhealthy",
      additionalData: {
        secretName: metadata.displayName.replace(/^Exposed | on a virtual machine should be removed$/g, ""),
        filePath: random.pick(FILES),
        findingId: random.guid(),
      },
    });
  }
  return found;
}
