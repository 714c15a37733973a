import { randomBytes } from "node:crypto";

/** Numbers evenly spread over [0, 1), 1 excluded. Passed in, so that a test or a replay is deterministic. */
export type Random = () => number;

/** The random source for everything that is planted: 53 bits of the operating system's generator per call. */
export const secureRandom: Random = () => {
  const bytes = randomBytes(8);
  return Number(bytes.readBigUInt64BE() >> 11n) / 2 ** 53;
};

/** A whole number from 0 up to but excluding `end`. */
export function below(end: number, random: Random): number {
  return Math.min(end - 1, Math.floor(random() * end));
}

/** One of `items`, all equally likely. Throws on an empty list. */
export function pick<T>(items: readonly T[], random: Random): T {
  if (items.length === 0) throw new Error("There is nothing to pick from.");
  // The index is within the list by construction; the cast spares a branch that cannot happen.
  return items[below(items.length, random)] as T;
}

/** `length` characters of `alphabet`, each equally likely. */
export function text(length: number, alphabet: string, random: Random): string {
  let made = "";
  for (let index = 0; index < length; index++) made += alphabet[below(alphabet.length, random)];
  return made;
}
