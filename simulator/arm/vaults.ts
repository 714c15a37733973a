import type { Call } from "../context";
import type { Router } from "../http";
import { applyModify } from "../policy/enforce";
import { changeDocument } from "../resourcegraph/lag";
import { recordActivity } from "./activity";
import { softDelete } from "./deleted-vaults";
import { routeLists } from "./lists";
import { noContent, ok, readTop } from "./respond";
import { authorize, requireGroup, requireVault, vaultIdOf } from "./scope";
import { auditVaultCall } from "./vault-audit";
import { vaultBody } from "./vault-body";
import { patchVault } from "./vault-patch";

const READ = "Microsoft.KeyVault/vaults/read";
const VAULTS = "/providers/Microsoft.KeyVault/vaults";
const ONE = `/subscriptions/{s}/resourceGroups/{g}${VAULTS}/{v}`;

/** Vaults: lists, get, patch, delete. */
export function routeVaults(router: Router<Call>): void {
  routeLists(router, {
    all: VAULTS,
    read: READ,
    items: (call) => call.model.vaults.values(),
    body: vaultBody,
    size: (call) => readTop(call, 100, 1000),
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
