import { z } from "zod";
import { derivedHex } from "../derived-id";
import type { ObjectVersion, Vault } from "../model";
import type { VaultCall } from "./vault-call";
import { badParameter } from "./vault-errors";

const unixSeconds = z.int().min(0).nullish();

/** The settable attributes of an object, Unix seconds. */
export const AttributesInput = z.looseObject({
  enabled: z.boolean().nullish(),
  nbf: unixSeconds,
  exp: unixSeconds,
});

/** At most 15 tags of at most 512 characters each side (service limits of objects). */
export const TagsInput = z
  .record(z.string().max(512), z.string().max(512))
  .refine((tags) => Object.keys(tags).length <= 15, "the maximum number of tags is 15");

type Attributes = z.infer<typeof AttributesInput>;
type Common = Pick<ObjectVersion, "enabled" | "notBefore" | "expires" | "tags">;

interface CommonInput {
  attributes?: Attributes | null | undefined;
  tags?: Record<string, string> | null | undefined;
}

/** What is common to secrets and keys, for a new version or over an existing one; absent input leaves `base` as it is. */
export function withInput(input: CommonInput, base: Common): Common {
  const { enabled, nbf, exp } = input.attributes ?? {};
  const notBefore = nbf == null ? base.notBefore : nbf * 1000;
  const expires = exp == null ? base.expires : exp * 1000;
  if (notBefore !== undefined && expires !== undefined && expires <= notBefore)
    throw badParameter("Property attributes.exp has invalid value: it must be after attributes.nbf");
  return {
    enabled: enabled ?? base.enabled,
    tags: input.tags ?? base.tags,
    ...(notBefore !== undefined && { notBefore }),
    ...(expires !== undefined && { expires }),
  };
}

/** A new version made now. */
export function newVersion(call: VaultCall, input: CommonInput): ObjectVersion {
  const now = call.now();
  return {
    version: derivedHex(call, `version of ${call.request.host}${call.request.path}`),
    created: now,
    updated: now,
    ...withInput(input, { enabled: true, tags: {} }),
  };
}

/** The attributes as the service shows them: times in Unix seconds, recovery level from the vault's settings. */
export function attributesOf(vault: Vault, version: ObjectVersion): Record<string, unknown> {
  return {
    enabled: version.enabled,
    ...(version.notBefore !== undefined && { nbf: seconds(version.notBefore) }),
    ...(version.expires !== undefined && { exp: seconds(version.expires) }),
    created: seconds(version.created),
    updated: seconds(version.updated),
    recoveryLevel: recoveryLevel(vault),
    recoverableDays: vault.softDeleteRetentionInDays,
  };
}

/** `Customized...` when fewer than 90 days are kept; `...+Purgeable` unless purge protection is on (specification 7.5). */
function recoveryLevel(vault: Vault): string {
  const customized = vault.softDeleteRetentionInDays < 90 ? "Customized" : "";
  return `${customized}Recoverable${vault.enablePurgeProtection ? "" : "+Purgeable"}`;
}

/** Whole Unix seconds of a time in milliseconds. */
export function seconds(time: number): number {
  return Math.floor(time / 1000);
}
