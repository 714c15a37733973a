import type { Json, Value } from "../types";

function rank(value: Value): number {
  if (typeof value === "boolean") return 0;
  if (typeof value === "number") return 1;
  return typeof value === "string" ? 2 : 3;
}

/** Orders two values that are not null: numbers by size, text by code unit, the rest by its JSON. */
export function compareValues(left: Json, right: Json): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  const difference = rank(left) - rank(right);
  if (difference !== 0) return difference;
  if (typeof left === "boolean" || typeof right === "boolean") return Number(left) - Number(right);
  return compareValues(JSON.stringify(left), JSON.stringify(right));
}

/** Whether two values are the same, bags and arrays by their content. */
export function sameValue(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  return JSON.stringify(left) === JSON.stringify(right);
}

/** A text that two values share exactly when they are equal; for grouping, joining and sets. */
export function keyOf(value: Value): string {
  if (typeof value === "string") return `s${value}`;
  if (typeof value === "number") return `n${value}`;
  if (value === null) return "0";
  return typeof value === "boolean" ? `b${value}` : `j${JSON.stringify(value)}`;
}
