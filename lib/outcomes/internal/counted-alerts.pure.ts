import { z } from "zod";
import { customDetails, textsIn } from "@/lib/azure/alert-details.pure";
import { byTouches, type ToldTouches } from "@/lib/detection/repeats.pure";
import { alertDetails } from "@/lib/drills/alert-details.pure";
import type { CountedAlert } from "./count.pure";

/** A row of queries/alerts.kql. */
export const AlertColumns = z.object({ RuleId: z.string(), Details: z.unknown(), Classifications: z.unknown() });
export type AlertColumns = z.infer<typeof AlertColumns>;

interface Shaped {
  alert: CountedAlert;
  told: ToldTouches | undefined;
}

/** The alerts about touches, each touch told once: what a scheduled rule raised again for the same rows is one alert. */
export function countedAlerts(rows: readonly AlertColumns[]): CountedAlert[] {
  return byTouches(rows.flatMap(shapedOf), ({ told }) => told).flatMap((same) =>
    joined(same.map(({ alert }) => alert)),
  );
}

/** The repeats may lie in different incidents: what was found in any of them holds for the touches. */
function joined(same: readonly CountedAlert[]): CountedAlert[] {
  const [first] = same;
  if (!first) return [];
  return [
    {
      ...first,
      excepted: same.some(({ excepted }) => excepted),
      classifications: [...new Set(same.flatMap(({ classifications }) => classifications))],
    },
  ];
}

/** An alert of a touch; other rules of ours tell of none. */
function shapedOf({ RuleId, Details, Classifications }: AlertColumns): Shaped[] {
  const { caller, tokenKeys, touches: counted, firstTouch, lastTouch } = alertDetails(Details);
  if (!tokenKeys) return [];
  // An alert says at least one touch, also where its number was cut off.
  const touches = counted ?? 1;
  const alert = {
    caller,
    touches,
    tokenKeys,
    excepted: textsIn(customDetails(Details).Exceptions).length > 0,
    classifications: textsIn(Classifications),
  };
  const told = firstTouch && {
    rule: RuleId,
    vaults: vaultsOf(tokenKeys),
    callers: caller === undefined ? [] : [caller],
    first: firstTouch.toISOString(),
    last: lastTouch?.toISOString() ?? "",
    touches,
  };
  return [{ alert, told }];
}

function vaultsOf(tokenKeys: readonly string[]): string[] {
  return [...new Set(tokenKeys.map((key) => key.split("/").slice(0, -2).join("/")))];
}
