import { type Permission, permits } from "@/lib/azure/permits.pure";

/** Built-in roles that let a secret's value, or a key's public part, be read, and the names of all be listed. */
export const READ_ROLES = {
  secret: { id: "4633458b-17de-408a-b874-0445c86b69e6", name: "Key Vault Secrets User" },
  key: { id: "21090545-7ca7-4776-b22c-e363652d74d2", name: "Key Vault Reader" },
} as const;

/** Any of them lets somebody give rights in a vault with roles, or in one with access policies. */
const GIVING = {
  rbac: ["Microsoft.Authorization/roleAssignments/write"],
  policies: ["Microsoft.KeyVault/vaults/accessPolicies/write", "Microsoft.KeyVault/vaults/write"],
} as const;

/**
 * Whether a person may give somebody else a right to read in a vault: who could do so there without us.
 *
 * @param permissions what Azure says the person may do at the vault
 */
export function mayGiveReads(permissions: readonly Permission[], model: keyof typeof GIVING): boolean {
  return GIVING[model].some((action) => permits(permissions, action, "control"));
}

export const NO_RIGHT_TO_GIVE =
  "You may not give rights in this vault, so you cannot have one given for a drill. Choose the refused read, or ask an administrator of the vault.";
