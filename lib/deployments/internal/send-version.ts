import "server-only";
import { createHmac } from "node:crypto";
import { createKeyOnce, setSecretOnce, type Written } from "@/lib/azure/key-vault";
import { vaultIdParts } from "@/lib/azure/resource-id.pure";
import { createKeyByArm } from "@/lib/azure/vault-keys";
import type { ServiceContext } from "@/lib/context";
import { secureRandom } from "@/lib/decoys/random";
import { makeValue } from "@/lib/decoys/values";
import type { Decoy } from "@/lib/store/decoys";
import { attributesAt, keyShapeOf } from "./decoy-plan";
import type { StepJob } from "./outcome";
import { wayOf } from "./reach";

/** A value of the right shape for the decoy's name; undefined for a key, which the vault makes. Never stored. */
export function valueFor({ kind, name }: Pick<Decoy, "kind" | "name">): string | undefined {
  return kind === "secret" ? makeValue(name, secureRandom) : undefined;
}

/**
 * Sends one write of a decoy, once: its first version or a further one, with what it carries at `at`. The caller has
 * listed right before and recorded that it is about to be sent.
 *
 * @throws AppError when Azure refuses, or when its answer leaves it open (`isAmbiguous`)
 */
export function sendVersion(
  { service, run }: StepJob,
  decoy: Decoy,
  at: Date,
  value: string | undefined,
): Promise<Written> {
  const { planter } = service.azure;
  const vault = vaultIdParts(run.vaultId).name;
  const { name } = decoy;
  const { contentType, ...common } = attributesAt(decoy, at);
  if (value === undefined) {
    const key = { name, ...keyShapeOf(decoy), ...common };
    return wayOf(run) === "arm_key" ? createKeyByArm(planter, run.vaultId, key) : createKeyOnce(planter, vault, key);
  }
  return setSecretOnce(planter, vault, { name, value, contentType, ...common });
}

const hashKeys = new WeakMap<ServiceContext["db"], Promise<string>>();

/** Keyed hash of a value, to recognise a leak by; null for a key. */
export async function hashOf({ db }: ServiceContext, value: string | undefined): Promise<string | null> {
  if (value === undefined) return null;
  let key = hashKeys.get(db);
  if (!key) {
    key = db
      .selectFrom("tenant")
      .select("hash_key")
      .executeTakeFirstOrThrow()
      .then((row) => row.hash_key);
    hashKeys.set(db, key);
    key.catch(() => hashKeys.delete(db));
  }
  return createHmac("sha256", await key)
    .update(value)
    .digest("base64url");
}
