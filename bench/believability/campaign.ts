import { type Dice, diceOf } from "./dice";
import {
  birthOf,
  certificateOf,
  drawEstate,
  drawItem,
  type Estate,
  type Item,
  isListed,
  OLDEST,
  type Vault,
} from "./life";
import { type EstateLooks, lookInto } from "./looks";
import type { Scheme, Window } from "./schemes";

/** Days over which a campaign is spread unless a run says otherwise: what is planted faster is found by its date. */
export const SPREAD_DAYS = 180;

/** One campaign in one estate: when it begins, how long it takes, when somebody looks. */
export interface Plan {
  start: number;
  spreadDays: number;
  /** Whether vaults that come during the campaign take part; else those with two objects at its start do. */
  growing: boolean;
  dayOf: (decoy: Item) => number;
}

/** Looks `age` days after each planting, give or take a twentieth, so that no rotation divides it. */
export function planAtAge(age: number, spreadDays: number, dice: Dice): Plan {
  const dayOf = (decoy: Item) => (decoy.versions[0]?.at ?? 0) + age * dice.between(0.95, 1.05);
  return { start: 0, spreadDays, growing: false, dayOf };
}

/**
 * Looks into an estate of which nobody knows when decoys came: the campaign began at any time since its first vault was
 * made, may still go on, and takes in the vaults that come while it does. So for each vault any moment of its life is as
 * likely. Why: docs/decisions/0018-believability.md.
 *
 * @param share where in that time, from 0 to 1: whoever learns from several campaigns spreads them evenly
 */
export function planAnyTime(spreadDays: number, share: number, dice: Dice): Plan {
  const day = dice.between(185, 240);
  const first = -OLDEST - spreadDays;
  return { start: first + share * (day - first), spreadDays, growing: true, dayOf: () => day };
}

/** Plants in each vault that is planned for, looks at those that are planted, and takes the decoys out again. */
export function carryOut(estate: Estate, scheme: Scheme, plan: Plan, dice: Dice): EstateLooks {
  const decoys = new Map<Vault, readonly Item[]>();
  const before = new Map(estate.vaults.map((vault) => [vault, vault.items]));
  for (const vault of estate.vaults) {
    const window = windowOf(vault, plan, dice);
    const planted = window && scheme(vault, estate, window, dice);
    const [first] = planted ?? [];
    if (planted && first && isListed(first, plan.dayOf(first))) decoys.set(vault, planted);
  }
  for (const [vault, planted] of decoys) vault.items = withDecoys(vault, planted, dice.fork("other names"));
  const looks = lookInto(estate, decoys, plan.dayOf);
  for (const [vault, items] of before) vault.items = items;
  return looks;
}

/** A vault's objects with its decoys: whoever later wants a name that a decoy has finds it taken, and makes another. */
function withDecoys(vault: Vault, planted: readonly Item[], dice: Dice): Item[] {
  const since = new Map(planted.map((decoy) => [decoy.name.toLowerCase(), birthOf(decoy)]));
  const isTaken = (item: Item) => birthOf(item) >= (since.get(item.name.toLowerCase()) ?? Number.POSITIVE_INFINITY);
  const items = [...vault.items.filter((item) => !isTaken(item)), ...planted];
  // The key of a certificate goes with its secret.
  for (const wanted of vault.items.filter((item) => isTaken(item) && !(item.managed && item.kind === "key"))) {
    const other = drawItem(dice, { ...vault, items }, birthOf(wanted));
    items.push(...(wanted.managed ? certificateOf(dice, other) : [other]));
  }
  return items;
}

/** The days in which a vault gets its decoy; undefined when it gets none. */
function windowOf(vault: Vault, { start, spreadDays, growing }: Plan, dice: Dice): Window | undefined {
  const until = start + spreadDays;
  if (!growing) {
    const before = vault.items.filter((item) => !item.managed && isListed(item, start)).length;
    return before >= 2 ? { from: start, until } : undefined;
  }
  const from = Math.max(start, Math.min(...vault.additions));
  // Whoever comes late in a campaign is less often met by it.
  return dice.chance((until - from) / spreadDays) ? { from, until } : undefined;
}

/** `count` estates that differ with the seed. */
export function drawEstates(seed: number, count: number, vaultsEach: number): Estate[] {
  return Array.from({ length: count }, (_, index) => drawEstate(diceOf(seed).fork(`estate ${index}`), vaultsEach));
}
