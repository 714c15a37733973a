/** An address of either kind as one number of 128 bits, IPv4 in its mapped form, with the bits of its network. */
export interface Address {
  value: bigint;
  /** Of 128; an IPv4 prefix of 24 is 120 here. */
  bits: number;
}

const MAPPED = 0xffff_0000_0000n;
const ALL = (1n << 128n) - 1n;

/** Reads `a.b.c.d` with or without `/n`. */
export function parseV4(text: string): Address | null {
  const match = /^\s*(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?\s*$/.exec(text);
  if (!match) return null;
  const octets = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (octets.some((octet) => octet > 255) || bits > 32) return null;
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { value: MAPPED + BigInt(value), bits: bits + 96 };
}

function groupsOf(text: string): number[] | null {
  if (text === "") return [];
  const groups = text
    .split(":")
    .map((group) => (/^[0-9a-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : Number.NaN));
  return groups.some(Number.isNaN) ? null : groups;
}

/** Reads an IPv6 address, or an IPv4 one as its mapped form, with or without `/n`. */
export function parseAddress(text: string): Address | null {
  const v4 = parseV4(text);
  if (v4) return v4;
  const match = /^\s*([0-9a-f:.]{2,45})(?:%[\w.]{1,32})?(?:\/(\d{1,3}))?\s*$/i.exec(text);
  if (!match) return null;
  const bits = match[2] === undefined ? 128 : Number(match[2]);
  let body = match[1] ?? "";
  const tail = /(\d{1,3}(?:\.\d{1,3}){3})$/.exec(body)?.[1];
  if (tail !== undefined) {
    const low = parseV4(tail);
    if (!low) return null;
    const value = Number(low.value & 0xffff_ffffn);
    body = `${body.slice(0, -tail.length)}${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
  }
  const halves = body.split("::");
  if (bits > 128 || halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? "");
  const rest = halves.length === 2 ? groupsOf(halves[1] ?? "") : [];
  if (!head || !rest) return null;
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...rest];
  return { value: groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n), bits };
}

/** The address with all but its first bits cut off. */
export function networkOf(value: bigint, bits: number): bigint {
  return bits <= 0 ? 0n : value & (ALL << BigInt(128 - bits)) & ALL;
}

/** Eight groups of four digits, as the service writes them. */
export function formatV6(value: bigint): string {
  return (value.toString(16).padStart(32, "0").match(/.{4}/g) ?? []).join(":");
}

/** `a.b.c.d` of the low 32 bits. */
export function formatV4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
