import type { VaultId } from "@/lib/azure/resource-id.pure";
import { exceptionIndex, type VaultException } from "@/lib/exceptions/exceptions.pure";
import type { NewVaultSettings } from "@/lib/settings/settings.pure";
import type { ItemState } from "./views.pure";

/** What our own tables say about vaults, by normalised vault id. */
export interface KnownVaults {
  /** Vaults whose settings the collector has read. */
  collected: ReadonlySet<string>;
  /** Vaults with a honeytoken in the register that is neither removed nor abandoned. */
  withDecoy: ReadonlySet<string>;
  /** How each vault's part in earlier deployments stands, and since when. A vault that is missing was in none. */
  deployed: ReadonlyMap<string, readonly { state: ItemState; at: Date }[]>;
}

/**
 * The vaults that the next nightly plan is about, in the order of `vaults`: seen by the collector, without a honeytoken,
 * never in a deployment or only in ones that failed there, neither excluded nor exempt. One that could not be planted in,
 * because its audit log was off say, is looked at again every week. None while nightly plans are off.
 *
 * @param vaults the vaults that there are now
 * @param exceptions those that hold now
 */
export function newVaultsToPlan(
  vaults: readonly VaultId[],
  known: KnownVaults,
  exceptions: readonly VaultException[],
  settings: Pick<NewVaultSettings, "nightlyPlan">,
  now: Date,
): VaultId[] {
  if (settings.nightlyPlan === "off") return [];
  const exceptionsAt = exceptionIndex(exceptions);
  return vaults.filter((id) => {
    const { exclusion, exemption } = exceptionsAt(id);
    return (
      known.collected.has(id) &&
      !known.withDecoy.has(id) &&
      (known.deployed.get(id) ?? []).every((part) => isOver(part, now)) &&
      !exclusion &&
      !exemption
    );
  });
}

/** Whether an earlier part leaves room for a new plan. What a person discarded or cancelled was a decision. */
function isOver({ state, at }: { state: ItemState; at: Date }, now: Date): boolean {
  if (state === "blocked" || state === "skipped") return now.getTime() - at.getTime() >= LOOKED_AT_AGAIN_AFTER;
  return state === "failed";
}

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
/** A little less than seven nights, which are not of the same length to the minute. */
const LOOKED_AT_AGAIN_AFTER = 7 * DAY - HOUR;

/**
 * Whether a nightly plan is due at `now`: its hour has come since the last one was made. A night that was missed because
 * the product was down is made up for once, and a first night is not made up for.
 *
 * @param last when the last nightly plan was made; null = never
 * @param since when the product began to run
 */
export function nightlyPlanDue(settings: NewVaultSettings, last: Date | null, since: Date, now: Date): boolean {
  if (settings.nightlyPlan === "off") return false;
  return (last ?? since).getTime() < latestNight(settings.hour, now);
}

/** The latest moment, not after `now`, at which it was the hour; milliseconds since 1970. */
function latestNight(hour: number, now: Date): number {
  const today = Math.floor(now.getTime() / DAY) * DAY + hour * HOUR;
  return today <= now.getTime() ? today : today - DAY;
}
