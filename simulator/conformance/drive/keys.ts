import { generateKeyPairSync } from "node:crypto";
import { all, type Stage } from "../stage";

/** The keys of a vault's data plane, and what is done with them. */
export async function driveKeys(stage: Stage): Promise<void> {
  const { clients, place, step, refused, raw } = stage;
  const client = clients.keys(place.vault.url);
  const name = "conformance-key";
  const made = await step("keys: create an RSA key", () =>
    client.createKey(name, "RSA", { keySize: 2048, tags: { made: "by hand" }, enabled: true }),
  );
  await step("keys: create an EC key", () => client.createEcKey("conformance-curve", { curve: "P-256" }));
  await step("keys: get the newest", () => client.getKey(name));
  await step("keys: get a version", () => client.getKey(name, { version: made?.properties.version ?? "" }));
  await refused("keys: get one that is not there", 404, () => client.getKey("nowhere"));
  await step("keys: list", () => all(client.listPropertiesOfKeys()));
  await step("keys: list versions", () => all(client.listPropertiesOfKeyVersions(name)));
  await step("keys: update", () =>
    client.updateKeyProperties(name, made?.properties.version ?? "", { tags: { made: "twice" } }),
  );
  await step("keys: update the newest", () =>
    raw("PATCH", `${place.vault.url}/keys/${name}?api-version=7.6`, { attributes: { enabled: true } }),
  );
  await step("keys: rotate", () => client.rotateKey(name));
  await step("keys: rotation policy", () => client.getKeyRotationPolicy(name));
  await step("keys: set the rotation policy", () =>
    client.updateKeyRotationPolicy(name, {
      expiresIn: "P90D",
      lifetimeActions: [{ action: "Rotate", timeBeforeExpiry: "P30D" }],
    }),
  );
  await step("keys: rotation policy that was set", () => client.getKeyRotationPolicy(name));
  await step("keys: import", () => client.importKey("conformance-import", importable()));
  await driveCryptography(stage, made?.id ?? "");
  const backup = await step("keys: back up", () => client.backupKey(name));
  await step("keys: delete", () => client.beginDeleteKey(name, { intervalInMs: 1 }));
  await step("deleted keys: list", () => all(client.listDeletedKeys()));
  await step("deleted keys: get", () => client.getDeletedKey(name));
  await step("deleted keys: recover", () => client.beginRecoverDeletedKey(name, { intervalInMs: 1 }));
  await step("keys: delete for good", async () => {
    await (await client.beginDeleteKey(name, { intervalInMs: 1 })).pollUntilDone();
    await client.purgeDeletedKey(name);
  });
  await step("keys: restore", () => client.restoreKeyBackup(backup ?? new Uint8Array()));
}

let made: JsonWebKey | undefined;

/** A key of our own making, as the service takes it; the same one in every run, since making one takes long. */
function importable() {
  made ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
  const jwk = made;
  const bytes = (text = "") => new Uint8Array(Buffer.from(text, "base64url"));
  return {
    kty: "RSA",
    keyOps: ["encrypt", "decrypt"],
    n: bytes(jwk.n),
    e: bytes(jwk.e),
    d: bytes(jwk.d),
    p: bytes(jwk.p),
    q: bytes(jwk.q),
    dp: bytes(jwk.dp),
    dq: bytes(jwk.dq),
    qi: bytes(jwk.qi),
  };
}

/** The client would encrypt, verify and wrap with the public part by itself, so those go to the service by hand. */
async function driveCryptography({ place, step, raw }: Stage, keyId: string): Promise<void> {
  const newest = `${place.vault.url}/keys/conformance-key`;
  for (const [way, at] of [
    ["a version", keyId],
    ["the newest", newest],
  ] as const) {
    const use = (verb: string, body: unknown) => raw("POST", `${at}/${verb}?api-version=7.6`, body);
    const text = Buffer.from("a short text").toString("base64url");
    const digest = Buffer.alloc(32, 7).toString("base64url");
    const result = (answer: unknown) =>
      typeof answer === "object" && answer !== null && "value" in answer ? answer.value : undefined;
    const sealed = await step(`keys: encrypt with ${way}`, () => use("encrypt", { alg: "RSA-OAEP-256", value: text }));
    await step(`keys: decrypt with ${way}`, () => use("decrypt", { alg: "RSA-OAEP-256", value: result(sealed) }));
    const wrapped = await step(`keys: wrap with ${way}`, () => use("wrapkey", { alg: "RSA-OAEP-256", value: digest }));
    await step(`keys: unwrap with ${way}`, () => use("unwrapkey", { alg: "RSA-OAEP-256", value: result(wrapped) }));
    const signed = await step(`keys: sign with ${way}`, () => use("sign", { alg: "RS256", value: digest }));
    await step(`keys: verify with ${way}`, () => use("verify", { alg: "RS256", digest, value: result(signed) }));
  }
}
