import "server-only";
import { permissionsAt } from "@/lib/azure/permissions";
import { permits } from "@/lib/azure/permits.pure";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { getVault } from "@/lib/azure/vaults";
import type { UserContext } from "@/lib/context";
import { mayPlant } from "@/lib/deployments/rights";
import { AppError } from "@/lib/errors";
import type { VaultDetail } from "../board.pure";

export const CHANGE_LOGGING = "Microsoft.Insights/diagnosticSettings/write";

const NO_PLANTING = "You may not write secrets or keys in this vault. Ask an administrator of the vault.";
const NO_LOGGING = "You may not change the diagnostic settings of this vault. Ask an administrator of the vault.";

/** What the person may do at a vault, asked of Azure with the person's own token. What could not be asked is a no. */
export async function rightsAt(ctx: UserContext, vaultId: VaultId): Promise<VaultDetail["may"]> {
  const nameDecoys = ctx.user.roles.includes("Platform.Admin");
  try {
    const [permissions, vault] = await Promise.all([permissionsAt(ctx.asUser, vaultId), getVault(ctx.asUser, vaultId)]);
    const plant = (["secret", "key"] as const).some((kind) => mayPlant(permissions, vault, ctx.user, kind));
    const changeLogging = permits(permissions, CHANGE_LOGGING, "control");
    return {
      plant,
      plantReason: plant ? null : NO_PLANTING,
      changeLogging,
      changeLoggingReason: changeLogging ? null : NO_LOGGING,
      nameDecoys,
    };
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code === "step_up") throw error;
    const sentence = `Your rights at this vault could not be checked. ${error.failure.message}`;
    return { plant: false, plantReason: sentence, changeLogging: false, changeLoggingReason: sentence, nameDecoys };
  }
}
