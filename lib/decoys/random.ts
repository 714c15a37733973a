import { randomFillSync } from "node:crypto";

/** Numbers evenly spread over [0, 1), 1 excluded. Passed in, so that a test or a replay is deterministic. */
export type Random = () => number;

const NUMBER_BYTES = 8;
/** A call of the generator costs about as much for many numbers as for one, and choosing a name draws hundreds. */
const DRAWN_AT_ONCE = 512;

/** The random source for everything that is planted: 53 bits of the operating system's generator per call. */
export const secureRandom: Random = drawnAhead();

function drawnAhead(): Random {
  const bytes = Buffer.alloc(DRAWN_AT_ONCE * NUMBER_BYTES);
  let at = bytes.length;
  return () => {
    if (at === bytes.length) {
      randomFillSync(bytes);
      at = 0;
    }
    const number = (bytes.readUInt32BE(at) >>> 5) * 2 ** 26 + (bytes.readUInt32BE(at + 4) >>> 6);
    // What a value was made from does not stay in memory.
    bytes.fill(0, at, at + NUMBER_BYTES);
    at += NUMBER_BYTES;
    return number / 2 ** 53;
  };
}

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
