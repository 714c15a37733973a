import { isIP } from "node:net";
import { z } from "zod";
import { mayControl } from "../access";
import type { Call } from "../context";
import { AzureError } from "../http";
import type { NetworkAcls, Vault } from "../model";
import { checkPolicies, withPolicies } from "./access-policies";
import { badRequest } from "./errors";
import { AccessPolicySchema } from "./policies";
import { readBody } from "./respond";
import { checkTags } from "./tag-rules";

/** An IPv4 address or CIDR range. Source: IPRule of the Key Vault management API. */
function isIpRule(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const width = Number(bits ?? "32");
  return rest.length === 0 && isIP(address) === 4 && Number.isInteger(width) && width >= 0 && width <= 32;
}

const Network = z.object({
  bypass: z.enum(["AzureServices", "None"]).default("AzureServices"),
  defaultAction: z.enum(["Allow", "Deny"]).default("Allow"),
  ipRules: z
    .array(z.object({ value: z.string().refine(isIpRule, "must be an IPv4 address or CIDR range") }))
    .max(1000)
    .nullish(),
  virtualNetworkRules: z
    .array(z.object({ id: z.string().min(1) }))
    .max(200)
    .nullish(),
});

/** What a PUT and a PATCH of a vault may say in `properties`. */
export const VaultPropertiesBody = z.object({
  tenantId: z.guid().optional(),
  sku: z.object({ family: z.literal("A"), name: z.enum(["standard", "premium"]) }).optional(),
  accessPolicies: z.array(AccessPolicySchema).nullish(),
  enabledForDeployment: z.boolean().nullish(),
  enabledForDiskEncryption: z.boolean().nullish(),
  enabledForTemplateDeployment: z.boolean().nullish(),
  enableRbacAuthorization: z.boolean().nullish(),
  enableSoftDelete: z.boolean().nullish(),
  enablePurgeProtection: z.boolean().nullish(),
  softDeleteRetentionInDays: z.int().min(7).max(90).nullish(),
  networkAcls: Network.nullish(),
  publicNetworkAccess: z
    .string()
    .refine((text) => /^(enabled|disabled)$/i.test(text), "must be Enabled or Disabled")
    .nullish(),
});

export type VaultPropertiesInput = z.infer<typeof VaultPropertiesBody>;

const Body = z.object({
  tags: z.record(z.string(), z.string()).optional(),
  properties: VaultPropertiesBody.optional(),
});

/**
 * The vault after the PATCH in the call's body; nothing is written. Tags and lists that are given replace the present
 * ones.
 * @throws AzureError 400 for what a vault refuses (undoing purge protection, another retention, switching soft delete
 * off) and 403 when the permission model is changed without an unconstrained right to assign roles.
 */
export function patchVault(call: Call, vault: Vault): Vault {
  const { tags, properties } = readBody(call, Body);
  let changed: Vault = { ...vault };
  if (tags) changed.tags = checkTags(tags);
  if (properties) changed = withProperties(call, changed, properties);
  return changed;
}

/** The vault with the properties that are given; the others stay. Throws what `patchVault` throws. */
export function withProperties(call: Call, vault: Vault, properties: VaultPropertiesInput): Vault {
  refuse(call, vault, properties);
  let changed: Vault = { ...vault };
  if (properties.accessPolicies) {
    checkPolicies(call, properties.accessPolicies);
    changed = withPolicies(call, changed, properties.accessPolicies);
  }
  if (properties.enableRbacAuthorization != null) changed.enableRbacAuthorization = properties.enableRbacAuthorization;
  if (properties.enablePurgeProtection) changed.enablePurgeProtection = true;
  if (properties.networkAcls) changed.networkAcls = networkAcls(properties.networkAcls);
  if (properties.publicNetworkAccess) {
    changed.publicNetworkAccess = /^enabled$/i.test(properties.publicNetworkAccess) ? "Enabled" : "Disabled";
  }
  return withSwitches(changed, properties);
}

function withSwitches(vault: Vault, properties: VaultPropertiesInput): Vault {
  const { sku, enabledFor = [], ...rest } = vault;
  const on = new Set(enabledFor);
  for (const [name, given] of [
    ["deployment", properties.enabledForDeployment],
    ["diskEncryption", properties.enabledForDiskEncryption],
    ["templateDeployment", properties.enabledForTemplateDeployment],
  ] as const) {
    if (given === true) on.add(name);
    else if (given === false) on.delete(name);
  }
  const premium = (properties.sku?.name ?? sku) === "premium";
  return {
    ...rest,
    ...(premium ? { sku: "premium" as const } : {}),
    ...(on.size > 0 ? { enabledFor: [...on] } : {}),
  };
}

function refuse(call: Call, vault: Vault, properties: VaultPropertiesInput): void {
  if (properties.tenantId !== undefined && properties.tenantId.toLowerCase() !== call.identity.tenantId.toLowerCase()) {
    throw badRequest(`The tenant '${properties.tenantId}' is not the tenant of the subscription.`);
  }
  if (properties.enableSoftDelete === false) {
    throw badRequest('The property "enableSoftDelete" cannot be set to false.');
  }
  // Also where it was never on: "the property does not accept false as its value", says the description.
  if (properties.enablePurgeProtection === false) {
    throw badRequest(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  }
  const days = properties.softDeleteRetentionInDays;
  if (days != null && days !== vault.softDeleteRetentionInDays) {
    throw badRequest('The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.');
  }
  const rbac = properties.enableRbacAuthorization;
  const switches = rbac != null && rbac !== (vault.enableRbacAuthorization ?? false);
  if (switches && !mayControl(call, call.caller, "Microsoft.Authorization/roleAssignments/write", vault.id)) {
    throw new AzureError(403, "InsufficientPermissions", "Caller is not allowed to change permission model.");
  }
}

function networkAcls(given: NonNullable<VaultPropertiesInput["networkAcls"]>): NetworkAcls {
  return {
    bypass: given.bypass,
    defaultAction: given.defaultAction,
    ipRules: given.ipRules ?? [],
    virtualNetworkRules: given.virtualNetworkRules ?? [],
  };
}
