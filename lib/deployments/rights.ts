import "server-only";
import type { Permission } from "@/lib/azure/permits.pure";
import { permits } from "@/lib/azure/permits.pure";
import type { VaultResource } from "@/lib/azure/vaults";
import type { Way } from "@/lib/safety/judge.pure";
import type { DecoyKind } from "./plan.pure";

const CONTROL = {
  secret: "Microsoft.KeyVault/vaults/secrets/write",
  key: "Microsoft.KeyVault/vaults/keys/write",
} as const;
const DATA = {
  secret: "Microsoft.KeyVault/vaults/secrets/setSecret/action",
  key: "Microsoft.KeyVault/vaults/keys/create/action",
} as const;

/**
 * Whether a person may plant in a vault: who could write such an object there without us. That is the control-plane
 * right to write one; or on an RBAC vault the data-plane right; or on a vault with access policies an entry of the
 * person's own that holds it. Rights that come by a group in an access policy are not seen, so the answer may be a
 * cautious no. Past a closed network only the control-plane right counts: the person could not use another one either.
 *
 * @param permissions what Azure says the person may do at the vault
 */
export function mayPlant(
  permissions: readonly Permission[],
  vault: Pick<VaultResource, "permissionModel" | "accessPolicies">,
  user: { oid: string },
  kind: DecoyKind,
  way: Way = "data_plane",
): boolean {
  if (permits(permissions, CONTROL[kind], "control")) return true;
  if (way === "arm_key") return false;
  if (vault.permissionModel === "rbac") return permits(permissions, DATA[kind], "data");
  const own = vault.accessPolicies.filter((entry) => entry.objectId.toLowerCase() === user.oid.toLowerCase());
  return own.some(({ secrets, keys }) => {
    const held = kind === "secret" ? secrets : keys;
    return held.includes("all") || held.includes(kind === "secret" ? "set" : "create");
  });
}

const DATA_DELETE = {
  secret: "Microsoft.KeyVault/vaults/secrets/delete",
  key: "Microsoft.KeyVault/vaults/keys/delete",
} as const;

/**
 * Whether a person may remove honeytokens from a vault: who could write or delete such objects there without us, by the
 * same three ways as `mayPlant`. Secrets and keys alike, since a vault may hold both.
 */
export function mayRetire(
  permissions: readonly Permission[],
  vault: Pick<VaultResource, "permissionModel" | "accessPolicies">,
  user: { oid: string },
): boolean {
  const own = vault.accessPolicies.filter((entry) => entry.objectId.toLowerCase() === user.oid.toLowerCase());
  return (["secret", "key"] as const).every(
    (kind) =>
      permits(permissions, CONTROL[kind], "control") ||
      (vault.permissionModel === "rbac"
        ? permits(permissions, DATA_DELETE[kind], "data")
        : own.some((entry) => entry[`${kind}s`].some((held) => held === "all" || held === "delete"))),
  );
}

export const NO_RIGHT_TO_RETIRE =
  "You may not delete secrets and keys in this vault. Ask an administrator of the vault to remove the honeytokens.";

export const NO_RIGHT_BY_ARM =
  "You may not create keys in this vault through Azure Resource Manager, the only way past its network. Ask an administrator of the vault for a role with Microsoft.KeyVault/vaults/keys/write, such as Key Vault Contributor, or to plant the honeytoken.";

export const NO_RIGHT = {
  secret: "You may not write secrets in this vault. Ask an administrator of the vault to plant the honeytoken.",
  key: "You may not create keys in this vault. Ask an administrator of the vault to plant the honeytoken.",
} as const;
