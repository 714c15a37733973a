import { ofVault } from "../by-vault";
import type { ObjectKind, ObjectVersion, VaultObject } from "../model";
import type { VaultCall } from "./vault-call";
import { deletedObjectNotFound, nameIsDeleted, objectNotFound } from "./vault-errors";

/** `secrets` or `keys`: the collection of a kind in URLs and document keys. */
export function collectionOf(kind: ObjectKind): "secrets" | "keys" {
  return kind === "secret" ? "secrets" : "keys";
}

function documentKey(call: VaultCall, kind: ObjectKind, name: string): string {
  return `${call.vault.id}/${collectionOf(kind)}/${name}`;
}

/** The object of that name in whatever state; one whose retention has ended is gone, and is dropped at sight. */
function find(call: VaultCall, kind: ObjectKind, name: string): VaultObject | undefined {
  const key = documentKey(call, kind, name);
  const found = call.model.objects.get(key);
  if (found?.purgeAt === undefined || found.purgeAt > call.now()) return found;
  call.model.objects.delete(key);
  return undefined;
}

/** The live object, if there is one. @throws AzureError 409 when the name belongs to a soft-deleted one. */
export function findForWriting(call: VaultCall, kind: ObjectKind, name: string): VaultObject | undefined {
  const found = find(call, kind, name);
  if (found?.deletedAt !== undefined) throw nameIsDeleted(kind, found.name);
  return found;
}

/** The live object, if there is one; a soft-deleted one does not count. */
export function findLive(call: VaultCall, kind: ObjectKind, name: string): VaultObject | undefined {
  const found = find(call, kind, name);
  return found?.deletedAt === undefined ? found : undefined;
}

/** The live object. @throws AzureError 404, also when it is soft-deleted. */
export function requireObject(call: VaultCall, kind: ObjectKind, name: string): VaultObject {
  const found = findLive(call, kind, name);
  if (!found) throw objectNotFound(kind, name);
  return found;
}

export type DeletedObject = VaultObject & { deletedAt: number; purgeAt: number };

/** The soft-deleted object. @throws AzureError 404. */
export function requireDeleted(call: VaultCall, kind: ObjectKind, name: string): DeletedObject {
  const found = find(call, kind, name);
  if (found?.deletedAt === undefined || found.purgeAt === undefined) throw deletedObjectNotFound(kind, name);
  return { ...found, deletedAt: found.deletedAt, purgeAt: found.purgeAt };
}

/** The named version of an object, the newest without one. @throws AzureError 404. */
export function requireVersion(object: VaultObject, version: string | undefined): ObjectVersion {
  const found = version
    ? object.versions.find((candidate) => candidate.version === version.toLowerCase())
    : latestOf(object);
  if (!found) throw objectNotFound(object.kind, version ? `${object.name}/${version}` : object.name);
  return found;
}

/** The newest version; an object always has one. */
export function latestOf(object: VaultObject): ObjectVersion | undefined {
  return object.versions.at(-1);
}

export function putObject(call: VaultCall, object: VaultObject): void {
  call.model.objects.put(documentKey(call, object.kind, object.name), object);
}

export function dropObject(call: VaultCall, object: VaultObject): void {
  call.model.objects.delete(documentKey(call, object.kind, object.name));
}

/** Replaces one version of an object. */
export function putVersion(call: VaultCall, object: VaultObject, version: ObjectVersion): void {
  const versions = object.versions.map((old) => (old.version === version.version ? version : old));
  putObject(call, { ...object, versions });
}

/** Live or soft-deleted objects of a kind, sorted by name as the service lists them. */
export function objectsOf(call: VaultCall, kind: ObjectKind, state: "live" | "deleted"): VaultObject[] {
  return ofVault(call.model.objects, call.vault.id)
    .filter((object) => object.kind === kind && (object.deletedAt === undefined) === (state === "live"))
    .filter((object) => object.purgeAt === undefined || object.purgeAt > call.now())
    .sort((a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
