import { below, pick, type Random, text } from "./random";
import { tokensOf } from "./tokens";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const BASE62 = UPPER + LOWER + DIGITS;
const BASE64 = `${BASE62}+/`;
const BASE64_URL = `${BASE62}-_`;
const HEX = "0123456789abcdef";
const SYMBOLS = "!#$%*-_+?.";

/**
 * A value whose shape fits the name and that opens nothing: all secret parts are random, and every host in it is one
 * that no public resolver knows (a private address or an internal name), so that whoever tries it reaches nobody.
 * It carries no vendor's key prefix, which scanners would report to that vendor. Pass `secureRandom` for planting.
 */
export function makeValue(name: string, random: Random): string {
  let value = shapedFor(name, random);
  // Chance may spell one, about once in a hundred thousand values.
  while (VENDOR_PREFIX.test(value)) value = shapedFor(name, random);
  return value;
}

/** How keys of well-known vendors begin; secret scanners report what begins so. */
export const VENDOR_PREFIX = /^(AKIA|ASIA|ghp_|gho_|sk_live|sk-|xox[bap]-|AIza|glpat-|npm_)/;

function shapedFor(name: string, random: Random): string {
  const words = new Set(tokensOf(name));
  const has = (...candidates: string[]) => candidates.some((word) => words.has(word));
  if (has("connectionstring", "connstr", "connstring", "dsn") || (has("connection", "conn") && !has("id"))) {
    return connectionString(has, random);
  }
  if (has("url", "uri", "endpoint", "webhook"))
    return `https://${host(random)}/${pick(PATHS, random)}/${text(32, BASE62, random)}`;
  if (has("password", "passwd", "pwd", "pass", "passphrase", "pfx")) return password(random);
  if (has("client", "clientsecret") && has("secret", "clientsecret")) return clientSecret(random);
  if (has("id") || (has("client", "tenant", "app") && has("guid"))) return guid(random);
  if (has("user", "username", "login")) return `svc-${text(6, LOWER, random)}${text(2, DIGITS, random)}`;
  if (has("sas", "token", "jwt")) return text(43 + below(22, random), BASE64_URL, random);
  if (has("storage", "blob") && has("key")) return base64(64, random);
  if (has("access", "primary", "secondary", "bus", "events") && has("key")) return base64(32, random);
  if (has("api", "apikey")) return pick([() => text(32, HEX, random), () => text(40, BASE62, random)], random)();
  if (has("salt", "hmac", "signing", "encryption")) return base64(32, random);
  return pick([() => text(32, BASE62, random), () => base64(32, random), () => password(random)], random)();
}

const PATHS = ["hooks", "ingest", "v1/events", "api/push", "notify"] as const;

/** Private addresses (RFC 1918), single labels and names that only an internal zone could hold. */
function host(random: Random): string {
  const label = `${pick(["sql", "db", "app", "srv", "svc", "int", "data"], random)}${text(2 + below(3, random), LOWER, random)}${text(2, DIGITS, random)}`;
  return pick(
    [
      () => `10.${below(256, random)}.${below(256, random)}.${1 + below(254, random)}`,
      () => `172.${16 + below(16, random)}.${below(256, random)}.${1 + below(254, random)}`,
      () => label,
      () => `${label}.${pick(["internal", "corp", "lan", "intra", "local"], random)}`,
    ],
    random,
  )();
}

function connectionString(has: (...words: string[]) => boolean, random: Random): string {
  const target = host(random);
  const secret = password(random).replaceAll(/[;=]/g, "x");
  const user = `${pick(["svc", "app", "usr"], random)}_${text(5, LOWER, random)}`;
  const database = text(7, LOWER, random);
  if (has("storage", "blob", "queue", "share")) {
    const account = text(4, LOWER, random) + text(10, LOWER + DIGITS, random);
    return `DefaultEndpointsProtocol=https;AccountName=${account};AccountKey=${base64(64, random)};BlobEndpoint=https://${target}/${account};`;
  }
  if (has("bus", "servicebus", "events", "eventhub")) {
    return `Endpoint=sb://${target}/;SharedAccessKeyName=${pick(["send", "listen", "manage"], random)}-${text(4, LOWER, random)};SharedAccessKey=${base64(32, random)}`;
  }
  if (has("redis", "cache")) return `${target}:6380,password=${base64(32, random)},ssl=True,abortConnect=False`;
  if (has("postgres", "pg"))
    return `Host=${target};Port=5432;Database=${database};Username=${user};Password=${secret};Ssl Mode=Require`;
  if (has("mysql"))
    return `Server=${target};Port=3306;Database=${database};Uid=${user};Pwd=${secret};SslMode=Required;`;
  return `Server=tcp:${target},1433;Initial Catalog=${database};Persist Security Info=False;User ID=${user};Password=${secret};MultipleActiveResultSets=False;Encrypt=True;Connection Timeout=30;`;
}

/** 16 to 24 characters with one of each class somewhere, as most policies want. */
function password(random: Random): string {
  const characters = [...text(14 + below(8, random), BASE62, random), text(1, DIGITS, random), text(1, UPPER, random)];
  characters.splice(1 + below(characters.length - 1, random), 0, text(1, SYMBOLS, random));
  characters.splice(below(characters.length, random), 0, text(1, LOWER, random));
  return characters.slice(0, 24).join("");
}

/** The shape that Entra gives client secrets since 2021: 40 characters, `8Q~` after the third. */
function clientSecret(random: Random): string {
  return `${text(3, BASE62, random)}8Q~${text(34, `${BASE64_URL}.~`, random)}`;
}

/** What `bytes` random bytes look like in base 64, padding included. */
function base64(bytes: number, random: Random): string {
  const rest = bytes % 3;
  const whole = text(((bytes - rest) / 3) * 4, BASE64, random);
  // The last character before padding holds 4 or 2 bits, so only every fourth or sixteenth can stand there.
  if (rest === 1) return `${whole}${text(1, BASE64, random)}${text(1, "AQgw", random)}==`;
  if (rest === 2) return `${whole}${text(2, BASE64, random)}${text(1, "AEIMQUYcgkosw048", random)}=`;
  return whole;
}

function guid(random: Random): string {
  const part = (length: number) => text(length, HEX, random);
  return `${part(8)}-${part(4)}-4${part(3)}-${text(1, "89ab", random)}${part(3)}-${part(12)}`;
}
