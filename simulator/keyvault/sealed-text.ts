import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { TenantIdentity } from "../context";

/*
 * Backups and continuation tokens hold names and values that the caller must not be able to read from them. The key is a
 * function of the tenant: it makes the text opaque, as in Azure, and is no secret of anybody's.
 */

function keyOf(tenant: TenantIdentity, purpose: string): Buffer {
  return createHash("sha256").update(`${tenant.tenantId} ${purpose}`).digest();
}

/** base64url of the encrypted text; a different one at each call. */
export function seal(tenant: TenantIdentity, purpose: string, text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(tenant, purpose), iv);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
}

/** What `seal` was given, or undefined when the text was not sealed here for this purpose. */
export function unseal(tenant: TenantIdentity, purpose: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < 28) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", keyOf(tenant, purpose), bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
