import type { Json } from "../json";
import { TemplateError } from "./errors";

/** Equality as conditions have it: text without case, numbers and booleans as their text, the rest by its JSON. */
export function sameValue(left: Json, right: Json): boolean {
  return left === right || keyOf(left) === keyOf(right);
}

/** The form in which two equal values are the same text. */
export function keyOf(value: Json): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).toLowerCase();
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Below, at or above zero as `left` comes before, with or after `right`: numbers by size, dates (ISO 8601) by time, text
 * without case. Throws `TemplateError` when the two are of different kinds.
 */
export function compareValues(left: Json | undefined, right: Json | undefined): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "number" && typeof right === "string" && isNumeric(right)) return left - Number(right);
  if (typeof left === "string" && typeof right === "number" && isNumeric(left)) return Number(left) - right;
  if (typeof left === "string" && typeof right === "string") {
    if (DATE.test(left) && DATE.test(right)) return Date.parse(left) - Date.parse(right);
    const [a, b] = [left.toLowerCase(), right.toLowerCase()];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  throw new TemplateError("The two sides of a comparison are of different kinds.");
}

function isNumeric(text: string): boolean {
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text);
}
