import "server-only";
import { sameSetting } from "@/lib/detection/same-setting";
import type { Change } from "./pack.pure";

/**
 * Which of the properties that we would write a rule of the workspace has otherwise. What the service adds by itself or
 * writes in another way does not count.
 */
export function changesBetween(
  present: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): Change[] {
  return Object.entries(wanted).flatMap(([property, after]) => {
    const before = present[property];
    if (sameSetting(property, before, after)) return [];
    return [{ property, before: textOf(before), after: textOf(after) }];
  });
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
