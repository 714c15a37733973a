import "server-only";
import { isDeepStrictEqual } from "node:util";

/**
 * True when a property of a rule in the workspace says what the one that we would write says. What the service adds or
 * writes in another way does not count: parts that ours does not have, line ends, the order of sets, the letter case of
 * its own names, empty lists, and durations told in another unit. Custom details are ours and are compared whole.
 */
export function sameSetting(property: string, present: unknown, wanted: unknown): boolean {
  return isDeepStrictEqual(plain(property, present, wanted), plain(property, wanted, wanted));
}

/** Properties whose values are names of the service's own, which it reads in any letter case. */
const NAMES = new Set(["severity", "aggregationKind", "matchingMethod", "entityType", "groupByEntities"]);

/** A value with only those parts that the wanted one has, in a form that can be compared. */
function plain(property: string, value: unknown, wanted: unknown): unknown {
  if (typeof value === "string") return plainText(property, value);
  if (Array.isArray(value)) return plainList(property, value, wanted);
  if (!isRecord(value)) return value ?? null;
  const names = isRecord(wanted) && property !== "customDetails" ? Object.keys(wanted) : Object.keys(value);
  return Object.fromEntries(
    names.toSorted().map((name) => [name, plain(name, value[name], isRecord(wanted) ? wanted[name] : undefined)]),
  );
}

function plainText(property: string, value: string): string | number {
  const text = value.replaceAll("\r\n", "\n");
  return NAMES.has(property) ? text.toLowerCase() : (secondsOf(text) ?? text);
}

function plainList(property: string, value: readonly unknown[], wanted: unknown): unknown {
  if (value.length === 0) return null;
  const like: unknown[] = Array.isArray(wanted) ? wanted : [];
  const items = value.map((item, place) => plain(property, item, like[place]));
  // Tactics and the like are sets; the service may give them in another order.
  return items.every((item) => typeof item === "string") ? items.toSorted() : items;
}

const MINUTE = 60;

/** Seconds of an ISO 8601 duration of days, hours, minutes and seconds; undefined for anything else. */
export function secondsOf(duration: string | undefined): number | undefined {
  const match = /^P(?=.*\d)(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration ?? "");
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, rest = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * MINUTE + rest;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
