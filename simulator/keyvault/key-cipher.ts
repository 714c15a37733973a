import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/*
 * Stand-ins for what needs a private key. The simulated vault keeps public parts only, so signatures and ciphertexts are
 * made with a symmetric key of the same key version. Within the simulated tenant they round-trip (verify accepts what
 * sign made, decrypt reads what encrypt wrote) and have the lengths of real ones; a client that verifies with the public
 * key by itself will not accept them.
 */

/** Bytes that RSA-OAEP with SHA-1 takes of the modulus; the greatest overhead that every algorithm here fits in. */
export const PADDING_BYTES = 42;

function symmetricKey(tenantId: string, keyVersionUri: string, purpose: string): Buffer {
  return createHmac("sha256", tenantId).update(`${purpose} ${keyVersionUri.toLowerCase()}`).digest();
}

/** A signature of `length` bytes over a digest, the same each time. */
export function standInSignature(tenantId: string, uri: string, algorithm: string, digest: Buffer, length: number) {
  const key = symmetricKey(tenantId, uri, "sign");
  const blocks: Buffer[] = [];
  for (let index = 0; index * 32 < length; index++)
    blocks.push(createHmac("sha256", key).update(`${algorithm} ${index} `).update(digest).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

/** Whether `signature` is what `standInSignature` makes of that digest. */
export function isStandInSignature(
  tenantId: string,
  uri: string,
  algorithm: string,
  digest: Buffer,
  signature: Buffer,
): boolean {
  return timingSafeEqual(standInSignature(tenantId, uri, algorithm, digest, signature.length), signature);
}

/** A ciphertext of `length` bytes; `plain` must be at most `length - PADDING_BYTES` long. */
export function standInEncrypt(tenantId: string, uri: string, plain: Buffer, length: number): Buffer {
  const iv = randomBytes(12);
  const padded = Buffer.alloc(length - 28);
  padded.writeUInt16BE(plain.length, 0);
  plain.copy(padded, 2);
  const cipher = createCipheriv("aes-256-gcm", symmetricKey(tenantId, uri, "encrypt"), iv);
  const body = Buffer.concat([cipher.update(padded), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** The plain text, or undefined when this key did not make the ciphertext. */
export function standInDecrypt(tenantId: string, uri: string, encrypted: Buffer): Buffer | undefined {
  if (encrypted.length < 30) return undefined;
  try {
    const key = symmetricKey(tenantId, uri, "encrypt");
    const decipher = createDecipheriv("aes-256-gcm", key, encrypted.subarray(0, 12));
    decipher.setAuthTag(encrypted.subarray(12, 28));
    const padded = Buffer.concat([decipher.update(encrypted.subarray(28)), decipher.final()]);
    return padded.subarray(2, 2 + padded.readUInt16BE(0));
  } catch {
    return undefined;
  }
}
