import { createHash } from "node:crypto";
import { z } from "zod";
import { listAll } from "./listing";
import { MINUTE_MS, QUICK_MS, type Script, type Stage, type Step, type StepAnswer, VaultClient } from "./play";

/** Takes a backup of every secret and key: a blob that another vault of the subscription gives back in the clear. */
export function* backupThief({ vault }: Stage, { limit }: { limit: number }): Script {
  const client = new VaultClient(vault, "backup");
  yield client.handshake("/secrets");
  for (const collection of ["secrets", "keys"] as const) {
    const objects = (yield* listAll(client, collection)).filter(({ managed }) => !managed);
    for (const { name } of objects.slice(0, limit))
      yield client.post(`/${collection}/${name}/backup`, "Take a backup", undefined);
  }
}

const KeyBundle = z.looseObject({ key: z.looseObject({ kty: z.string(), crv: z.string().optional() }) });
const Result = z.looseObject({ value: z.string() });

/** Finds the keys, then signs, decrypts and unwraps with them; the key itself never leaves the vault. */
export function* keyUser({ vault }: Stage, { keys }: { keys: number }): Script {
  const client = new VaultClient(vault, "workload");
  yield client.handshake("/keys");
  const found = (yield* listAll(client, "keys")).filter(({ enabled }) => enabled);
  for (const { name } of found.slice(0, keys)) {
    const answer = yield client.get(`/keys/${name}`, "See what kind of key it is");
    const bundle = KeyBundle.safeParse(answer.body);
    if (bundle.success) yield* workWithKey(client, name, bundle.data.key.kty === "RSA");
  }
}

const DIGEST = createHash("sha256").update("transfer order").digest("base64url");
const CLEAR = Buffer.from("0123456789abcdef").toString("base64url");

/** Signing works with every kind of key; the rest needs an RSA key. Something must be encrypted before it can be decrypted. */
function* workWithKey(client: VaultClient, name: string, isRsa: boolean): Generator<Step, void, StepAnswer> {
  const post = (verb: string, note: string, alg: string, value: string) =>
    client.post(`/keys/${name}/${verb}`, note, { alg, value });
  yield post("sign", "Sign something of their own", isRsa ? "RS256" : "ES256", DIGEST);
  if (!isRsa) return;
  for (const [there, back, before, note] of [
    ["encrypt", "decrypt", "Encrypt something to decrypt", "Decrypt it"],
    ["wrapkey", "unwrapkey", "Wrap a data key", "Unwrap the data key"],
  ] as const) {
    const made = Result.safeParse((yield post(there, before, "RSA-OAEP-256", CLEAR)).body);
    if (made.success) yield post(back, note, "RSA-OAEP-256", made.data.value);
  }
}

const Settings = z.looseObject({ value: z.array(z.looseObject({ name: z.string() })) });
const ARM = "management.azure.com";
const SETTINGS_VERSION = "2021-05-01-preview";

/** Takes the audit log away first, waits until that works, then lists and reads. */
export function* logOffFirst({ vault }: Stage, { waitMinutes, reads }: { waitMinutes: number; reads: number }): Script {
  const path = `${vault.id}/providers/Microsoft.Insights/diagnosticSettings`;
  const arm = (method: Step["method"], rest: string, note: string): Step => ({
    after: QUICK_MS,
    note,
    actor: "person",
    service: "arm",
    method,
    host: ARM,
    path: `${path}${rest}`,
    query: { "api-version": SETTINGS_VERSION },
  });
  const settings = Settings.safeParse((yield arm("GET", "", "See where the vault's log goes")).body);
  for (const { name } of settings.data?.value ?? []) yield arm("DELETE", `/${name}`, "Remove the diagnostic setting");
  const client = new VaultClient(vault, "workload");
  const secrets = yield* listAll(client, "secrets", waitMinutes * MINUTE_MS);
  for (const { name } of secrets.filter(({ enabled }) => enabled).slice(0, reads))
    yield client.get(`/secrets/${name}/`, "Read the value");
}

/** Names that people try because they so often exist. */
const GUESSES = ["sql-password", "admin-password", "storage-access-key"];

/** Knocks at one vault after the other with a token that opens none of them. */
export function* deniedOutsider({ vaults }: Stage, { count }: { count: number }): Script {
  for (const [place, vault] of vaults.slice(0, count).entries()) {
    const client = new VaultClient(vault, "outsider");
    yield client.handshake("/secrets", place === 0 ? 0 : 4 * QUICK_MS);
    yield client.get("/secrets", "Try to list the secrets");
    for (const name of GUESSES) yield client.get(`/secrets/${name}/`, "Try a name that often exists");
  }
}
