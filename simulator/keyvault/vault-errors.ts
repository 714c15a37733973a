import type { Caller, Context } from "../context";
import { AzureError } from "../http";
import type { ObjectKind, Vault } from "../model";

/*
 * The refusals of Key Vault's data plane. Codes, statuses, inner codes and the facts inside the messages follow what the
 * service answers; product code and support scripts match on them.
 */

/** "Secret" or "Key", as the codes and sentences of the service begin. */
const NOUNS: Record<ObjectKind, string> = { secret: "Secret", key: "Key" };

/** 400: the request itself is wrong. `message` names the parameter. */
export function badParameter(message: string): AzureError {
  return new AzureError(400, "BadParameter", message);
}

/** 404 for an object, or one version of it, that is not there or is soft-deleted. */
export function objectNotFound(kind: ObjectKind | "certificate", nameAndVersion: string): AzureError {
  const noun = kind === "certificate" ? "Certificate" : NOUNS[kind];
  return new AzureError(
    404,
    `${noun}NotFound`,
    `A ${kind} with (name/id) ${nameAndVersion} was not found in this key vault. If you recently deleted this ${kind} you may be able to recover it using the correct recovery command.`,
  );
}

/** 404 for a name that is not among the soft-deleted ones. */
export function deletedObjectNotFound(kind: ObjectKind, name: string): AzureError {
  return new AzureError(404, `${NOUNS[kind]}NotFound`, `Deleted ${NOUNS[kind]} not found: ${name}`);
}

/** 409: the name belongs to a soft-deleted object until that is purged or recovered. */
export function nameIsDeleted(kind: ObjectKind, name: string): AzureError {
  return new AzureError(
    409,
    "Conflict",
    `${NOUNS[kind]} ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the ${kind} can only be recovered or purged.`,
    { innererror: { code: "ObjectIsDeletedButRecoverable" } },
  );
}

/** 403 for an operation that the state of the object, not the caller, forbids. */
export function operationForbidden(message: string, innerCode?: string): AzureError {
  return new AzureError(403, "Forbidden", message, innerCode ? { innererror: { code: innerCode } } : {});
}

/** `appid=...;oid=...;iss=...`, as every refusal names the caller. */
export function callerText(context: Context, caller: Caller): string {
  return `appid=${caller.appId};oid=${caller.oid};iss=https://sts.windows.net/${context.identity.tenantId}/`;
}

/** `{vault};location={region}`. */
export function vaultText(vault: Vault): string {
  return `${vault.name};location=${vault.location}`;
}

/** 404 in place of the failed name resolution that a real client would see. */
export function vaultNotFound(host: string): AzureError {
  return new AzureError(404, "VaultNotFound", `There is no key vault at ${host}.`);
}
