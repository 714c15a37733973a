import { z } from "zod";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import type { Vault } from "../model";
import { applyModify } from "../policy/enforce";
import { changeDocument } from "../resourcegraph/lag";
import { recordActivity } from "./activity";
import { forgetVault, isOver } from "./deleted-vaults";
import { badRequest } from "./errors";
import { operationDuration } from "./operations";
import { isLocation } from "./regions";
import { ok, parameter, readBody } from "./respond";
import { authorize, requireGroup, vaultIdOf } from "./scope";
import { checkTags } from "./tag-rules";
import { auditVaultCall } from "./vault-audit";
import { vaultBody } from "./vault-body";
import { checkVaultName } from "./vault-names";
import { VaultPropertiesBody, withProperties } from "./vault-patch";

const WRITE = "Microsoft.KeyVault/vaults/write";

/** From this version on a new vault decides by roles unless its body says otherwise. Source: Key Vault what's new. */
const RBAC_BY_DEFAULT_SINCE = "2026-02-01";
const RETENTION_DEFAULT = 90;

const Body = z.object({
  location: z.string().min(1).max(128),
  tags: z.record(z.string(), z.string()).nullish(),
  properties: VaultPropertiesBody.extend({
    tenantId: z.guid(),
    createMode: z.enum(["default", "recover"]).nullish(),
  }),
});

type Input = z.infer<typeof Body>;

/**
 * `PUT vaults/{v}`: makes a vault, replaces what a present one says of itself, or recovers a deleted one
 * (`createMode: "recover"`). A new or recovered vault has no address while its state is `RegisteringDns`.
 */
export function routeVaultPut(router: Router<Call>): void {
  router.on(
    "PUT",
    "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.KeyVault/vaults/{v}",
    (call, params): SimResponse => {
      authorize(call, WRITE, vaultIdOf(params));
      const group = requireGroup(call, params.s ?? "", params.g ?? "");
      const input = readBody(call, Body);
      checkBody(call, input);
      const id = `${group.id}/providers/Microsoft.KeyVault/vaults/${params.v}`;
      const present = call.model.vaults.get(id);
      if (present) return replace(call, present, input);
      return input.properties.createMode === "recover" ? recovered(call, id, input) : make(call, id, input);
    },
  );
}

function checkBody(call: Call, { location, properties }: Input): void {
  if (properties.tenantId.toLowerCase() !== call.identity.tenantId.toLowerCase()) {
    throw badRequest(`The tenant '${properties.tenantId}' is not the tenant of the subscription.`);
  }
  if (!isLocation(location)) {
    throw badRequest(
      `The provided location '${location}' is not available for resource type 'Microsoft.KeyVault/vaults'.`,
      "LocationNotAvailableForResourceType",
    );
  }
  if (properties.createMode !== "recover" && !properties.sku) {
    throw badRequest("The parameter sku is not specified.");
  }
}

function replace(call: Call, present: Vault, { location, tags, properties }: Input): SimResponse {
  if (plain(location) !== plain(present.location)) {
    throw new AzureError(
      409,
      "InvalidResourceLocation",
      `The resource '${present.name}' already exists in location '${present.location}' in resource group '${present.resourceGroup}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
    );
  }
  // What a replacing body leaves out goes back to its default, but for the permission model and what cannot be undone.
  const { enabledFor: _, networkAcls: __, ...kept } = present;
  const changed = withProperties(
    call,
    { ...kept, tags: checkTags(tags ?? {}), publicNetworkAccess: "Enabled" },
    { ...properties, accessPolicies: properties.accessPolicies ?? [] },
  );
  return store(call, changed, "VaultPut");
}

function make(call: Call, id: string, { location, tags, properties }: Input): SimResponse {
  const [, subscriptionId = "", , resourceGroup = "", , , , name = ""] = id.split("/").filter(Boolean);
  checkVaultName(call, name);
  // A vault whose retention is over may still lie here under the same id; the platform has purged it.
  const old = call.model.deletedVaults.get(id);
  if (old && isOver(old, call.now())) forgetVault(call, old);
  const roles = properties.enableRbacAuthorization ?? rolesByDefault(call);
  if (!roles && !properties.accessPolicies) throw badRequest("The parameter accessPolicies is not specified.");
  const empty: Vault = {
    id,
    name,
    subscriptionId,
    resourceGroup,
    location: plain(location),
    tags: checkTags(tags ?? {}),
    createdAt: call.now(),
    enableRbacAuthorization: roles,
    accessPolicies: [],
    publicNetworkAccess: "Enabled",
    softDeleteRetentionInDays: properties.softDeleteRetentionInDays ?? RETENTION_DEFAULT,
    readyAt: call.now() + operationDuration(call),
  };
  // The list of a new vault counts at once: there is no earlier one that could still be cached anywhere.
  const { policyHistory: _, ...vault } = withProperties(call, empty, { ...properties, enableRbacAuthorization: roles });
  return store(call, vault, "VaultPut");
}

function rolesByDefault(call: Call): boolean {
  return (parameter(call, "api-version") ?? "") >= RBAC_BY_DEFAULT_SINCE;
}

function recovered(call: Call, id: string, { location }: Input): SimResponse {
  const deleted = call.model.deletedVaults.get(id);
  if (!deleted || isOver(deleted, call.now()) || plain(location) !== plain(deleted.location)) {
    throw new AzureError(
      404,
      "DeletedVaultNotFound",
      `Could not find a deleted vault with the name '${id.split("/").pop()}' in the location '${location}'.`,
    );
  }
  const { deletedAt: _, ...vault } = deleted;
  const answer = store(call, { ...vault, readyAt: call.now() + operationDuration(call) }, "VaultRecover");
  call.model.deletedVaults.delete(id);
  return answer;
}

function store(call: Call, wanted: Vault, operation: "VaultPut" | "VaultRecover"): SimResponse {
  const vault = applyModify(call, wanted);
  changeDocument(call, "vaults", vault.id, vault);
  recordActivity(call, { action: WRITE, scope: vault.id, status: 200 });
  auditVaultCall(call, vault, operation, 200);
  return ok(vaultBody(call, vault));
}

/** `West Europe` and `westeurope` are one location. */
function plain(location: string): string {
  return location.replaceAll(" ", "").toLowerCase();
}
