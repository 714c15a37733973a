import { z } from "zod";
import type { Call, Context } from "../context";
import { AzureError, type Router } from "../http";
import type { Vault } from "../model";
import type { Collection } from "../state";
import { recoverableVaults } from "./deleted-vaults";
import { badRequest } from "./errors";
import { ok, readBody } from "./respond";
import { authorize } from "./scope";

const Body = z.object({ name: z.string().max(500), type: z.literal("Microsoft.KeyVault/vaults") });

/** 3 to 24 letters, digits and hyphens; a letter first, no hyphen last, no two in a row. */
const NAME = /^(?!.*--)[a-z][a-z0-9-]{1,22}[a-z0-9]$/i;

/** `POST checkNameAvailability`: vault names are unique over all of Azure, here over the tenant. */
export function routeVaultNames(router: Router<Call>): void {
  router.on("POST", "/subscriptions/{s}/providers/Microsoft.KeyVault/checkNameAvailability", (call, params) => {
    authorize(call, "Microsoft.KeyVault/checkNameAvailability/read", `/subscriptions/${params.s}`);
    const { name } = readBody(call, Body);
    if (!NAME.test(name)) {
      return ok({ nameAvailable: false, reason: "AccountNameInvalid", message: invalid(name) });
    }
    if (nameIsTaken(call, name)) {
      return ok({ nameAvailable: false, reason: "AlreadyExists", message: taken(name) });
    }
    return ok({ nameAvailable: true });
  });
}

/** Throws what Azure answers to a new vault of that name: malformed, in use, or held by a deleted vault. */
export function checkVaultName(call: Call, name: string): void {
  if (!NAME.test(name)) throw badRequest(invalid(name), "VaultNameNotValid");
  if (vaultNamed(call.model.vaults, name)) throw new AzureError(409, "VaultAlreadyExists", taken(name));
  if (recoverableVaults(call).some((vault) => vault.name.toLowerCase() === name.toLowerCase())) {
    throw new AzureError(
      409,
      "ConflictError",
      "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.",
    );
  }
}

function nameIsTaken(context: Context, name: string): boolean {
  const wanted = name.toLowerCase();
  return (
    vaultNamed(context.model.vaults, name) ||
    recoverableVaults(context).some((vault) => vault.name.toLowerCase() === wanted)
  );
}

function vaultNamed(vaults: Collection<Vault>, name: string): boolean {
  const wanted = name.toLowerCase();
  for (const vault of vaults.values()) if (vault.name.toLowerCase() === wanted) return true;
  return false;
}

function invalid(name: string): string {
  return `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742`;
}

function taken(name: string): string {
  return `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information about VaultAlreadyExists, soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.`;
}
