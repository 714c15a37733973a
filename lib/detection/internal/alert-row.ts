import { z } from "zod";
import { customDetails, jsonIn, textsIn } from "@/lib/azure/alert-details.pure";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { AlertedTouches } from "./compare-touches";

/** The list of decoys in a row of the rule ends here, and one run has no room for more alerts of their own. */
const LISTED_MAX = 50;
const ALERTS_PER_RUN = 30;
/** An alert without the time of its first touch speaks of rows that arrived together; they are hardly further apart. */
const APART_MS = 30 * 60_000;

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** A row of `queries/alerts.kql`: two of its columns are JSON in text, and one property of them is again. */
export const AlertRow = z
  .object({ StartTime: time, EndTime: time, Entities: z.string(), ExtendedProperties: z.string() })
  .transform(({ StartTime, EndTime, Entities, ExtendedProperties }): AlertedTouches => {
    const properties = Properties.safeParse(jsonIn(ExtendedProperties)).data ?? {};
    const details = customDetails(properties["Custom Details"]);
    const detail = (name: string) => textsIn(details[name]);
    const decoys = [...detail("TokenKeys"), ...detail("Decoys")].map((text) => text.toLowerCase());
    const results = Number(properties["Search Query Results Overall Count"] ?? 0);
    const named = detail("Decoys").length;
    return {
      vaultIds: new Set((z.array(Entity).safeParse(jsonIn(Entities)).data ?? []).flatMap(vaultOf)),
      callers: new Set(detail("Caller").map((text) => text.toLowerCase())),
      decoys: new Set(decoys),
      complete: named > 0 && named < LISTED_MAX && results < ALERTS_PER_RUN,
      first: earliest(detail("FirstTouch")) ?? new Date(StartTime.getTime() - APART_MS),
      last: EndTime,
    };
  });

const Properties = z.record(z.string(), z.unknown());
const Entity = z.looseObject({ Type: z.string().optional(), ResourceId: z.string().optional() });

function vaultOf({ ResourceId }: z.infer<typeof Entity>): string[] {
  return ResourceId === undefined ? [] : [normaliseId(ResourceId)];
}

function earliest(texts: readonly string[]): Date | undefined {
  const times = texts.map((text) => Date.parse(text)).filter((each) => !Number.isNaN(each));
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}
