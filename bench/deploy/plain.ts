import { setTimeout as pause } from "node:timers/promises";
import { setSecretOnce } from "@/lib/azure/key-vault";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { createRoleAssignment, deleteRoleAssignment } from "@/lib/azure/role-assignments";
import { addAccessPolicy, getVault, removeAccessPolicy } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";

/** Names of what the plain scripts write, so that it can be told from what the product wrote. */
export const PLAIN_NAME = /^plain-script-\d+$/;

/** How often a script tries again while the new right does not work yet. */
const TRY_EVERY_MS = 5_000;

/**
 * What a script does that somebody writes in an afternoon, with the same clients: per vault give itself the right, try
 * until it works, write one secret, take the right back. It looks for nothing and registers nothing.
 *
 * @param atOnce vaults that it works on at the same time
 * @returns seconds that all of them took
 */
export async function plainScript(
  service: ServiceContext,
  vaults: readonly VaultId[],
  atOnce: number,
): Promise<number> {
  const started = performance.now();
  const left = [...vaults];
  const worker = async (): Promise<void> => {
    for (let vaultId = left.shift(); vaultId; vaultId = left.shift()) await plantPlainly(service, vaultId);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return (performance.now() - started) / 1_000;
}

let written = 0;

async function plantPlainly({ azure, config }: ServiceContext, vaultId: VaultId): Promise<void> {
  const { name: vault, permissionModel } = await getVault(azure.granter, vaultId);
  const objectId = config.identities.planter.objectId;
  const assignment = {
    scope: vaultId,
    name: crypto.randomUUID(),
    roleDefinitionId: config.plantRoleId,
    principalId: objectId,
  };
  const entry = { tenantId: config.tenantId, objectId, secrets: ["set"], keys: [] };
  if (permissionModel === "rbac") await createRoleAssignment(azure.granter, assignment);
  else await addAccessPolicy(azure.granter, vaultId, entry);
  written += 1;
  const secret = { name: `plain-script-${written}`, value: crypto.randomUUID() };
  while (!(await mayWrite(() => setSecretOnce(azure.planter, vault, secret)))) await pause(TRY_EVERY_MS);
  if (permissionModel === "rbac") await deleteRoleAssignment(azure.granter, assignment);
  else await removeAccessPolicy(azure.granter, vaultId, entry);
}

async function mayWrite(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof AppError && error.failure.code === "forbidden") return false;
    throw error;
  }
}
