import type { Context } from "../context";
import { worldGuid, worldIds } from "../world/ids";
import type { VaultPlan } from "../world/plan";
import { teamPrincipals } from "../world/principals";
import { Random } from "../world/random";
import { makeAlert, putAlertDocument } from "./alert-store";
import { ALERT_TYPES } from "./alert-types";
import type { AlertStatus } from "./documents";
import { vaultsAreCovered } from "./plans";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ALERTS_MAX = 9;

/** Alerts of the past month by kind, with what became of them. Their hits are people and tools of the estate. */
const PAST: readonly (readonly [type: string, status: AlertStatus])[] = [
  ["KV_UserAnomaly", "Active"],
  ["KV_ListGetAnomaly", "InProgress"],
  ["KV_OperationVolumeAnomaly", "Dismissed"],
  ["KV_TORAccess", "Resolved"],
  ["KV_UserAccessDeniedAnomaly", "Active"],
  ["KV_AppAnomaly", "Resolved"],
  ["KV_AccountVolumeAnomaly", "Dismissed"],
  ["KV_SuspiciousIPAccessDenied", "Active"],
  ["KV_OperationPatternAnomaly", "Resolved"],
];

/** Fills what Defender for Cloud has at the start: alerts of the past month, a suppression rule and an automation. */
export function createDefender(context: Context, vaults: readonly VaultPlan[]): void {
  createAlerts(context, vaults);
  createSuppressionRule(context);
  createAutomation(context);
}

function createAlerts(context: Context, vaults: readonly VaultPlan[]): void {
  const { firstStart } = context.identity;
  const random = new Random(`${context.settings.seed}/defender/alerts`);
  const subscriptions = new Set(worldIds(context).subscriptions.filter((id) => vaultsAreCovered(context, id)));
  const covered = vaults.filter(({ group }) => subscriptions.has(group.subscriptionId));
  // The owner's first group holds some of them, so that whoever signs in as an owner sees one.
  const chosen = [...covered.slice(0, 10), ...random.shuffle(covered.slice(10)).slice(0, 20)];
  for (const [index, [alertType, status]] of PAST.slice(0, ALERTS_MAX).entries()) {
    const type = ALERT_TYPES.find((known) => known.alertType === alertType);
    const vault = chosen[(index * 7) % Math.max(1, chosen.length)];
    if (!type || !vault) continue;
    const { contact, pipeline } = teamPrincipals(context, vault.group.team);
    const endTime = firstStart - random.int(1, 26) * DAY - random.int(1, 20) * HOUR;
    const facts = {
      type,
      vaultId: vault.id,
      startTime: endTime - random.int(2, 50) * 60_000,
      endTime,
      caller: index % 3 === 2 ? pipeline : contact,
      address: `${random.pick(["203.0.113", "198.51.100", "192.0.2"])}.${random.int(2, 250)}`,
      operations: random.int(3, 400),
    };
    const id = worldGuid(context, `defender/alert/${index}`);
    putAlertDocument(context, { ...makeAlert(facts, id, endTime + random.int(1, 5) * HOUR), status });
  }
}

function createSuppressionRule(context: Context): void {
  const subscriptionId = worldIds(context).subscriptions[0] ?? "";
  const { firstStart } = context.identity;
  context.model.suppressionRules.put(`${subscriptionId}/nightly-export`, {
    subscriptionId,
    name: "nightly-export",
    alertType: "KV_OperationVolumeAnomaly",
    reason: "FalsePositive",
    comment: "The export job reads every secret once a night.",
    enabled: true,
    expiresAt: firstStart + 60 * DAY,
    modifiedAt: firstStart - 12 * DAY,
    allOf: [{ field: "entities.ip.address", in: ["203.0.113.77"] }],
  });
}

function createAutomation(context: Context): void {
  const { subscriptions } = worldIds(context);
  const group = `/subscriptions/${subscriptions[0]}/resourceGroups/rg-security`;
  const name = "notify-vault-alerts";
  context.model.securityAutomations.put(`${group}/providers/Microsoft.Security/automations/${name}`, {
    id: `${group}/providers/Microsoft.Security/automations/${name}`,
    name,
    location: "westeurope",
    tags: {},
    etag: `"${worldGuid(context, `etag/${name}`)}"`,
    description: "Tells the security team of alerts on key vaults.",
    isEnabled: true,
    scopes: subscriptions.map((id) => ({ scopePath: `/subscriptions/${id}` })),
    sources: [
      {
        eventSource: "Alerts",
        ruleSets: [
          {
            rules: [
              { propertyJPath: "AlertType", propertyType: "String", expectedValue: "KV_", operator: "StartsWith" },
              { propertyJPath: "Severity", propertyType: "String", expectedValue: "Medium", operator: "Equals" },
            ],
          },
        ],
      },
    ],
    actions: [
      { actionType: "LogicApp", logicAppResourceId: `${group}/providers/Microsoft.Logic/workflows/notify-security` },
    ],
  });
}
