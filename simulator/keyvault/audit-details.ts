import type { ObjectVersion, VaultObject } from "../model";
import { keySize } from "./key-material";
import type { Answer } from "./vault-call";

/** What the audit row tells of the object beside its id: kind of key, content type, whether it is enabled. */
export function auditDetails(object: VaultObject, version: ObjectVersion): Pick<Answer, "key" | "secret"> {
  if (object.kind === "secret")
    return {
      secret: {
        enabled: version.enabled,
        ...(version.contentType !== undefined && { contentType: version.contentType }),
      },
    };
  if (!version.jwk) return {};
  const size = keySize(version.jwk);
  return { key: { type: version.jwk.kty, enabled: version.enabled, ...(size !== undefined && { size }) } };
}
