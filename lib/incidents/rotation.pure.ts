import type { ReadObject } from "./incident.pure";

/** How much of an object the operations gave away: its value, its use, or only what is public. */
export type Exposure = "value" | "use" | "public";

const VALUE = new Set(["SecretGet", "SecretBackup", "KeyBackup", "CertificateBackup"]);
const PUBLIC = new Set(["KeyGet", "CertificateGet", "KeyEncrypt"]);

export function exposureOf({ kind, operations }: Pick<ReadObject, "kind" | "operations">): Exposure {
  if (operations.some((operation) => VALUE.has(operation))) return "value";
  // The secret of a certificate's name holds its private key.
  if (kind === "secrets") return "value";
  return operations.every((operation) => PUBLIC.has(operation)) ? "public" : "use";
}

const KINDS = ["secrets", "certificates", "keys"];
const EXPOSURES: readonly Exposure[] = ["value", "use", "public"];

/**
 * What a caller read, what has to be rotated first at the top: secrets before certificates and keys, values before uses
 * before what is public anyway; then by how often it was read, then by how near to the touch.
 */
export function rankForRotation(objects: readonly ReadObject[]): ReadObject[] {
  const rank = (object: ReadObject) => [
    KINDS.includes(object.kind) ? KINDS.indexOf(object.kind) : KINDS.length,
    EXPOSURES.indexOf(exposureOf(object)),
    -object.reads,
    object.seconds,
  ];
  return objects.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    for (const [i, value] of left.entries()) {
      const difference = value - (right[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return `${a.vaultId}/${a.name}`.localeCompare(`${b.vaultId}/${b.name}`);
  });
}
