import type { Context } from "./context";
import type { Model } from "./model";
import { worldGuid } from "./world/ids";

/** What was asked for at one moment, and how often. */
const asked = new WeakMap<Model, { moment: string; counts: Map<string, number> }>();

/**
 * A new GUID for what comes into being now: of a request, a version, an event. It follows from the seed, `what`, the time
 * and what the tenant has logged so far, so the same requests at the same times give the same ids, also after a restart;
 * asked again for the same thing at the same moment, it is another one.
 */
export function derivedGuid(context: Pick<Context, "settings" | "identity" | "model" | "now">, what: string): string {
  const moment = `${context.now()}/${context.model.logRows.size}`;
  let known = asked.get(context.model);
  if (known?.moment !== moment) {
    known = { moment, counts: new Map() };
    asked.set(context.model, known);
  }
  const before = known.counts.get(what) ?? 0;
  known.counts.set(what, before + 1);
  return worldGuid(context, `${what}/${moment}/${before}`);
}

/** The same as 32 hex digits, the form of a version of a secret or key. */
export function derivedHex(context: Pick<Context, "settings" | "identity" | "model" | "now">, what: string): string {
  return derivedGuid(context, what).replaceAll("-", "");
}
