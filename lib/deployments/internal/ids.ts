import "server-only";
import { createHash } from "node:crypto";

/**
 * A GUID that is a function of its parts, so that the same step done twice names the same thing in Azure, and what a
 * lost database had made can be found again. Version 8 of RFC 9562: bits of our own choosing.
 */
export function guidOf(...parts: string[]): string {
  const hash = createHash("sha256")
    .update(parts.map((part) => `${part.length}:${part}`).join(""))
    .digest("hex");
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}

/** The id of the decoy that an attempt at an item chose as its `index`th: what an earlier attempt chose has another. */
export function decoyIdOf({ id, attempt }: { id: string; attempt: number }, index: number): string {
  return guidOf("decoy", id, String(attempt), String(index));
}
