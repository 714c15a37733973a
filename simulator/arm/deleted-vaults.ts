import { normaliseScope, scopeCovers } from "../access";
import { ofVault } from "../by-vault";
import type { Call, Context } from "../context";
import { AzureError, type Router } from "../http";
import type { Vault } from "../model";
import { changeDocument } from "../resourcegraph/lag";
import { recordActivity } from "./activity";
import { resourceNotFound } from "./errors";
import { accepted } from "./operations";
import { ok, page, readTop } from "./respond";
import { authorize } from "./scope";
import { auditVaultCall } from "./vault-audit";
import { deletedVaultBody } from "./vault-body";

type DeletedVault = Vault & { deletedAt: number };

const DAY = 86_400_000;
const LOCATION = "/subscriptions/{s}/providers/Microsoft.KeyVault/locations/{l}";

/** Soft-deleted vaults: list, get, purge. */
export function routeDeletedVaults(router: Router<Call>): void {
  router.on("GET", "/subscriptions/{s}/providers/Microsoft.KeyVault/deletedVaults", (call, params) => {
    authorize(call, "Microsoft.KeyVault/deletedVaults/read", `/subscriptions/${params.s}`);
    const deleted = recoverableVaults(call).filter(
      (vault) => vault.subscriptionId.toLowerCase() === params.s?.toLowerCase(),
    );
    return ok(page(call, deleted.map(deletedVaultBody), ({ id }) => id, readTop(call, 100, 1000)));
  });

  router.on("GET", `${LOCATION}/deletedVaults/{v}`, (call, params) => {
    authorize(call, "Microsoft.KeyVault/locations/deletedVaults/read", `/subscriptions/${params.s}`);
    return ok(deletedVaultBody(requireDeleted(call, params)));
  });

  router.on("POST", `${LOCATION}/deletedVaults/{v}/purge`, (call, params) => {
    const action = "Microsoft.KeyVault/locations/deletedVaults/purge/action";
    authorize(call, action, `/subscriptions/${params.s}`);
    const vault = requireDeleted(call, params);
    if (vault.enablePurgeProtection) {
      throw new AzureError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.");
    }
    auditVaultCall(call, vault, "VaultPurge", 200);
    forgetVault(call, vault);
    recordActivity(call, { action, scope: deletedVaultBody(vault).id, status: 202 });
    return accepted(call, `/subscriptions/${params.s}/providers/Microsoft.KeyVault/locations/${vault.location}`);
  });
}

function requireDeleted(call: Call, params: Record<string, string>): DeletedVault {
  const found = recoverableVaults(call).find(
    (vault) =>
      vault.subscriptionId.toLowerCase() === params.s?.toLowerCase() &&
      vault.location.toLowerCase() === params.l?.toLowerCase() &&
      vault.name.toLowerCase() === params.v?.toLowerCase(),
  );
  if (!found) throw resourceNotFound(`Microsoft.KeyVault/locations/deletedVaults/${params.v}`, "");
  return found;
}

/** The deleted vaults whose retention is not over: what can be seen, recovered, and stands in the way of a name. */
export function recoverableVaults({ model, now }: Context): DeletedVault[] {
  return [...model.deletedVaults.values()].filter((vault) => !isOver(vault, now()));
}

/** True once the platform itself has purged the vault. */
export function isOver(vault: DeletedVault, now: number): boolean {
  return vault.deletedAt + vault.softDeleteRetentionInDays * DAY <= now;
}

/** Takes a deleted vault away for good, with its objects and settings. */
export function forgetVault({ model }: Context, vault: DeletedVault): void {
  for (const object of [...ofVault(model.objects, vault.id)]) {
    model.objects.delete(`${vault.id}/${object.kind}s/${object.name}`);
  }
  for (const setting of [...ofVault(model.diagnosticSettings, vault.id)]) {
    model.diagnosticSettings.delete(`${vault.id}/${setting.name}`);
  }
  model.deletedVaults.delete(vault.id);
}

/**
 * Soft delete: objects and settings stay for a recovery, out of sight with their vault; role assignments on the vault
 * go, and no recovery brings them back.
 */
export function softDelete(call: Call, vault: Vault): void {
  const at = normaliseScope(vault.id);
  auditVaultCall(call, vault, "VaultDelete", 200);
  for (const assignment of [...call.model.roleAssignments.values()]) {
    if (scopeCovers(at, normaliseScope(assignment.scope)))
      changeDocument(call, "roleAssignments", assignment.id, undefined);
  }
  call.model.deletedVaults.put(vault.id, { ...vault, deletedAt: call.now() });
  changeDocument(call, "vaults", vault.id, undefined);
  recordActivity(call, { action: "Microsoft.KeyVault/vaults/delete", scope: vault.id, status: 200 });
}
