import { KqlError } from "../errors";
import type { Json } from "../types";

const INTEGER = /^[+-]?\d{1,19}$/;
const HEX = /^[+-]?0x[0-9a-f]{1,16}$/i;
const REAL = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:e[+-]?\d{1,3})?$/i;
const GUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

const LONG_LIMIT = 2 ** 63;

/**
 * Reads a whole number, decimal or `0x` hexadecimal. Null when the text is none, or beyond 64 bits.
 * @throws KqlError `NotSupported` for one beyond 2^53, whose last digits would be lost.
 */
export function parseLong(text: string): number | null {
  const trimmed = text.trim();
  if (INTEGER.test(trimmed)) {
    const value = Number(trimmed);
    return Math.abs(value) <= LONG_LIMIT ? exactLong(value) : null;
  }
  return HEX.test(trimmed) ? exactLong(parseHex(trimmed)) : null;
}

function parseHex(text: string): number {
  const value = Number(text.replace(/^[+-]/, ""));
  return text.startsWith("-") ? -value : value;
}

/** @throws KqlError `NotSupported` for a whole number whose last digits a double does not hold. */
export function exactLong(value: number): number {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  throw new KqlError(
    "NotSupported",
    "a long beyond 2^53 is not supported by this engine: its last digits would be lost",
  );
}

/** Reads a real; also `nan`, `inf`, `+inf`, `-inf`. Null when the text is none. */
export function parseReal(text: string): number | null {
  const trimmed = text.trim();
  if (REAL.test(trimmed)) return Number(trimmed);
  switch (trimmed.toLowerCase()) {
    case "nan":
      return Number.NaN;
    case "inf":
    case "+inf":
    case "infinity":
      return Number.POSITIVE_INFINITY;
    case "-inf":
    case "-infinity":
      return Number.NEGATIVE_INFINITY;
    default:
      return HEX.test(trimmed) ? parseHex(trimmed) : null;
  }
}

export function parseBool(text: string): boolean | null {
  const lower = text.trim().toLowerCase();
  if (lower === "true" || lower === "1") return true;
  return lower === "false" || lower === "0" ? false : null;
}

/** Reads a GUID in any of the usual forms; lower case with dashes. */
export function parseGuid(text: string): string | null {
  const match = GUID.exec(text.trim());
  return match ? match.slice(1).join("-").toLowerCase() : null;
}

/** Texts in quotes, and numbers. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const WHOLE = /^-?\d{16,}$/;

/** Puts whole numbers beyond 2^53 in quotes, so that they keep their digits. */
function withLongsAsText(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  return text.replace(STRING_OR_NUMBER, (found) =>
    WHOLE.test(found) && !Number.isSafeInteger(Number(found)) ? `"${found}"` : found,
  );
}

/** Levels of JSON; what nests deeper stays text. */
const NESTING_MAX = 500;

function nestsTooDeeply(text: string): boolean {
  if (text.length <= 2 * NESTING_MAX) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "[" || letter === "{") depth++;
    else if (letter === "]" || letter === "}") depth--;
    if (depth > NESTING_MAX) return true;
  }
  return false;
}

/**
 * Reads JSON as `parse_json()` does: what is not JSON stays the text it was; empty text is null. Whole numbers beyond
 * 2^53 become text, since a double would change their last digits.
 */
export function parseJson(text: string): Json {
  if (text.trim() === "") return null;
  if (nestsTooDeeply(text)) return text;
  try {
    // JSON.parse gives nothing but JSON.
    return JSON.parse(withLongsAsText(text)) as Json;
  } catch {
    return text;
  }
}

export function isBag(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** A property of a bag; null when there is none. */
export function propertyOf(value: Json, name: string): Json {
  return isBag(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

/** An element of an array (negative counts from the end) or a property of a bag; null when there is none. */
export function elementOf(value: Json, by: Json): Json {
  if (isArray(value)) {
    if (typeof by !== "number") return null;
    return value[by < 0 ? value.length + by : by] ?? null;
  }
  return typeof by === "string" ? propertyOf(value, by) : null;
}
