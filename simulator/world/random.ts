/** A small fast generator (sfc32): the same seed text gives the same sequence on every machine. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: string) {
    this.a = fnv(seed, 0x811c9dc5);
    this.b = fnv(seed, 0x9e3779b9);
    this.c = fnv(seed, 0x85ebca6b);
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 random bits, unsigned. */
  bits(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[Math.floor(this.next() * list.length)];
    if (item === undefined) throw new Error("Nothing to pick from an empty list.");
    return item;
  }

  shuffle<T>(list: readonly T[]): T[] {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T]; // both indexes lie inside the copy
    }
    return copy;
  }

  /** Lower-case hex digits. */
  hex(digits: number): string {
    for (let i = 0; i < digits; i++) SCRATCH[i] = HEX[this.bits() & 15] ?? 0;
    return SCRATCH.toString("latin1", 0, digits);
  }

  bytes(count: number): Buffer {
    const buffer = Buffer.allocUnsafe(count);
    for (let i = 0; i < count; i++) buffer[i] = this.bits() & 0xff;
    return buffer;
  }

  /** Letters of an ASCII alphabet. Written through a buffer: text grown letter by letter is a tree that stays in memory. */
  text(alphabet: string, length: number): string {
    for (let i = 0; i < length; i++) SCRATCH[i] = alphabet.charCodeAt(this.int(0, alphabet.length - 1));
    return SCRATCH.toString("latin1", 0, length);
  }

  guid(): string {
    GUID.copy(SCRATCH);
    for (let place = 0, bits = 0, left = 0; place < 36; place++) {
      if (GUID[place] !== PLACEHOLDER) continue;
      if (left === 0) {
        bits = this.bits();
        left = 8;
      }
      SCRATCH[place] = HEX[bits & 15] ?? 0;
      bits >>>= 4;
      left--;
    }
    return SCRATCH.toString("latin1", 0, 36);
  }
}

/** Where text is put together; longer than any that is asked for. */
const SCRATCH = Buffer.alloc(256);

const HEX = Buffer.from("0123456789abcdef");
const GUID = Buffer.from("00000000-0000-4000-a000-000000000000");
const PLACEHOLDER = 0x30;

function fnv(text: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
