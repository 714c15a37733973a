import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { ObjectVersion } from "../model";

export type KeyPublicPart = NonNullable<ObjectVersion["jwk"]>;

/** Curves of the service, by their name in OpenSSL, with the bytes of one coordinate. */
export const CURVES = {
  "P-256": { openssl: "prime256v1", bytes: 32 },
  "P-384": { openssl: "secp384r1", bytes: 48 },
  "P-521": { openssl: "secp521r1", bytes: 66 },
  "P-256K": { openssl: "secp256k1", bytes: 32 },
} as const;
export type Curve = keyof typeof CURVES;

/** RSA sizes in bits. */
export const RSA_SIZES = [2048, 3072, 4096] as const;

export const RSA_OPERATIONS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"] as const;
export const EC_OPERATIONS = ["sign", "verify"] as const;

/** An EC public key: a real point of the curve. */
export function makeEcKey(curve: Curve, keyOps: readonly string[]): KeyPublicPart {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: CURVES[curve].openssl });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  return { kty: "EC", crv: curve, x, y, key_ops: [...keyOps] };
}

/**
 * An RSA public key of the right form: an odd modulus of exactly that many bits and the usual exponent.
 *
 * The modulus is random, not a product of two primes: finding primes takes up to a second of both processors, and no
 * private operation is ever computed from it (`key-cipher.ts` stands in for them).
 */
export function makeRsaKey(bits: number, exponent: number, keyOps: readonly string[]): KeyPublicPart {
  const modulus = randomBytes(bits / 8);
  modulus.writeUInt8(modulus.readUInt8(0) | 0x80, 0);
  modulus.writeUInt8(modulus.readUInt8(modulus.length - 1) | 0x01, modulus.length - 1);
  const exponentBytes = Buffer.from(exponent.toString(16).padStart(6, "0"), "hex");
  return {
    kty: "RSA",
    n: modulus.toString("base64url"),
    e: exponentBytes.toString("base64url"),
    key_ops: [...keyOps],
  };
}

/** Bits of an RSA modulus; undefined for curves, whose size the audit row does not tell. */
export function keySize(jwk: KeyPublicPart): number | undefined {
  return jwk.n === undefined ? undefined : Buffer.from(jwk.n, "base64url").length * 8;
}

/** Type guard for the names of curves. */
export function isCurve(name: string): name is Curve {
  return name in CURVES;
}
