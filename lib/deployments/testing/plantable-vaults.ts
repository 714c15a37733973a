import { type TrueVault, truthOf } from "@/e2e/harness/simulated-truth";

/** Key Vault Contributor and Owner. */
const MAY_PLANT = ["f25e0fa2-a7c8-4377-a976-54943a77a395", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"];

/** Vaults that a person may plant in, that this machine reaches and whose audit log goes to the workspace. */
export async function plantableVaults(url: string, oid: string): Promise<TrueVault[]> {
  const truth = truthOf(url);
  const { workspace } = await truth.tenant();
  const scopes = (await truth.roleAssignments())
    .filter(
      (one) => one.principalId === oid && MAY_PLANT.some((role) => one.roleDefinitionId.toLowerCase().endsWith(role)),
    )
    .map((one) => `${one.scope.toLowerCase()}/`);
  const logged = new Set(
    (await truth.diagnosticSettings())
      .filter((one) => one.workspaceId?.toLowerCase() === workspace.resourceId.toLowerCase())
      .filter((one) => one.logs.some((log) => log.enabled && log.category !== "AzurePolicyEvaluationDetails"))
      // The tenant also has vaults whose setting is new and sends nothing yet.
      .filter((one) => Number(one.effectiveAt) <= Date.now())
      .map((one) => one.vaultId.toLowerCase()),
  );
  return (await truth.vaults()).filter(
    (vault) =>
      scopes.some((scope) => vault.id.toLowerCase().startsWith(scope)) &&
      vault.publicNetworkAccess !== "Disabled" &&
      vault.networkAcls?.defaultAction !== "Deny" &&
      logged.has(vault.id.toLowerCase()),
  );
}
