import { z } from "zod";
import { AzureError } from "../http";
import type { ObjectKind, VaultObject } from "../model";
import { auditDetails } from "./audit-details";
import { bundleOf, deletionOf, itemOf, latestBundle, uriOf } from "./bundles";
import {
  collectionOf,
  dropObject,
  findForWriting,
  findLive,
  latestOf,
  objectsOf,
  putObject,
  requireDeleted,
  requireObject,
  requireVersion,
} from "./objects";
import { pageOf } from "./pages";
import { checkVersion } from "./request-rules";
import { seal, unseal } from "./sealed-text";
import { type Answer, parseBody, type VaultCall } from "./vault-call";
import { badParameter, operationForbidden, vaultText } from "./vault-errors";

/*
 * What secrets and keys have in common. `kind` comes from the route, `name` is validated before.
 */

const DAY = 86_400_000;
/** A backup holds at most 500 versions (service limits). */
const BACKUP_VERSIONS_MAX = 500;

export function listObjects(call: VaultCall, kind: ObjectKind): Answer {
  const body = pageOf(call, objectsOf(call, kind, "live"), nameCursor, (object) => {
    const latest = latestOf(object);
    return latest ? itemOf(call, object, latest, false) : {};
  });
  return { body, objectUri: `${call.origin}/${collectionOf(kind)}` };
}

/** An unknown name is an empty list, not an error, as in the service. */
export function listVersions(call: VaultCall, kind: ObjectKind, name: string): Answer {
  const object = findLive(call, kind, name);
  const versions = [...(object?.versions ?? [])].sort((a, b) => (a.version < b.version ? -1 : 1));
  const body = pageOf(
    call,
    versions,
    (version) => version.version,
    (version) => (object ? itemOf(call, object, version, true) : {}),
  );
  return { body, objectUri: object ? uriOf(call, object) : `${call.origin}/${collectionOf(kind)}/${name}` };
}

/** Soft delete: the name stays taken until purge or the end of the vault's retention. */
export function deleteObject(call: VaultCall, kind: ObjectKind, name: string): Answer {
  const object = requireObject(call, kind, name);
  refuseManaged(object, "delete");
  const deletedAt = call.now();
  const deleted = { ...object, deletedAt, purgeAt: deletedAt + call.vault.softDeleteRetentionInDays * DAY };
  putObject(call, deleted);
  return answerWith(call, object, { ...latestBundle(call, object), ...deletionOf(call, deleted) });
}

export function listDeleted(call: VaultCall, kind: ObjectKind): Answer {
  const body = pageOf(call, objectsOf(call, kind, "deleted"), nameCursor, (object) => {
    const latest = latestOf(object);
    const deleted = requireDeleted(call, kind, object.name);
    return latest ? { ...itemOf(call, object, latest, false), ...deletionOf(call, deleted) } : {};
  });
  return { body, objectUri: `${call.origin}/deleted${collectionOf(kind)}` };
}

export function getDeleted(call: VaultCall, kind: ObjectKind, name: string): Answer {
  const object = requireDeleted(call, kind, name);
  return answerWith(call, object, { ...latestBundle(call, object), ...deletionOf(call, object) });
}

export function recoverDeleted(call: VaultCall, kind: ObjectKind, name: string): Answer {
  const { deletedAt: _deletedAt, purgeAt: _purgeAt, ...object } = requireDeleted(call, kind, name);
  putObject(call, object);
  return answerWith(call, object, latestBundle(call, object));
}

/** @throws AzureError 403 when the vault has purge protection. */
export function purgeDeleted(call: VaultCall, kind: ObjectKind, name: string): Answer {
  const object = requireDeleted(call, kind, name);
  if (call.vault.enablePurgeProtection)
    throw operationForbidden(
      `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: ${vaultText(call.vault)}`,
    );
  dropObject(call, object);
  return { status: 204, objectUri: uriOf(call, object) };
}

/** All versions as one opaque text, which only a vault of the same subscription takes back. */
export function backupObject(call: VaultCall, kind: ObjectKind, name: string): Answer {
  const object = requireObject(call, kind, name);
  if (object.versions.length > BACKUP_VERSIONS_MAX)
    throw badParameter(
      `A backup holds at most ${BACKUP_VERSIONS_MAX} versions; ${name} has ${object.versions.length}.`,
    );
  const text = JSON.stringify({ subscriptionId: call.vault.subscriptionId.toLowerCase(), object });
  return answerWith(call, object, { value: seal(call.identity, "backup", text) });
}

const RestoreInput = z.looseObject({ value: z.string().min(1) });

/** @throws AzureError 400 for a foreign text, 409 when the name is taken. */
export function restoreObject(call: VaultCall, kind: ObjectKind): Answer {
  const { value } = parseBody(call, RestoreInput);
  const text = unseal(call.identity, "backup", value);
  // `backupObject` alone writes this text, and the seal shows that nobody changed it.
  const backup = text === undefined ? undefined : (JSON.parse(text) as { subscriptionId: string; object: VaultObject });
  if (backup?.object.kind !== kind) throw badParameter(`Property value has invalid value: not a backup of a ${kind}.`);
  if (backup.subscriptionId !== call.vault.subscriptionId.toLowerCase())
    throw badParameter("The backup was made in another subscription and cannot be restored here.");
  if (findForWriting(call, kind, backup.object.name)) throw alreadyExists(backup.object);
  const { managed: _managed, ...object } = { ...backup.object, vaultId: call.vault.id };
  putObject(call, object);
  return answerWith(call, object, latestBundle(call, object));
}

/** The version that a path names, checked for its form; absent means the newest. */
export function versionOf(object: VaultObject, version: string | undefined) {
  if (version) checkVersion(version);
  return requireVersion(object, version);
}

/** @throws AzureError 403 on what a certificate owns: it changes only through the certificate. */
export function refuseManaged(object: VaultObject, operation: string): void {
  if (object.managed)
    throw operationForbidden(`Operation ${operation} is not allowed on a ${object.kind} that a certificate manages.`);
}

function answerWith(call: VaultCall, object: VaultObject, body: unknown): Answer {
  const latest = latestOf(object);
  if (!latest) return { body };
  return { body, objectUri: uriOf(call, object, latest), ...auditDetails(object, latest) };
}

/** The answer about one version: its bundle, its id, its details. */
export function answerVersion(
  call: VaultCall,
  object: VaultObject,
  version: VaultObject["versions"][number],
  extra: Record<string, unknown> = {},
): Answer {
  return {
    body: { ...extra, ...bundleOf(call, object, version) },
    objectUri: uriOf(call, object, version),
    ...auditDetails(object, version),
  };
}

function alreadyExists(object: VaultObject): AzureError {
  const noun = object.kind === "secret" ? "Secret" : "Key";
  return new AzureError(409, "Conflict", `${noun} ${object.name} already exists.`);
}

function nameCursor(object: VaultObject): string {
  return object.name.toLowerCase();
}
