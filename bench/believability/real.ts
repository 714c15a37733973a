import { nameCheck } from "@/lib/decoys/safety";
import { decoyCount } from "@/lib/decoys/settings";
import type { Dice } from "./dice";
import { workingTime } from "./habits";
import { drawItem, type Estate, type Item, latePause, objectsAtOnce, pauseAtOnce, type Vault } from "./life";
import { listVault, siblingsOf } from "./listing";
import { ADVISED, LAST_DAY, type Scheme, type Window } from "./schemes";

/**
 * A real object: one more addition of the vault's own people, as they make all others: mostly one object, now and then some
 * at once, or late after another. The attacker is told that these are decoys. What is picked here is picked for its age alone.
 */
export const newborn: Scheme = (vault, _estate, window, dice) => {
  const late = lateAfter(vault, window, dice);
  const count = late === undefined ? objectsAtOnce(dice, vault.habits) : 1;
  const made: Item[] = [];
  for (let at = late ?? byItself(vault, window, dice); made.length < count; ) {
    made.push({ ...drawItem(dice, vault, at), gone: Number.POSITIVE_INFINITY });
    at += pauseAtOnce(dice, vault.habits);
  }
  return made;
};

/** A decoy comes so long after what people add at the soonest, since the register has to show a row first, days. */
const SOONEST_AFTER = 10 / 1440;

/**
 * What people would have made had they kept to what a decoy has to: a name that passes the product's check and that no vault
 * of the team has, never disabled, expired or changed without a version, and in company only of its own kind. No generator
 * that keeps to this can be nearer to the vault's people than they are, so what is picked here is picked for the rules.
 */
export const withinRules: Scheme = (vault, estate, window, dice) => {
  const late = lateAfter(vault, window, dice, SOONEST_AFTER);
  const made: Item[] = [];
  const count = decoyCount(ADVISED, dice.next);
  for (let at = late ?? byItself(vault, window, dice); made.length < count; ) {
    const item = drawWithin(vault, rulesAt(vault, estate, at), at, dice);
    made.push({ ...item, touched: [], disabledFrom: Number.POSITIVE_INFINITY, gone: Number.POSITIVE_INFINITY });
    at += pauseAtOnce(dice, vault.habits);
  }
  return made;
};

function byItself({ habits }: Vault, { from, until }: Window, dice: Dice): number {
  return workingTime(dice, habits.clock, dice.between(from, until));
}

/** As often as the vault's objects come late: when one would that follows an addition of these days. */
function lateAfter({ additions, habits }: Vault, { from, until }: Window, dice: Dice, soonest = 0): number | undefined {
  const there = additions.filter((at) => at > from && at < until);
  if (there.length === 0 || !dice.chance(habits.follow / (1 + habits.follow))) return undefined;
  return dice.one(there) + Math.max(soonest, latePause(dice));
}

/** Draws before a vault is given up whose people make nothing that keeps to the rules, about one in thirty. */
const DRAWS = 200;

function drawWithin(vault: Vault, isWithin: (item: Item) => boolean, at: number, dice: Dice): Item {
  let item = drawItem(dice, vault, at);
  for (let draw = 1; draw < DRAWS && !isWithin(item); draw++) item = drawItem(dice, vault, at);
  return item;
}

function rulesAt(vault: Vault, estate: Estate, at: number): (item: Item) => boolean {
  const live = [...new Set(namesOf(vault, at))];
  const theirs = new Set(siblingsOf(estate, vault).flatMap((other) => namesOf(other, at).map(lower)));
  const check = nameCheck({ live, softDeleted: [], readersKnown: true });
  return (item) => check(item.name).ok && !theirs.has(lower(item.name)) && !everExpires(item);
}

function namesOf(vault: Vault, day: number): string[] {
  return listVault(vault, day).map(({ name }) => name);
}

function lower(name: string): string {
  return name.toLowerCase();
}

function everExpires({ versions }: Item): boolean {
  return versions.some(({ expires }, index) => {
    const replaced = versions[index + 1]?.at ?? LAST_DAY;
    return expires !== undefined && expires < Math.min(replaced, LAST_DAY);
  });
}
