import { z } from "zod";

/** What a rule put into an alert, by name. Each detail is a list; a cell that was a list itself is one value, its JSON text. */
export type CustomDetails = Readonly<Record<string, readonly unknown[]>>;

const Details = z.record(z.string(), z.array(z.unknown()));
const Texts = z.array(z.union([z.string(), z.number().transform(String)]));

/**
 * The custom details of an alert, from the JSON text that Sentinel keeps or from what a query made of that. Alerts of other
 * rules have none, and what is not understood says nothing either.
 */
export function customDetails(raw: unknown): CustomDetails {
  return Details.safeParse(typeof raw === "string" ? jsonIn(raw) : raw).data ?? {};
}

/**
 * The texts in one value of a detail: those of a list, or the value itself. Undefined where it begins as a list and is
 * none: Sentinel cuts details that grow too long.
 */
export function textsInValue(value: unknown): string[] | undefined {
  const text = String(value);
  if (!text.startsWith("[")) return [text];
  return Texts.safeParse(jsonIn(text)).data;
}

/**
 * All the texts of a detail, each once: `["a", "[\"b\",\"c\"]"]` is a, b and c. A list that was cut off is a text like any
 * other.
 */
export function textsIn(detail: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(detail) ? detail : [detail];
  const texts = values
    .filter((value) => typeof value === "string" || typeof value === "number")
    .flatMap((value) => textsInValue(value) ?? [String(value)]);
  return [...new Set(texts)].filter((text) => text !== "");
}

/** What JSON in text says; undefined where it is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Lower-case id of the rule that raised an alert, by the alert's type: `{workspace's id}_{rule's id}` where a rule of the
 * workspace did, undefined otherwise. `lib/kql-parts/alert-rule.kql` is the same for queries.
 */
export function ruleIdOf(alertType: string): string | undefined {
  return /^[0-9a-f-]{36}_(.+)$/i.exec(alertType)?.[1]?.toLowerCase();
}
