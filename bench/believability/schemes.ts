import { planMoment } from "@/lib/decoys/moment";
import type { VaultPicture } from "@/lib/decoys/picture";
import { proposeDecoy } from "@/lib/decoys/propose";
import type { Dice } from "./dice";
import { workingTime } from "./habits";
import { drawItem, type Estate, type Item, type Vault } from "./life";
import { listVault, siblingsOf } from "./listing";

/** Days between which a scheme may plant. */
export interface Window {
  from: number;
  until: number;
}

/** Makes the decoy of one vault, first version at the moment of planting. */
export type Scheme = (vault: Vault, estate: Estate, window: Window, dice: Dice) => Item;

/** Nine words that an administrator might have typed into the settings once for the whole estate. */
const KEYWORDS = [
  "adminlogin",
  "masterpin",
  "rootaccess",
  "sqladmin",
  "vpnlogin",
  "domainadmin",
  "backupkeys",
  "svcadmin",
  "prodroot",
];

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
 * A real object: one more of those that the vault's own people make, as they make all others, of which the attacker is
 * told that it is a decoy. What is picked here is picked for its age alone.
 */
export const newborn: Scheme = (vault, _estate, { from, until }, dice) => {
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

/** Day 0, a Monday. */
const EPOCH = Date.UTC(2026, 0, 5);
const dateOf = (day: number) => new Date(EPOCH + day * 86_400_000);
const dayOf = (date: Date) => (date.getTime() - EPOCH) / 86_400_000;

/** The product's own generator, its planned history carried out. */
export const ours: Scheme = (vault, estate, window, dice) => {
  const moment = planMoment(
    pictureOf(vault, estate, window.from),
    { from: dateOf(window.from), until: dateOf(window.until) },
    dice.next,
  );
  const [notBefore, latest] = [dayOf(moment.notBefore), dayOf(moment.at)];
  const addition = vault.additions.find((at) => at > notBefore && at < latest);
  const joins = addition !== undefined && moment.afterAdditionMinutes !== undefined;
  const at = joins ? addition + (moment.afterAdditionMinutes ?? 0) / 1440 : latest;
  // A secret is planted only where thirty days of the log show who reads what; nobody here selects by the beginning of names.
  const wish = { created: dateOf(at), history: true, readersKnown: true };
  const proposal = proposeDecoy(pictureOf(vault, estate, at), wish, dice.next);
  if (proposal === undefined) throw new Error("The generator found no name for a vault.");
  const { name, kind, attributes, history } = proposal;
  const planned = history.versions.map((offset) => at + offset / 86_400_000);
  const versions = [at, ...(history.withRounds ? withRounds(vault, at, planned, dice) : planned)];
  const { expiresInDays: term, key } = attributes;
  return {
    ...plain(name, at),
    kind,
    contentType: attributes.contentType,
    tags: attributes.tags,
    keyType: key === undefined ? undefined : { type: key.type, size: key.size, curve: key.curve },
    notBefore: attributes.notBefore,
    versions: versions.map((each) => ({ at: each, expires: term === undefined ? undefined : each + term })),
  };
};

/** Minutes after each round in which at least two others are renewed; as planned when none comes for long. */
function withRounds(vault: Vault, born: number, planned: readonly number[], dice: Dice): number[] {
  const renewals = vault.items.flatMap(({ versions }) => versions.slice(1).map(({ at }) => at)).sort((a, b) => a - b);
  const times: number[] = [];
  for (const [index, at] of renewals.entries()) {
    const isRound = at - (renewals[index - 1] ?? Number.NEGATIVE_INFINITY) < 0.1;
    if (isRound && at > (times.at(-1) ?? born) + 7) times.push(at + dice.between(3, 15) / 1440);
  }
  const pause = (planned[0] ?? born) - born;
  const late = planned.filter((at) => times.every((time) => Math.abs(time - at) > pause * 0.7));
  return [...times, ...late].sort((a, b) => a - b);
}

/** Ours with one thing that is always the same, for the attacker to prove itself on: a content type. */
export const constantType: Scheme = (vault, estate, window, dice) => ({
  ...ours(vault, estate, window, dice),
  kind: "secret",
  keyType: undefined,
  contentType: "application/vnd.store",
});

/** The same for those who see names alone: a last word. */
export const constantWord: Scheme = (vault, estate, window, dice) => {
  const item = ours(vault, estate, window, dice);
  return { ...item, name: `${item.name}-vouchsafe` };
};

function pictureOf(vault: Vault, estate: Estate, day: number): VaultPicture {
  return {
    objects: listVault(vault, day).map((object) => ({
      name: object.name,
      kind: object.kind,
      enabled: object.enabled,
      managed: object.managed,
      created: dateOf(object.created),
      updated: dateOf(object.updated),
      expires: object.expires === undefined ? undefined : dateOf(object.expires),
      notBefore: object.notBefore === undefined ? undefined : dateOf(object.notBefore),
      contentType: object.contentType,
      tags: object.tags.size > 0 ? Object.fromEntries(object.tags) : undefined,
      key: object.item.keyType,
      versions: object.versions.map(dateOf),
    })),
    softDeleted: [],
    siblings: siblingsOf(estate, vault).flatMap((other) => listVault(other, day).map(({ name }) => name)),
  };
}
