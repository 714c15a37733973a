import { z } from "zod";
import type { ObjectVersion } from "../model";
import { AttributesInput, newVersion, TagsInput, withInput } from "./attributes";
import { answerVersion, refuseManaged, versionOf } from "./object-operations";
import { findForWriting, putObject, putVersion, requireObject } from "./objects";
import { type Answer, parseBody, type VaultCall } from "./vault-call";
import { operationForbidden } from "./vault-errors";

/** 25 KB (service limits). */
const VALUE_BYTES_MAX = 25 * 1024;
const ContentType = z.string().max(255).nullish();

const SetInput = z.looseObject({
  value: z
    .string("is required")
    .refine((value) => Buffer.byteLength(value, "utf8") <= VALUE_BYTES_MAX, "the maximum size is 25,600 bytes"),
  contentType: ContentType,
  attributes: AttributesInput.nullish(),
  tags: TagsInput.nullish(),
});

/** Creates the secret, or adds a version to it: the service has no create-only write. */
export function setSecret(call: VaultCall, name: string): Answer {
  const input = parseBody(call, SetInput);
  const existing = findForWriting(call, "secret", name);
  if (existing) refuseManaged(existing, "set");
  const version: ObjectVersion = {
    ...newVersion(call, input),
    value: input.value,
    ...(input.contentType != null && { contentType: input.contentType }),
  };
  const object = existing
    ? { ...existing, versions: [...existing.versions, version] }
    : { vaultId: call.vault.id, kind: "secret" as const, name, versions: [version] };
  putObject(call, object);
  return answerVersion(call, object, version, { value: input.value });
}

/** Reads a value. Expired and not yet valid secrets are given out, disabled ones are not (documented behaviour). */
export function getSecret(call: VaultCall, name: string, versionId: string | undefined): Answer {
  const object = requireObject(call, "secret", name);
  const version = versionOf(object, versionId);
  if (!version.enabled)
    throw operationForbidden("Operation get is not allowed on a disabled secret.", "SecretDisabled");
  return answerVersion(call, object, version, { value: version.value ?? "" });
}

const UpdateInput = z.looseObject({
  contentType: ContentType,
  attributes: AttributesInput.nullish(),
  tags: TagsInput.nullish(),
});

/** Changes attributes, tags and content type of one version; the value cannot change. */
export function updateSecret(call: VaultCall, name: string, versionId: string | undefined): Answer {
  const input = parseBody(call, UpdateInput);
  const object = requireObject(call, "secret", name);
  refuseManaged(object, "update");
  const { notBefore: _notBefore, expires: _expires, ...old } = versionOf(object, versionId);
  const version: ObjectVersion = {
    ...old,
    ...withInput(input, versionOf(object, versionId)),
    updated: call.now(),
    ...(input.contentType != null && { contentType: input.contentType }),
  };
  putVersion(call, object, version);
  return answerVersion(call, object, version);
}
