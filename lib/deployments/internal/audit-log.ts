import "server-only";
import { z } from "zod";
import { listDiagnosticSettings } from "@/lib/azure/diagnostics";
import { normaliseId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { Fact } from "@/lib/coverage/facts.pure";
import type { Item } from "./ledger";

export const NO_AUDIT_LOG =
  "The vault's audit log does not reach the watched workspace. Switch it on first, then start again.";

/** Whether a setting of the vault sends its audit events to the watched workspace. One ARM read. */
export async function auditLogReaches({ azure, config }: ServiceContext, vaultId: VaultId): Promise<boolean> {
  const workspace = normaliseId(config.workspace.resourceId);
  const settings = await listDiagnosticSettings(azure.collector, vaultId);
  return settings.some((setting) => setting.audit && setting.workspaceId === workspace);
}

/** When the audit log was last seen to be on, milliseconds since 1970; kept in an item's plan. */
const Noted = z.object({ auditLogSeenAt: z.number() });

/** What the collected fact says, as it is kept in an item's plan; nothing where it is not known to be on. */
export function auditLogNote(fact: Fact | undefined): Partial<z.infer<typeof Noted>> {
  if (fact?.outcome !== "pass" || fact.checkedAt === null) return {};
  return { auditLogSeenAt: Date.parse(fact.checkedAt) };
}

/**
 * Whether the plan knows that the audit log is on, from a fact that still counts as known. Enough to begin with: Azure is
 * asked right before anything is planted (watch-step.ts).
 */
export function auditLogNoted({ config, now }: Pick<ServiceContext, "config" | "now">, { plan }: Item): boolean {
  const noted = Noted.safeParse(plan);
  if (!noted.success) return false;
  const age = now().getTime() - noted.data.auditLogSeenAt;
  return age >= 0 && age <= config.timing.factMaxAge;
}
