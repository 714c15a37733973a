/**
 * The path of a call to Azure as a template: words that a service's own description has stay, every name and id becomes
 * `{}`. Where a name may stand is decided by position and not by looks, since a decoy can be called anything.
 */
export function azureTemplate(service: string, pathname: string): string {
  const parts = pathname.split("/").filter((part) => part !== "");
  const kept = service === "keyVault" ? keyVault(parts) : service === "entra" ? entra(parts) : pairs(parts);
  return `/${kept.join("/")}`;
}

const KEY_VAULT_WORDS = new Set([
  "secrets",
  "keys",
  "certificates",
  "deletedsecrets",
  "deletedkeys",
  "deletedcertificates",
]);
const NAME = "{}";

/** `/secrets/{name}/{version}`: only the first word is the service's. */
function keyVault(parts: readonly string[]): string[] {
  return parts.map((part, index) => (index === 0 && KEY_VAULT_WORDS.has(part.toLowerCase()) ? part : NAME));
}

/** `/{tenant}/oauth2/v2.0/token`: only the first part is a name. */
function entra(parts: readonly string[]): string[] {
  return parts.map((part, index) =>
    index > 0 && /^(oauth2|discovery|v2\.0|token|keys|\.well-known|openid-configuration)$/.test(part) ? part : NAME,
  );
}

const VERSION = /^v\d+(\.\d+)?$/;
const TYPE = /^[A-Za-z][A-Za-z0-9_.]{1,60}$/;
/** Words that stand alone before the first pair: `/v1.0/security/incidents/{id}`. */
const ALONE = new Set(["security"]);

/** ARM, logs and Graph: a type and a name take turns; `providers` is followed by a namespace, which names nobody. */
function pairs(parts: readonly string[]): string[] {
  let typeNext = true;
  return parts.map((part, index) => {
    if (index <= 1 && typeNext && (VERSION.test(part) || ALONE.has(part))) return part;
    if (parts[index - 1] === "providers" && !typeNext) {
      typeNext = true;
      return TYPE.test(part) ? part : NAME;
    }
    const type = typeNext;
    typeNext = !typeNext;
    return type && TYPE.test(part) ? part : NAME;
  });
}
