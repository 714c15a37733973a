import { z } from "zod";
import { type TrueVault, truthOf } from "@/e2e/harness/simulated-truth";
import type { SimulatorProcess } from "@/e2e/harness/simulator";
import { queryLogs } from "@/lib/azure/logs";
import { ANYWHERE } from "@/lib/azure/vault-network";
import { CLOUDS } from "@/lib/cloud";

/** Key Vault Contributor and Owner. */
const MAY_PLANT = ["f25e0fa2-a7c8-4377-a976-54943a77a395", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"];

/** Vaults that a person may plant in, that this machine reaches, whose audit log goes to the workspace and where it is safe. */
export async function plantableVaults(simulator: SimulatorProcess, oid: string): Promise<TrueVault[]> {
  const truth = truthOf(simulator.url);
  const loaded = await vaultsLoadedWhole(simulator);
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
      !loaded.has(vault.id.toLowerCase()) &&
      scopes.some((scope) => vault.id.toLowerCase().startsWith(scope)) &&
      vault.publicNetworkAccess !== "Disabled" &&
      vault.networkAcls?.defaultAction !== "Deny" &&
      logged.has(vault.id.toLowerCase()),
  );
}

/** Vaults whose secrets are all read by a machine: the safety check keeps a decoy secret out of them. */
async function vaultsLoadedWhole(simulator: SimulatorProcess): Promise<Set<string>> {
  const { workspace, identities } = await truthOf(simulator.url).tenant();
  const access = {
    credential: simulator.identity(identities.collector?.clientId ?? ""),
    httpClient: simulator.httpClient,
    cloud: CLOUDS.AzureCloud,
    outbound: ANYWHERE,
  };
  const kql = `union (AzureDiagnostics | project VaultId = tolower(ResourceId), Agent = clientInfo_s, OperationName),
    (AZKVAuditLogs | project VaultId = tolower(_ResourceId), Agent = ClientInfo, OperationName)
    | where Agent has_any ('AspNetCore', 'external-secrets') or OperationName endswith 'Backup' | distinct VaultId`;
  const rows = await queryLogs(access, workspace.customerId, { kql }, z.object({ VaultId: z.string() }));
  return new Set(rows.map(({ VaultId }) => VaultId));
}
