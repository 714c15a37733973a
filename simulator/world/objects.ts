import type { ObjectVersion, VaultObject } from "../model";
import { secretValue } from "./names";
import type { DecoyPlan, VaultPlan } from "./plan";
import { Random } from "./random";
import {
  certificateTimeline,
  keyTimeline,
  secretTimeline,
  type VaultHabits,
  type VersionPlan,
  vaultHabits,
} from "./timeline";
import { SECRET_NOUNS } from "./words";

const DAY = 86_400_000;
// Shared by every object without tags: ten thousand vaults have far more than a hundred thousand objects.
const NO_TAGS: Record<string, string> = {};
const KEY_OPS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"];
const CURVE_OPS = ["sign", "verify"];

/** The collection key of an object. */
export function objectKey(vaultId: string, kind: "secret" | "key", name: string): string {
  return `${vaultId}/${kind === "secret" ? "secrets" : "keys"}/${name}`;
}

/**
 * Every object of a vault, decoys among them and shaped like the rest. A certificate shows as the key and the secret of
 * its name, both `managed`, with the same versions.
 */
export function vaultObjects(seed: number, vault: VaultPlan, firstStart: number): VaultObject[] {
  const random = new Random(`${seed}/objects/${vault.index}`);
  const habits = vaultHabits(seed, vault);
  const work: Work = { seed, vault, habits, random };
  const objects: VaultObject[] = [];
  for (const name of vault.secrets) objects.push(secret(work, name, firstStart));
  for (const name of vault.keys) objects.push(key(work, name, firstStart));
  for (const name of vault.certificates) objects.push(...certificate(work, name, firstStart));
  for (const name of vault.deleted) {
    const deletedAt = secretDeletedAt(seed, vault, name, firstStart);
    objects.push({
      ...secret(work, name, deletedAt),
      deletedAt,
      purgeAt: deletedAt + vault.retentionDays * DAY,
    });
  }
  for (const decoy of vault.decoys) objects.push(decoyObject(work, decoy));
  return objects;
}

/** When a person deleted this real secret, which can still be recovered. */
export function secretDeletedAt(seed: number, vault: VaultPlan, name: string, firstStart: number): number {
  const random = new Random(`${seed}/deletion/${vault.index}/${name}`);
  return firstStart - random.int(2, 25) * DAY + random.int(0, 6) * 3_600_000;
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

interface Work {
  seed: number;
  vault: VaultPlan;
  habits: VaultHabits;
  /** For what no log row ever names: values and public parts. */
  random: Random;
}

function secret({ seed, vault, habits, random }: Work, name: string, until: number): VaultObject {
  const contentType = contentTypeOf(habits, name);
  const versions = secretTimeline(seed, vault, habits, name, until).map(
    (plan): ObjectVersion => ({
      ...common(plan, habits.tags),
      ...(contentType !== undefined && { contentType }),
      value: secretValue(random, name),
    }),
  );
  return { vaultId: vault.id, kind: "secret", name, versions };
}

function contentTypeOf(habits: VaultHabits, name: string): string | undefined {
  if (habits.contentType !== "named") return habits.contentType;
  const plain = name.toLowerCase().replaceAll("-", "");
  return SECRET_NOUNS.find((noun) => plain.includes(noun.replaceAll("-", ""))) ?? "secret";
}

function key({ seed, vault, habits, random }: Work, name: string, until: number): VaultObject {
  const make = random.chance(0.75) ? rsa : curve;
  const versions = keyTimeline(seed, vault, habits, name, until).map(
    (plan): ObjectVersion => ({ ...common(plan, habits.tags), jwk: make(random) }),
  );
  return { vaultId: vault.id, kind: "key", name, versions };
}

/** The key and the secret that a certificate brings along. */
function certificate({ seed, vault, habits, random }: Work, name: string, until: number): VaultObject[] {
  const timeline = certificateTimeline(seed, vault, habits, name, until);
  const keys = timeline.map((plan): ObjectVersion => ({ ...common(plan), jwk: rsa(random) }));
  const secrets = timeline.map(
    (plan): ObjectVersion => ({
      ...common(plan),
      contentType: habits.certificateType,
      value: random.bytes(240).toString("base64"),
    }),
  );
  return [
    { vaultId: vault.id, kind: "key", name, versions: keys, managed: true },
    { vaultId: vault.id, kind: "secret", name, versions: secrets, managed: true },
  ];
}

function common({ version, enabled, created, expires }: VersionPlan, tags = NO_TAGS): ObjectVersion {
  return { version, enabled, created, updated: created, tags, ...(expires !== undefined && { expires }) };
}

function decoyObject({ vault, random }: Work, decoy: DecoyPlan): VaultObject {
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
