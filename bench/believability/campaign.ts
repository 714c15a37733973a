import { type Dice, diceOf } from "./dice";
import { drawEstate, type Estate, type Item, isListed, type Vault } from "./life";
import { type EstateLooks, lookInto } from "./looks";
import type { Scheme } from "./schemes";

/** Days over which a campaign is spread unless a run says otherwise. */
export const SPREAD_DAYS = 60;

/** One campaign in one estate: when it begins, how long it takes, when somebody looks. */
export interface Plan {
  start: number;
  spreadDays: number;
  dayOf: (decoy: Item) => number;
}

/** Looks `age` days after each planting, give or take a twentieth, so that no rotation divides it. */
export function planAtAge(age: number, spreadDays: number, dice: Dice): Plan {
  return { start: 0, spreadDays, dayOf: (decoy) => (decoy.versions[0]?.at ?? 0) + age * dice.between(0.95, 1.05) };
}

/** A look into an estate where the campaign began one month to two years before. */
export function planAnyTime(spreadDays: number, dice: Dice): Plan {
  const day = dice.between(185, 240);
  return { start: day - spreadDays - dice.between(30, 720), spreadDays, dayOf: () => day };
}

/** Plants one decoy in each vault that stands by then, looks, and takes the decoys out again. */
export function carryOut(estate: Estate, scheme: Scheme, plan: Plan, dice: Dice): EstateLooks {
  const window = { from: plan.start, until: plan.start + plan.spreadDays };
  const decoys = new Map<Vault, Item>();
  const sizes = new Map(estate.vaults.map((vault) => [vault, vault.items.length]));
  for (const vault of estate.vaults) {
    const before = vault.items.filter((item) => !item.managed && isListed(item, plan.start)).length;
    if (before >= 2) decoys.set(vault, scheme(vault, estate, window, dice));
  }
  for (const [vault, decoy] of decoys) if (!vault.items.includes(decoy)) vault.items.push(decoy);
  const looks = lookInto(estate, decoys, plan.dayOf);
  for (const [vault, size] of sizes) vault.items.length = size;
  return looks;
}

/** `count` estates that differ with the seed. */
export function drawEstates(seed: number, count: number, vaultsEach: number): Estate[] {
  return Array.from({ length: count }, (_, index) => drawEstate(diceOf(seed).fork(`estate ${index}`), vaultsEach));
}
