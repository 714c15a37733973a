import type { Random } from "../world/random";

const LONG = "a".repeat(1_000_000);

/** Texts that break careless code: names of every object, climbing paths, control characters, other scripts, too much. */
export const TEXTS: readonly string[] = [
  "",
  " ",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "..",
  "../../etc/passwd",
  "..\\..",
  "%2e%2e%2f",
  "\u0000",
  "\r\nx-injected: yes",
  "'; drop table vaults --",
  "' or 1 eq 1",
  '"><script>alert(1)</script>',
  "$" + "{7*7}",
  "[parameters('x')]",
  "[concat(",
  "| take 1",
  "\u202egnp.exe",
  "İıſK",
  "\ud800",
  "👩‍👩‍👧‍👦",
  "-0",
  "1e309",
  "NaN",
  "9007199254740993",
  "0x10",
  "null",
  "true",
  "P1D",
  "PT99999999999999999999H",
  "9999-99-99T99:99:99Z",
  "0001-01-01T00:00:00Z",
  "+275760-09-13T00:00:00.001Z",
  "00000000-0000-0000-0000-000000000000",
  "/subscriptions/",
  "//",
  "(".repeat(5000),
  "a*".repeat(2000),
];

/** JSON values of every wrong type, and some that are right but absurd. */
const VALUES: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1.5,
  () => 1e308,
  () => Number.MAX_SAFE_INTEGER,
  () => [],
  () => ({}),
  () => [[]],
  () => [null],
  () => ({ length: -1 }),
  () => JSON.parse('{"__proto__": {"polluted": true}}'),
  () => ({ constructor: { prototype: { polluted: true } } }),
  () => nested(2000),
  () => Array.from({ length: 3000 }, (_, index) => index),
  () => Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`key-${index}`, "x"])),
];

/** A text of the list, or rarely one of a million characters. */
export function hostileText(random: Random): string {
  return random.chance(0.01) ? LONG : random.pick(TEXTS);
}

export function hostileValue(random: Random): unknown {
  return random.chance(0.5) ? hostileText(random) : random.pick(VALUES)();
}

function nested(depth: number): unknown {
  let value: unknown = "deep";
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
