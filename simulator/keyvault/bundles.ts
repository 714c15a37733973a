import type { ObjectVersion, VaultObject } from "../model";
import { attributesOf, seconds } from "./attributes";
import { collectionOf, type DeletedObject, latestOf } from "./objects";
import type { VaultCall } from "./vault-call";

/** `https://{vault}.vault.azure.net/{secrets|keys}/{name}[/{version}]`. */
export function uriOf(call: VaultCall, object: VaultObject, version?: ObjectVersion): string {
  const uri = `${call.origin}/${collectionOf(object.kind)}/${object.name}`;
  return version ? `${uri}/${version.version}` : uri;
}

/** One version in full, as get, create and update answer it. A secret's value is added by the caller where it belongs. */
export function bundleOf(call: VaultCall, object: VaultObject, version: ObjectVersion): Record<string, unknown> {
  const id = uriOf(call, object, version);
  const attributes = attributesOf(call.vault, version);
  const common = { attributes, tags: version.tags, ...(object.managed && { managed: true }) };
  if (object.kind === "key") return { key: { kid: id, ...version.jwk }, ...common };
  return { id, ...contentType(version), ...common };
}

/** One line of a list: no value, no public part. Lists of objects name no version, lists of versions do. */
export function itemOf(
  call: VaultCall,
  object: VaultObject,
  version: ObjectVersion,
  versioned: boolean,
): Record<string, unknown> {
  const id = versioned ? uriOf(call, object, version) : uriOf(call, object);
  const attributes = attributesOf(call.vault, version);
  const common = { attributes, tags: version.tags, ...(object.managed && { managed: true }) };
  return object.kind === "key" ? { kid: id, ...common } : { id, ...contentType(version), ...common };
}

/** What a soft-deleted object adds to its bundle or item. */
export function deletionOf(call: VaultCall, object: DeletedObject): Record<string, unknown> {
  return {
    recoveryId: `${call.origin}/deleted${collectionOf(object.kind)}/${object.name}`,
    deletedDate: seconds(object.deletedAt),
    scheduledPurgeDate: seconds(object.purgeAt),
  };
}

/** The newest version in full, for answers that name none. */
export function latestBundle(call: VaultCall, object: VaultObject): Record<string, unknown> {
  const latest = latestOf(object);
  return latest ? bundleOf(call, object, latest) : {};
}

function contentType(version: ObjectVersion): Record<string, unknown> {
  return version.contentType === undefined ? {} : { contentType: version.contentType };
}
