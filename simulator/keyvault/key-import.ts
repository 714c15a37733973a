import { z } from "zod";
import type { ObjectVersion } from "../model";
import { AttributesInput, newVersion, TagsInput } from "./attributes";
import { CURVES, EC_OPERATIONS, isCurve, type KeyPublicPart, RSA_OPERATIONS, RSA_SIZES } from "./key-material";
import { answerVersion, refuseManaged } from "./object-operations";
import { findForWriting, putObject } from "./objects";
import { type Answer, parseBody, type VaultCall } from "./vault-call";
import { badParameter } from "./vault-errors";

const bytes = z
  .string()
  .regex(/^[0-9A-Za-z_-]{1,2000}$/, "must be base64url")
  .nullish();

/** A JSON web key with its private part, which is looked at and not kept. */
const ImportInput = z.looseObject({
  key: z.looseObject({
    kty: z.enum(["EC", "RSA"], "must be EC or RSA"),
    key_ops: z.array(z.enum([...RSA_OPERATIONS])).nullish(),
    crv: z.string().nullish(),
    n: bytes,
    e: bytes,
    d: bytes,
    x: bytes,
    y: bytes,
  }),
  Hsm: z.boolean().nullish(),
  attributes: AttributesInput.nullish(),
  tags: TagsInput.nullish(),
});
type Key = z.infer<typeof ImportInput>["key"];

/**
 * Brings a key in from outside: a new key, or a version of an existing one. Only the public part is kept.
 * @throws AzureError 400 for keys without a private part, of other sizes or curves, or meant for an HSM.
 */
export function importKey(call: VaultCall, name: string): Answer {
  const input = parseBody(call, ImportInput);
  const existing = findForWriting(call, "key", name);
  if (existing) refuseManaged(existing, "import");
  if (input.Hsm) throw badParameter("Property Hsm has invalid value: this vault's sku has no hardware keys");
  if (!input.key.d) throw badParameter("Property key has invalid value: the private part is missing");
  const jwk = input.key.kty === "RSA" ? rsaKey(input.key) : ecKey(input.key);
  const version: ObjectVersion = { ...newVersion(call, input), jwk };
  const object = existing
    ? { ...existing, versions: [...existing.versions, version] }
    : { vaultId: call.vault.id, kind: "key" as const, name, versions: [version] };
  putObject(call, object);
  return answerVersion(call, object, version);
}

function rsaKey({ n, e, key_ops }: Key): KeyPublicPart {
  const bits = n == null ? 0 : Buffer.from(n, "base64url").length * 8;
  if (n == null || e == null || !RSA_SIZES.some((size) => size === bits))
    throw badParameter("Property key.n has invalid value: a modulus of 2048, 3072 or 4096 bits");
  return { kty: "RSA", n, e, key_ops: [...(key_ops ?? RSA_OPERATIONS)] };
}

function ecKey({ crv, x, y, key_ops }: Key): KeyPublicPart {
  if (crv == null || !isCurve(crv)) throw badParameter(`Property key.crv has invalid value: ${crv ?? "missing"}`);
  const fits = (text: string | null | undefined) =>
    text != null && Buffer.from(text, "base64url").length === CURVES[crv].bytes;
  if (x == null || y == null || !fits(x) || !fits(y))
    throw badParameter("Property key.x has invalid value: not a point of the curve");
  return {
    kty: "EC",
    crv,
    x,
    y,
    key_ops: (key_ops ?? EC_OPERATIONS).filter((name) => name === "sign" || name === "verify"),
  };
}
