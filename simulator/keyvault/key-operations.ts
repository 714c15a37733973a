import { z } from "zod";
import type { ObjectVersion } from "../model";
import { auditDetails } from "./audit-details";
import { uriOf } from "./bundles";
import { isStandInSignature, PADDING_BYTES, standInDecrypt, standInEncrypt, standInSignature } from "./key-cipher";
import { CURVES, isCurve, type KeyPublicPart, keySize } from "./key-material";
import { versionOf } from "./object-operations";
import { requireObject } from "./objects";
import { type Answer, parseBody, type VaultCall } from "./vault-call";
import { badParameter, operationForbidden } from "./vault-errors";

export type KeyOperationName = "sign" | "verify" | "encrypt" | "decrypt" | "wrapKey" | "unwrapKey";

const RSA_CIPHERS = ["RSA1_5", "RSA-OAEP", "RSA-OAEP-256"];
/** Signature algorithm -> digest bytes and the keys that it fits. */
const SIGNATURES: Record<string, { digest: number; fits: string }> = {
  RS256: { digest: 32, fits: "RSA" },
  RS384: { digest: 48, fits: "RSA" },
  RS512: { digest: 64, fits: "RSA" },
  PS256: { digest: 32, fits: "RSA" },
  PS384: { digest: 48, fits: "RSA" },
  PS512: { digest: 64, fits: "RSA" },
  ES256: { digest: 32, fits: "P-256" },
  ES384: { digest: 48, fits: "P-384" },
  ES512: { digest: 64, fits: "P-521" },
  ES256K: { digest: 32, fits: "P-256K" },
};
/** What an expired key may still do: undo what was done while it was valid (documented behaviour). */
const STILL_ALLOWED = new Set<KeyOperationName>(["decrypt", "unwrapKey", "verify"]);

/** Characters of a digest, signature or text: no key of a vault has a block of more than 512 bytes. */
const BLOCK_MAX = 4096;
const base64url = z
  .string("is required")
  .max(BLOCK_MAX, "is too long")
  .regex(/^[0-9A-Za-z_-]+$/, "must be base64url")
  .transform((text) => Buffer.from(text, "base64url"));
const ValueInput = z.looseObject({ alg: z.string("is required"), value: base64url });
const VerifyInput = z.looseObject({ alg: z.string("is required"), digest: base64url, value: base64url });

/**
 * One operation with a key version.
 * @throws AzureError 403 `KeyOperationForbidden` when `key_ops` lacks it, and for disabled, expired or not yet valid keys;
 * 400 for algorithms, digests and values that do not fit.
 */
export function useKey(
  call: VaultCall,
  name: string,
  versionId: string | undefined,
  operation: KeyOperationName,
): Answer {
  const object = requireObject(call, "key", name);
  const version = versionOf(object, versionId);
  checkState(call, version, operation);
  if (!version.jwk?.key_ops.includes(operation))
    throw operationForbidden(`Operation ${operation} is not permitted on this key.`, "KeyOperationForbidden");
  const uri = uriOf(call, object, version);
  const body = operation === "verify" ? verify(call, version.jwk, uri) : compute(call, version.jwk, uri, operation);
  return { body, objectUri: uri, ...auditDetails(object, version) };
}

function checkState(call: VaultCall, version: ObjectVersion, operation: KeyOperationName): void {
  if (!version.enabled)
    throw operationForbidden(`Operation ${operation} is not allowed on a disabled key.`, "KeyDisabled");
  if (STILL_ALLOWED.has(operation)) return;
  if (version.expires !== undefined && version.expires <= call.now())
    throw operationForbidden(`Operation ${operation} is not allowed on an expired key.`, "KeyExpired");
  if (version.notBefore !== undefined && version.notBefore > call.now())
    throw operationForbidden(`Operation ${operation} is not allowed on a key that is not yet valid.`, "KeyNotYetValid");
}

function compute(call: VaultCall, jwk: KeyPublicPart, uri: string, operation: Exclude<KeyOperationName, "verify">) {
  const { alg, value } = parseBody(call, ValueInput);
  const length = resultBytes(jwk);
  const { tenantId } = call.identity;
  if (operation === "sign") {
    checkSignature(jwk, alg, value);
    return { kid: uri, value: standInSignature(tenantId, uri, alg, value, length).toString("base64url") };
  }
  if (jwk.kty !== "RSA" || !RSA_CIPHERS.includes(alg)) throw badParameter(`Property alg has invalid value: ${alg}`);
  if (operation === "encrypt" || operation === "wrapKey") {
    if (value.length > length - PADDING_BYTES) throw badParameter("Property value has invalid value: it is too long");
    return { kid: uri, value: standInEncrypt(tenantId, uri, value, length).toString("base64url") };
  }
  const plain = standInDecrypt(tenantId, uri, value);
  if (!plain) throw badParameter("Property value has invalid value: it was not encrypted with this key");
  return { kid: uri, value: plain.toString("base64url") };
}

function verify(call: VaultCall, jwk: KeyPublicPart, uri: string): unknown {
  const { alg, digest, value } = parseBody(call, VerifyInput);
  checkSignature(jwk, alg, digest);
  const fits = value.length === resultBytes(jwk);
  return { value: fits && isStandInSignature(call.identity.tenantId, uri, alg, digest, value) };
}

function checkSignature(jwk: KeyPublicPart, alg: string, digest: Buffer): void {
  const rule = SIGNATURES[alg];
  if (!rule || rule.fits !== (jwk.crv ?? jwk.kty)) throw badParameter(`Property alg has invalid value: ${alg}`);
  if (digest.length !== rule.digest)
    throw badParameter(`Property value has invalid value: ${alg} takes a digest of ${rule.digest} bytes`);
}

/** Bytes of a signature or ciphertext: the modulus, or two coordinates. */
function resultBytes(jwk: KeyPublicPart): number {
  if (jwk.crv !== undefined && isCurve(jwk.crv)) return 2 * CURVES[jwk.crv].bytes;
  return (keySize(jwk) ?? 2048) / 8;
}
