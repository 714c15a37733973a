import { z } from "zod";
import type { ObjectVersion } from "../model";
import { AttributesInput, newVersion, TagsInput, withInput } from "./attributes";
import {
  EC_OPERATIONS,
  isCurve,
  type KeyPublicPart,
  keySize,
  makeEcKey,
  makeRsaKey,
  RSA_OPERATIONS,
  RSA_SIZES,
} from "./key-material";
import { answerVersion, refuseManaged, versionOf } from "./object-operations";
import { findForWriting, putObject, putVersion, requireObject } from "./objects";
import { type Answer, parseBody, type VaultCall } from "./vault-call";
import { badParameter } from "./vault-errors";

const DEFAULT_EXPONENT = 65_537;
const KeyOperations = z.array(z.enum([...RSA_OPERATIONS, "import", "export"])).nullish();

const CreateInput = z.looseObject({
  kty: z.enum(["EC", "EC-HSM", "RSA", "RSA-HSM", "oct", "oct-HSM"], "is required: EC or RSA"),
  key_size: z.int().nullish(),
  public_exponent: z.int().min(3).nullish(),
  crv: z.string().nullish(),
  key_ops: KeyOperations,
  attributes: AttributesInput.nullish(),
  tags: TagsInput.nullish(),
});
type CreateInput = z.infer<typeof CreateInput>;

/** Makes a key, or adds a version to an existing one. HSM and symmetric keys need a premium vault or a managed HSM. */
export function createKey(call: VaultCall, name: string): Answer {
  const input = parseBody(call, CreateInput);
  const existing = findForWriting(call, "key", name);
  if (existing) refuseManaged(existing, "create");
  const version: ObjectVersion = { ...newVersion(call, input), jwk: makeKey(input) };
  const object = existing
    ? { ...existing, versions: [...existing.versions, version] }
    : { vaultId: call.vault.id, kind: "key" as const, name, versions: [version] };
  putObject(call, object);
  return answerVersion(call, object, version);
}

function makeKey(input: CreateInput): KeyPublicPart {
  if (input.kty === "RSA") {
    const bits = RSA_SIZES.find((size) => size === (input.key_size ?? 2048));
    if (bits === undefined) throw badParameter(`Property key_size has invalid value: ${input.key_size}`);
    if (input.crv != null) throw badParameter("Property crv has invalid value: RSA keys have no curve");
    return makeRsaKey(bits, input.public_exponent ?? DEFAULT_EXPONENT, allowedOperations(input, RSA_OPERATIONS));
  }
  if (input.kty !== "EC")
    throw badParameter(`Property kty has invalid value: ${input.kty} is not supported by a vault of this sku`);
  const curve = input.crv ?? "P-256";
  if (!isCurve(curve)) throw badParameter(`Property crv has invalid value: ${curve}`);
  if (input.key_size != null) throw badParameter("Property key_size has invalid value: EC keys take crv instead");
  return makeEcKey(curve, allowedOperations(input, EC_OPERATIONS));
}

function allowedOperations(input: CreateInput, possible: readonly string[]): readonly string[] {
  const wanted = input.key_ops ?? possible;
  const wrong = wanted.find((operation) => !possible.includes(operation));
  if (wrong) throw badParameter(`Property key_ops has invalid value: ${wrong} is not possible with ${input.kty}`);
  return wanted;
}

/** The public part and the attributes; a disabled key is given out as well. */
export function getKey(call: VaultCall, name: string, versionId: string | undefined): Answer {
  const object = requireObject(call, "key", name);
  return answerVersion(call, object, versionOf(object, versionId));
}

const UpdateInput = z.looseObject({
  key_ops: KeyOperations,
  attributes: AttributesInput.nullish(),
  tags: TagsInput.nullish(),
});

/** Changes attributes, tags and permitted operations of one version. */
export function updateKey(call: VaultCall, name: string, versionId: string | undefined): Answer {
  const input = parseBody(call, UpdateInput);
  const object = requireObject(call, "key", name);
  const { notBefore: _notBefore, expires: _expires, jwk, ...old } = versionOf(object, versionId);
  const version: ObjectVersion = {
    ...old,
    ...withInput(input, versionOf(object, versionId)),
    ...(jwk && { jwk: { ...jwk, key_ops: [...(input.key_ops ?? jwk.key_ops)] } }),
    updated: call.now(),
  };
  putVersion(call, object, version);
  return answerVersion(call, object, version);
}

/** A new version of the same type, size and operations, now. */
export function rotateKey(call: VaultCall, name: string): Answer {
  const object = requireObject(call, "key", name);
  refuseManaged(object, "rotate");
  const old = versionOf(object, undefined);
  const jwk = old.jwk && remade(old.jwk);
  const version: ObjectVersion = { ...newVersion(call, { tags: old.tags }), ...(jwk && { jwk }) };
  const rotated = { ...object, versions: [...object.versions, version] };
  putObject(call, rotated);
  return answerVersion(call, rotated, version);
}

function remade(jwk: KeyPublicPart): KeyPublicPart {
  if (jwk.crv !== undefined && isCurve(jwk.crv)) return makeEcKey(jwk.crv, jwk.key_ops);
  return makeRsaKey(keySize(jwk) ?? 2048, DEFAULT_EXPONENT, jwk.key_ops);
}
