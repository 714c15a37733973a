import { customDetails, textsInValue } from "@/lib/azure/alert-details.pure";
import type { AlertDetails } from "./internal/evidence.pure";

/**
 * What one of our rules put into an alert. Sentinel drops details that grow too long, and other rules have none: what is
 * not there or not understood is undefined, never empty.
 */
export function alertDetails(raw: unknown): AlertDetails {
  const details = customDetails(raw);
  const one = (name: string): string | undefined => {
    const values = details[name];
    return values?.length === 1 ? String(values[0]) : undefined;
  };
  const touches = Number(one("Touches") ?? Number.NaN);
  return {
    caller: one("Caller")?.toLowerCase(),
    tokenKeys: list(details.TokenKeys),
    requestIds: list(details.RequestIds),
    touches: Number.isSafeInteger(touches) ? touches : undefined,
    firstTouch: time(one("FirstTouch")),
    lastTouch: time(one("LastTouch")),
  };
}

function list(values: readonly unknown[] | undefined): string[] | undefined {
  if (!values || values.length === 0) return undefined;
  const texts = values.map(textsInValue);
  return texts.includes(undefined) ? undefined : texts.flatMap((each) => each ?? []).map((text) => text.toLowerCase());
}

function time(text: string | undefined): Date | undefined {
  const at = new Date(text ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
