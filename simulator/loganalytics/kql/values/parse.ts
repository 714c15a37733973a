import type { Json } from "../types";

const INTEGER = /^[+-]?\d{1,19}$/;
const HEX = /^[+-]?0x[0-9a-f]{1,16}$/i;
const REAL = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:e[+-]?\d{1,3})?$/i;
const GUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

const LONG_LIMIT = 2 ** 63;

/** Reads a whole number, decimal or `0x` hexadecimal. Null when the text is none, or beyond 64 bits. */
export function parseLong(text: string): number | null {
  const trimmed = text.trim();
  if (INTEGER.test(trimmed)) {
    const value = Number(trimmed);
    return Math.abs(value) <= LONG_LIMIT ? value : null;
  }
  if (!HEX.test(trimmed)) return null;
  const negative = trimmed.startsWith("-");
  const value = Number(trimmed.replace(/^[+-]/, ""));
  return negative ? -value : value;
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
      return parseLong(trimmed);
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

/** Reads JSON as `parse_json()` does: what is not JSON stays the text it was; empty text is null. */
export function parseJson(text: string): Json {
  if (text.trim() === "") return null;
  try {
    // JSON.parse gives nothing but JSON.
    return JSON.parse(text) as Json;
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
