import type { Context } from "../context";
import type { DiagnosticSetting } from "../model";
import { worldIds } from "./ids";
import type { VaultPlan } from "./plan";
import { Random } from "./random";

const DAY = 86_400_000;

/** Fills the diagnostic settings of every vault as its plan says. */
export function createDiagnosticSettings(context: Context, vaults: VaultPlan[]): void {
  for (const vault of vaults) {
    const setting = settingOf(context, vault);
    if (setting) context.model.diagnosticSettings.put(`${vault.id}/${setting.name}`, setting);
    const second = setting && secondSetting(vault, setting);
    if (second) context.model.diagnosticSettings.put(`${vault.id}/${second.name}`, second);
  }
}

/** The setting of the other kind on a vault that fills both tables; older than the check that refuses such a pair. */
function secondSetting(vault: VaultPlan, first: DiagnosticSetting): DiagnosticSetting | undefined {
  if (!vault.workspaceLogging?.alsoTable) return undefined;
  const { destinationType: _, ...rest } = first;
  return {
    ...rest,
    name: "diag-resource-logs",
    ...(vault.workspaceLogging.alsoTable === "AZKVAuditLogs" && { destinationType: "Dedicated" as const }),
  };
}

function settingOf(context: Context, vault: VaultPlan): DiagnosticSetting | undefined {
  const random = new Random(`${context.settings.seed}/logging/${vault.index}`);
  const ids = worldIds(context);
  const old = context.identity.firstStart - random.int(60, 118) * DAY;
  const base = { vaultId: vault.id, logs: auditLogs(random), createdAt: old, effectiveAt: old + 3_600_000 };
  switch (vault.logging) {
    case "workspace":
    case "new": {
      const logging = vault.workspaceLogging;
      if (!logging) return undefined;
      return {
        ...base,
        name: random.pick(["audit-to-sentinel", "diag-security", "send-to-law"]),
        workspaceId: ids.workspace.resourceId,
        ...(logging.table === "AZKVAuditLogs" && { destinationType: "Dedicated" as const }),
        createdAt: logging.createdAt,
        effectiveAt: logging.effectiveAt,
      };
    }
    case "elsewhere":
      return { ...base, name: "diag-operations", workspaceId: ids.otherWorkspace.resourceId };
    case "storage":
      return {
        ...base,
        name: "archive",
        storageAccountId: `/subscriptions/${vault.group.subscriptionId}/resourceGroups/${vault.group.name}/providers/Microsoft.Storage/storageAccounts/${archiveName(vault.group.name)}`,
      };
    case "stopped":
      // A setting is left, but what it sends is not the audit log.
      return random.chance(0.5)
        ? {
            ...base,
            name: "diag-metrics",
            workspaceId: ids.workspace.resourceId,
            logs: [{ category: "AuditEvent", enabled: false }],
            metrics: [{ category: "AllMetrics", enabled: true }],
          }
        : undefined;
    default:
      return undefined;
  }
}

/** Account names are unique over all of Azure, and 24 letters at most. */
function archiveName(group: string): string {
  return `${`st${group.replace(/^rg-/, "").replaceAll("-", "")}`.slice(0, 21)}log`;
}

/** The three ways in which a setting can say "audit events". */
function auditLogs(random: Random): DiagnosticSetting["logs"] {
  const dice = random.next();
  if (dice < 0.5) {
    return [
      { category: "AuditEvent", enabled: true },
      { category: "AzurePolicyEvaluationDetails", enabled: false },
    ];
  }
  return [{ categoryGroup: dice < 0.75 ? "audit" : "allLogs", enabled: true }];
}
