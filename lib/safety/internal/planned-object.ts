import "server-only";
import type { DecoyKind, PolicyObjection } from "../facts.pure";
import { UNKNOWN, type Value, valued } from "./policy-expression";

type Api = PolicyObjection["api"];

/** The type that a policy rule asks for, by the API through which an object is written. */
const TYPES: Readonly<Record<Api, Readonly<Record<DecoyKind, string>>>> = {
  data: { secret: "Microsoft.KeyVault.Data/vaults/secrets", key: "Microsoft.KeyVault.Data/vaults/keys" },
  arm: { secret: "Microsoft.KeyVault/vaults/secrets", key: "Microsoft.KeyVault/vaults/keys" },
};

const ABSENT: Value = { is: "absent" };

/**
 * What a decoy looks like to a policy, by alias without its type: enabled, without tags, content type or expiry; keys are RSA
 * with 2,048 bits in software. Names of aliases: the built-in Key Vault policies of Azure/azure-policy.
 */
const FIELDS: Readonly<Record<DecoyKind, (now: Date) => Readonly<Record<string, Value>>>> = {
  secret: (now) => ({ ...common(now), contenttype: ABSENT }),
  key: (now) => ({
    ...common(now),
    keytype: valued("RSA"),
    kty: valued("RSA"),
    keysize: valued(2048),
    ellipticcurvename: ABSENT,
    curvename: ABSENT,
  }),
};

function common(now: Date): Record<string, Value> {
  return {
    "attributes.enabled": valued(true),
    "attributes.createdon": valued(now.toISOString()),
    "attributes.notbefore": ABSENT,
    "attributes.nbf": ABSENT,
    "attributes.expireson": ABSENT,
    "attributes.exp": ABSENT,
  };
}

/** The field of the object that we would write, as a policy of this API sees it; unknown for what is not decided yet. */
export function fieldOf(api: Api, kind: DecoyKind, name: string, now: Date): Value {
  const lower = name.toLowerCase();
  if (lower === "type") return valued(TYPES[api][kind]);
  if (/^tags(\[|\.|$)/.test(lower)) return ABSENT;
  const prefix = `${TYPES[api][kind]}/`.toLowerCase();
  return (lower.startsWith(prefix) && FIELDS[kind](now)[lower.slice(prefix.length)]) || UNKNOWN;
}

const ABOUT: readonly (readonly [RegExp, string])[] = [
  [/expireson|attributes\.exp\b/i, "an expiry date"],
  [/contenttype/i, "a content type"],
  [/keytype|\/kty\b/i, "the type of key"],
  [/keysize/i, "the size of a key"],
  [/curvename/i, "the curve of a key"],
  [/objectname|"name"/i, "the name"],
  [/tags/i, "tags"],
];

/** What a rule looks at, in words for a person. */
export function aboutOf(rule: unknown): string[] {
  const text = JSON.stringify(rule) ?? "";
  return ABOUT.filter(([pattern]) => pattern.test(text)).map(([, words]) => words);
}
