import { hasAnyAccess, normaliseScope, scopeCovers, scopesWith } from "../access";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { applyModify } from "../policy/enforce";
import { changeDocument } from "../resourcegraph/lag";
import { recordActivity } from "./activity";
import { softDelete } from "./deleted-vaults";
import { authorizationFailed } from "./errors";
import { inheritedBy } from "./filter";
import { noContent, ok, page, readTop } from "./respond";
import { authorize, requireGroup, requireVault, vaultIdOf } from "./scope";
import { auditVaultCall } from "./vault-audit";
import { vaultBody } from "./vault-body";
import { patchVault } from "./vault-patch";

const READ = "Microsoft.KeyVault/vaults/read";
const VAULTS = "/providers/Microsoft.KeyVault/vaults";
const ONE = `/subscriptions/{s}/resourceGroups/{g}${VAULTS}/{v}`;

/** Vaults: lists, get, patch, delete. */
export function routeVaults(router: Router<Call>): void {
  router.on("GET", `/subscriptions/{s}${VAULTS}`, (call, params) => listVaults(call, `/subscriptions/${params.s}`));

  router.on("GET", `/subscriptions/{s}/resourceGroups/{g}${VAULTS}`, (call, params) => {
    const scope = `/subscriptions/${params.s}/resourceGroups/${params.g}`;
    if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, scope + VAULTS);
    requireGroup(call, params.s ?? "", params.g ?? "");
    return listVaults(call, scope);
  });

  router.on("GET", ONE, (call, params) => {
    authorize(call, READ, vaultIdOf(params));
    const vault = requireVault(call, params);
    auditVaultCall(call, vault, "VaultGet", 200);
    return ok(vaultBody(call, vault));
  });

  router.on("PATCH", ONE, (call, params) => {
    authorize(call, "Microsoft.KeyVault/vaults/write", vaultIdOf(params));
    const changed = applyModify(call, patchVault(call, requireVault(call, params)));
    changeDocument(call, "vaults", changed.id, changed);
    recordActivity(call, { action: "Microsoft.KeyVault/vaults/write", scope: changed.id, status: 200 });
    auditVaultCall(call, changed, "VaultPatch", 200);
    return ok(vaultBody(call, changed));
  });

  router.on("DELETE", ONE, (call, params) => {
    authorize(call, "Microsoft.KeyVault/vaults/delete", vaultIdOf(params));
    requireGroup(call, params.s ?? "", params.g ?? "");
    const vault = call.model.vaults.get(vaultIdOf(params));
    if (!vault) return noContent();
    softDelete(call, vault);
    return { status: 200 };
  });
}

/** The vaults at or below a scope that the caller may read; 403 when the caller has nothing there at all. */
function listVaults(call: Call, scope: string): SimResponse {
  if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, scope + VAULTS);
  const readable = inheritedBy(scopesWith(call, call.caller, READ));
  const at = normaliseScope(scope);
  const vaults = [...call.model.vaults.values()].filter(
    (vault) => scopeCovers(at, normaliseScope(vault.id)) && readable(vault.id),
  );
  const { value, ...rest } = page(call, vaults, ({ id }) => id, readTop(call, 100, 1000));
  return ok({ value: value.map((vault) => vaultBody(call, vault)), ...rest });
}
