import type { ObjectVersion, VaultObject } from "../model";
import { secretValue } from "./names";
import type { DecoyPlan, VaultPlan } from "./plan";
import { Random } from "./random";

const DAY = 86_400_000;
// Shared by every object without tags: ten thousand vaults have far more than a hundred thousand objects.
const NO_TAGS: Record<string, string> = {};
const KEY_OPS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"];
const CURVE_OPS = ["sign", "verify"];

/** The collection key of an object. */
export function objectKey(vaultId: string, kind: "secret" | "key", name: string): string {
  return `${vaultId}/${kind === "secret" ? "secrets" : "keys"}/${name}`;
}

/** Every object of a vault, decoys among them and shaped like the rest. */
export function vaultObjects(seed: number, vault: VaultPlan, firstStart: number): VaultObject[] {
  const random = new Random(`${seed}/objects/${vault.index}`);
  const objects: VaultObject[] = [];
  for (const name of vault.secrets) objects.push(secret(random, vault, name, firstStart));
  for (const name of vault.keys) objects.push(key(random, vault, name, firstStart));
  for (const name of vault.deleted) {
    const deletedAt = firstStart - random.int(2, 25) * DAY;
    objects.push({
      ...secret(random, vault, name, deletedAt),
      deletedAt,
      purgeAt: deletedAt + vault.retentionDays * DAY,
    });
  }
  for (const decoy of vault.decoys) objects.push(decoyObject(random, vault, decoy));
  return objects;
}

/** When a person deleted this decoy; undefined for a vault whose decoys still stand. */
export function decoyDeletedAt(vault: VaultPlan, decoy: DecoyPlan): number | undefined {
  // Some days after planting, always before the first start: planting lies at least six days back.
  return vault.register === "deleted" ? decoy.plantedAt + 4 * DAY + (vault.index % 7) * 3_600_000 : undefined;
}

/** The one version of a decoy, which its planting row names too. */
export function decoyVersion(vault: VaultPlan, decoy: DecoyPlan): string {
  return new Random(`version/${vault.id}/${decoy.name}`).hex(32);
}

function secret(random: Random, vault: VaultPlan, name: string, until: number): VaultObject {
  const count = random.chance(0.3) ? random.int(2, 4) : 1;
  const age = until - vault.createdAt - DAY;
  const versions: ObjectVersion[] = [];
  for (let i = 0; i < count; i++) {
    const created = vault.createdAt + DAY + Math.floor((age * (i + random.next() * 0.8)) / count);
    versions.push({
      version: random.hex(32),
      enabled: !random.chance(0.03),
      created,
      updated: created,
      tags: NO_TAGS,
      value: secretValue(random, name),
    });
  }
  const newest = versions[versions.length - 1];
  if (newest && random.chance(0.25)) newest.expires = until + random.int(10, 300) * DAY;
  if (newest && random.chance(0.2)) newest.contentType = "text/plain";
  return { vaultId: vault.id, kind: "secret", name, versions };
}

function key(random: Random, vault: VaultPlan, name: string, until: number): VaultObject {
  const created = vault.createdAt + DAY + Math.floor((until - vault.createdAt - 2 * DAY) * random.next());
  const version: ObjectVersion = {
    version: random.hex(32),
    enabled: true,
    created,
    updated: created,
    tags: NO_TAGS,
    jwk: random.chance(0.75) ? rsa(random) : curve(random),
  };
  return { vaultId: vault.id, kind: "key", name, versions: [version] };
}

function decoyObject(random: Random, vault: VaultPlan, decoy: DecoyPlan): VaultObject {
  const version: ObjectVersion = {
    version: decoyVersion(vault, decoy),
    enabled: true,
    created: decoy.plantedAt,
    updated: decoy.plantedAt,
    tags: NO_TAGS,
    ...(decoy.kind === "secret" ? { value: secretValue(random, decoy.name) } : { jwk: rsa(random) }),
  };
  const deletedAt = decoyDeletedAt(vault, decoy);
  return {
    vaultId: vault.id,
    kind: decoy.kind,
    name: decoy.name,
    versions: [version],
    ...(deletedAt !== undefined && { deletedAt, purgeAt: deletedAt + vault.retentionDays * DAY }),
  };
}

/** A modulus of the right size and form; nobody holds a private part, so it need not be a product of primes. */
function rsa(random: Random): NonNullable<ObjectVersion["jwk"]> {
  const modulus = random.bytes(256);
  modulus[0] = (modulus[0] ?? 0) | 0x80;
  modulus[255] = (modulus[255] ?? 0) | 0x01;
  return { kty: "RSA", n: modulus.toString("base64url"), e: "AQAB", key_ops: KEY_OPS };
}

function curve(random: Random): NonNullable<ObjectVersion["jwk"]> {
  const coordinate = () => random.bytes(32).toString("base64url");
  return { kty: "EC", crv: "P-256", x: coordinate(), y: coordinate(), key_ops: CURVE_OPS };
}
