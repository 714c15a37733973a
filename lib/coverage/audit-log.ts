import "server-only";
import { listDiagnosticSettings, putAuditSetting } from "@/lib/azure/diagnostics";
import { normaliseId, type VaultId } from "@/lib/azure/resource-id.pure";
import { workspaceIdParts } from "@/lib/azure/workspace-id.pure";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { writeAudit } from "@/lib/store/audit";
import { collectSoon, collectVault } from "./collector";
import { forgetBulkFacts } from "./internal/bulk-facts";
import { mayNotLog } from "./internal/rights-at";
import { visibleVault } from "./internal/vault-inventory";

/** Azure takes no more per resource. */
const SETTINGS_MAX = 5;

/** A role that reads the workspace would show its holder the register, and so every honeytoken. */
const ENOUGH =
  "Enough would be Monitoring Contributor on the vault and, on the workspace, a custom role with Microsoft.OperationalInsights/workspaces/read and Microsoft.OperationalInsights/workspaces/sharedKeys/action alone. Reader, Monitoring Contributor or Log Analytics Contributor on the workspace would give its logs to read as well.";

/**
 * Adds a diagnostic setting that sends a vault's audit log to the watched workspace, with the person's own token and
 * beside whatever settings there are: none is changed. Returns the setting that does it, also when one did already.
 * Throws AppError forbidden, conflict (no room for a further setting) or what Azure said.
 */
export async function enableAuditLog(ctx: UserContext, vaultId: VaultId): Promise<{ setting: string }> {
  const { vault } = await visibleVault(ctx, vaultId);
  const workspaceId = ctx.config.workspace.resourceId;
  const refusal = await mayNotLog(ctx, vaultId);
  if (refusal !== undefined) {
    const refused = { by: ctx.user, action: "audit_log.enable", vaultId, result: `refused: ${refusal}` };
    await writeAudit(ctx.db, refused, ctx.now());
    throw new AppError("forbidden", refusal, { fix: ENOUGH });
  }
  const before = await listDiagnosticSettings(ctx.asUser, vaultId);
  const existing = before.find(
    (setting) =>
      setting.audit &&
      setting.workspaceId !== undefined &&
      normaliseId(setting.workspaceId) === normaliseId(workspaceId),
  );
  if (existing) {
    await collectVault(ctx, vault);
    return { setting: existing.name };
  }
  if (before.length >= SETTINGS_MAX) {
    throw new AppError("conflict", "This vault has five diagnostic settings, and Azure takes no more.", {
      fix: "Have the audit log added to one of them, or one of them removed, in the Azure portal.",
    });
  }
  const name = freeName(
    workspaceIdParts(workspaceId).name,
    new Set(before.map((setting) => setting.name.toLowerCase())),
  );
  const record = (result: string) =>
    writeAudit(
      ctx.db,
      {
        by: ctx.user,
        action: "audit_log.enable",
        vaultId,
        before: { settings: before.map((setting) => setting.name) },
        after: { added: name },
        result,
      },
      ctx.now(),
    );
  try {
    await putAuditSetting(ctx.asUser, vaultId, { name, workspaceResourceId: workspaceId });
  } catch (error) {
    await record(error instanceof AppError ? error.failure.message : "failed");
    throw error;
  }
  await record("ok");
  forgetBulkFacts(ctx);
  try {
    await collectVault(ctx, vault, ctx.now());
  } catch (error) {
    // It is switched on all the same; only the page learns of it later.
    log.warn({ err: error, vaultId }, "a vault could not be read after its audit log was switched on");
    await collectSoon(ctx, [vaultId]);
  }
  return { setting: name };
}

/** A plain name that says where to and no more, and that no setting of the vault has: writing one would replace it. */
function freeName(workspace: string, taken: ReadonlySet<string>): string {
  const plain = `audit-to-${workspace}`.slice(0, 200);
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain}-${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}
