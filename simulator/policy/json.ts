import type { z } from "zod";

/** Plain JSON, as bodies, parameters and rules hold it. */
export type Json = z.core.util.JSONType;
export type JsonObject = { [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const OUTCOME = "then";

/** The rule of a definition. Made here because an object that is written with a `then` looks like a promise. */
export function policyRule(condition: Json, outcome: JsonObject): JsonObject {
  return Object.fromEntries([
    ["if", condition],
    [OUTCOME, outcome],
  ]);
}

/** A member by name without case, as ARM reads bodies and tags; only own members count. */
export function member(object: Json | undefined, name: string): Json | undefined {
  if (!isObject(object)) return undefined;
  if (Object.hasOwn(object, name)) return object[name];
  const wanted = name.toLowerCase();
  for (const key of Object.keys(object)) if (key.toLowerCase() === wanted) return object[key];
  return undefined;
}

/** The text of a member, or undefined when it is not text. */
export function textMember(object: Json | undefined, name: string): string | undefined {
  const value = member(object, name);
  return typeof value === "string" ? value : undefined;
}

/** Every text in a JSON value with the names that lead to it. */
export function* textsOf(
  value: Json,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; text: string }> {
  if (typeof value === "string") yield { path, text: value };
  else if (Array.isArray(value)) for (const item of value) yield* textsOf(item, path);
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield* textsOf(item, [...path, key]);
}
