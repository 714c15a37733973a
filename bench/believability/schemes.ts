import type { Dice } from "./dice";
import { workingTime } from "./habits";
import { drawItem, type Estate, HORIZON, type Item, type Vault } from "./life";

/** Days between which a scheme may plant. */
export interface Window {
  from: number;
  until: number;
}

/** Makes the decoy of one vault, first version at the moment of planting. */
export type Scheme = (vault: Vault, estate: Estate, window: Window, dice: Dice) => Item;

/** Nine words that an administrator might have typed into the settings once for the whole estate. */
const KEYWORDS = ["adminlogin", "masterpin", "rootaccess", "sqladmin", "vpnlogin", "domainadmin", "backupkeys", "svcadmin", "prodroot"];

/**
 * The scheme of the solution that this product replaces: a keyword of a fixed list, no hyphen, no attributes, all in one
 * run, never changed. A name that is taken gets random letters.
 */
export const upstream: Scheme = (vault, _estate, { from }, dice) => {
  const taken = new Set(vault.items.map(({ name }) => name.toLowerCase()));
  let name = dice.one(KEYWORDS);
  while (taken.has(name)) name += String.fromCharCode(97 + dice.whole(0, 25));
  return plain(name, from + dice.between(0.4, 0.5));
};

/**
 * What no generator can better: a real object, made by the vault's own people as they make all others, of which the
 * attacker is told that it is a decoy. What is picked here is picked for its age alone.
 */
export const newborn: Scheme = (vault, _estate, { from, until }, dice) => {
  const found = vault.items.filter(({ versions, gone, managed }) => {
    const born = versions[0]?.at ?? Number.NEGATIVE_INFINITY;
    return !managed && born >= from && born < until && gone > HORIZON;
  });
  if (found.length > 0) return dice.one(found);
  const made = drawItem(dice, vault, workingTime(dice, vault.habits.clock, dice.between(from, until)));
  return { ...made, gone: Number.POSITIVE_INFINITY };
};

export function plain(name: string, at: number): Item {
  return {
    name,
    kind: "secret",
    managed: false,
    contentType: undefined,
    tags: undefined,
    keyType: undefined,
    notBefore: false,
    versions: [{ at, expires: undefined }],
    touched: [],
    disabledFrom: Number.POSITIVE_INFINITY,
    gone: Number.POSITIVE_INFINITY,
    wording: undefined,
  };
}
