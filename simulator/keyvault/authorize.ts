import type { Caller, Context } from "../context";
import { AzureError } from "../http";
import type { Vault } from "../model";
import { callerText, vaultText } from "./vault-errors";

/** What a call wants to do: the RBAC data action, and the same as an access policy calls it. */
export interface WantedAccess {
  /** `Microsoft.KeyVault/vaults/secrets/getSecret/action`. */
  dataAction: string;
  /** `secrets get`. */
  permission: string;
  collection: "secrets" | "keys" | "certificates";
  objectName?: string;
}

/** 403 as each permission model words it: the action and resource asked for, and who asked. */
export function accessDenied(context: Context, caller: Caller, vault: Vault, wanted: WantedAccess, byPolicy: boolean) {
  if (byPolicy)
    return new AzureError(
      403,
      "Forbidden",
      `The user, group or application '${callerText(context, caller)}' does not have ${wanted.permission} permission on key vault '${vaultText(vault)}'.`,
      { innererror: { code: "AccessDenied" } },
    );
  const lines = [
    "Caller is not authorized to perform action on resource.",
    "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
    `Caller: ${callerText(context, caller)}`,
    `Action: '${wanted.dataAction}'`,
    `Resource: '${resourceText(vault, wanted)}'`,
    "Assignment: (not found)",
    "DenyAssignmentId: null",
    "DecisionReason: null ",
    `Vault: ${vaultText(vault)}`,
    "",
  ];
  return new AzureError(403, "Forbidden", lines.join("\r\n"), { innererror: { code: "ForbiddenByRbac" } });
}

function resourceText(vault: Vault, wanted: WantedAccess): string {
  const id = vault.id.toLowerCase();
  return wanted.objectName === undefined ? id : `${id}/${wanted.collection}/${wanted.objectName.toLowerCase()}`;
}
