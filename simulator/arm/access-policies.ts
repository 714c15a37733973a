import { z } from "zod";
import type { Call } from "../context";
import type { Router } from "../http";
import type { AccessPolicy, Vault } from "../model";
import { changeDocument } from "../resourcegraph/lag";
import { recordActivity } from "./activity";
import { badRequest } from "./errors";
import { AccessPolicySchema, changePolicies, POLICY_COUNT_MAX, type PolicyOperation } from "./policies";
import { ok, readBody } from "./respond";
import { authorize, requireVault, vaultIdOf } from "./scope";
import { auditVaultCall } from "./vault-audit";

const Body = z.object({ properties: z.object({ accessPolicies: z.array(AccessPolicySchema) }) });

const OPERATIONS: Readonly<Record<string, PolicyOperation>> = { add: "add", replace: "replace", remove: "remove" };

/** `PUT vaults/{v}/accessPolicies/{add|replace|remove}`; answers the whole list, as Azure does. */
export function routeAccessPolicies(router: Router<Call>): void {
  router.on(
    "PUT",
    "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.KeyVault/vaults/{v}/accessPolicies/{operation}",
    (call, params) => {
      const action = "Microsoft.KeyVault/vaults/accessPolicies/write";
      authorize(call, action, vaultIdOf(params));
      const vault = requireVault(call, params);
      const operation = OPERATIONS[params.operation?.toLowerCase() ?? ""];
      if (!operation) throw badRequest(`The operation kind '${params.operation}' is not add, replace or remove.`);
      const { properties } = readBody(call, Body);
      const policies = changePolicies(operation, vault.accessPolicies, properties.accessPolicies);
      checkPolicies(call, policies);
      const changed = withPolicies(call, vault, policies);
      changeDocument(call, "vaults", vault.id, changed);
      recordActivity(call, { action, scope: vault.id, status: 200 });
      auditVaultCall(call, changed, "VaultPatch", 200);
      return ok({
        id: `${vault.id}/accessPolicies/`,
        type: "Microsoft.KeyVault/vaults/accessPolicies",
        properties: { accessPolicies: policies },
      });
    },
  );
}

/** Throws 400 for a list that a vault cannot hold: too long, or an entry of another tenant. */
export function checkPolicies(call: Call, policies: readonly AccessPolicy[]): void {
  if (policies.length > POLICY_COUNT_MAX) {
    throw badRequest(`A vault can have at most ${POLICY_COUNT_MAX} access policies.`);
  }
  const foreign = policies.find((policy) => policy.tenantId.toLowerCase() !== call.identity.tenantId.toLowerCase());
  if (foreign) {
    throw badRequest(`The tenant '${foreign.tenantId}' of an access policy is not the tenant of the vault.`);
  }
}

/** The vault with another policy list, remembering the present one for as long as the change spreads. */
export function withPolicies(call: Call, vault: Vault, accessPolicies: AccessPolicy[]): Vault {
  const now = call.now();
  const history = (vault.policyHistory ?? []).filter((earlier) => earlier.until > now);
  const { policyHistory: _, ...rest } = vault;
  const delay = call.settings.delays.grant;
  if (delay > 0) history.push({ until: now + delay, accessPolicies: vault.accessPolicies });
  return { ...rest, accessPolicies, ...(history.length === 0 ? {} : { policyHistory: history }) };
}
