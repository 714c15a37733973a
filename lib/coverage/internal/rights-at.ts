import "server-only";
import { permissionsAt } from "@/lib/azure/permissions";
import { type Permission, permits } from "@/lib/azure/permits.pure";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { getVault } from "@/lib/azure/vaults";
import type { UserContext } from "@/lib/context";
import { mayGiveReads, NO_RIGHT_TO_GIVE } from "@/lib/deployments/read-grants.pure";
import { mayPlant } from "@/lib/deployments/rights";
import { MAY_NOT_TAG, TAGS_WRITE } from "@/lib/distribution/review-tag.pure";
import { AppError } from "@/lib/errors";
import type { VaultDetail } from "../board.pure";

const NO_PLANTING = "You may not write secrets or keys in this vault. Ask an administrator of the vault.";

/** What the person may do at a vault, asked of Azure with the person's own token. What could not be asked is a no. */
export async function rightsAt(ctx: UserContext, vaultId: VaultId): Promise<VaultDetail["may"]> {
  const administrator = ctx.user.roles.includes("Platform.Admin");
  const byRole = { nameDecoys: administrator, except: administrator };
  try {
    const [permissions, vault, sending] = await Promise.all([
      permissionsAt(ctx.asUser, vaultId),
      getVault(ctx.asUser, vaultId),
      workspacePermissions(ctx),
    ]);
    const plant = (["secret", "key"] as const).some((kind) => mayPlant(permissions, vault, ctx.user, kind));
    const refusal = loggingRefusal(permissions, sending);
    const giveReads = mayGiveReads(permissions, vault.permissionModel);
    const tag = permits(permissions, TAGS_WRITE, "control");
    return {
      plant,
      plantReason: plant ? null : NO_PLANTING,
      changeLogging: refusal === undefined,
      changeLoggingReason: refusal ?? null,
      giveReads,
      giveReadsReason: giveReads ? null : NO_RIGHT_TO_GIVE,
      tag,
      tagReason: tag ? null : MAY_NOT_TAG,
      ...byRole,
    };
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code === "step_up") throw error;
    const sentence = `Your rights at this vault could not be checked. ${error.failure.message}`;
    const no = { plant: false, changeLogging: false, giveReads: false, tag: false };
    const why = {
      plantReason: sentence,
      changeLoggingReason: sentence,
      giveReadsReason: sentence,
      tagReason: sentence,
    };
    return { ...no, ...why, ...byRole };
  }
}

/** Why the person may not send this vault's log to the watched workspace; undefined when they may. */
export async function mayNotLog(ctx: UserContext, vaultId: VaultId): Promise<string | undefined> {
  return loggingRefusal(...(await Promise.all([permissionsAt(ctx.asUser, vaultId), workspacePermissions(ctx)])));
}

/** Azure asks for two rights: to write the vault's settings, and to send something to that workspace. */
function loggingRefusal(atVault: readonly Permission[], atWorkspace: readonly Permission[]): string | undefined {
  if (!permits(atVault, "Microsoft.Insights/diagnosticSettings/write", "control")) {
    return "You may not change the diagnostic settings of this vault. Ask an administrator of the vault.";
  }
  if (!permits(atWorkspace, "Microsoft.OperationalInsights/workspaces/sharedKeys/action", "control")) {
    return "You may change this vault's settings, but not send logs to the watched workspace. Ask an administrator of the workspace to switch the audit log on.";
  }
  return undefined;
}

/** Somebody without any role at the workspace is refused the question itself. */
async function workspacePermissions(ctx: UserContext): Promise<Permission[]> {
  try {
    return await permissionsAt(ctx.asUser, ctx.config.workspace.resourceId);
  } catch (error) {
    if (error instanceof AppError && ["forbidden", "not_found"].includes(error.failure.code)) return [];
    throw error;
  }
}
