import { lagAfterFirst } from "@/lib/decoys/company";
import { remember } from "@/lib/decoys/memory";
import { atSeenHours, type PlannedMoment, planMoment } from "@/lib/decoys/moment";
import { planNext } from "@/lib/decoys/next-version";
import type { ListedObject, VaultPicture } from "@/lib/decoys/picture";
import { LOG_DAYS, type ProposedHistory, proposeDecoy } from "@/lib/decoys/propose";
import { decoyCount } from "@/lib/decoys/settings";
import { DecoySettings } from "@/lib/decoys/settings.pure";
import type { Dice } from "./dice";
import type { Estate, Item, Vault } from "./life";
import { listVault, siblingsOf } from "./listing";

/** Days between which a scheme may plant. */
export interface Window {
  from: number;
  until: number;
}

/** Makes the decoys of one vault, mostly one; the first version of each at its planting. */
export type Scheme = (vault: Vault, estate: Estate, window: Window, dice: Dice) => readonly Item[];

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
  return [plain(name, from + dice.between(0.4, 0.5))];
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
  const days = { from: dateOf(window.from), until: dateOf(window.until) };
  const moment = planMoment(pictureOf(vault, estate, window.from), days, dice.next);
  const at = plantedAt(vault, window.from, moment, dice);
  const picture = pictureOf(vault, estate, at);
  const count = decoyCount(ADVISED, dice.next);
  const planted: Item[] = [];
  for (let when = at; planted.length < count; ) {
    planted.push(decoyAt(vault, picture, when, planted, dice));
    when += lagAfterFirst(picture, dice.next) / 86_400_000;
  }
  return planted;
};

/** As the settings page advises who plants over months: one vault in ten gets a second one. */
export const ADVISED = DecoySettings.parse({ additionalProbability: 0.1 });

function decoyAt(vault: Vault, picture: VaultPicture, at: number, before: readonly Item[], dice: Dice): Item {
  const elsewhere = new Set(before.map(({ name }) => name.toLowerCase()));
  // A secret is planted only where thirty days of the log show who reads what; nobody here selects by the beginning of names.
  const wish = { created: dateOf(at), history: true, readersKnown: true, elsewhere };
  const proposal = proposeDecoy(picture, wish, dice.next);
  if (proposal === undefined) throw new Error("The generator found no name for a vault.");
  const { name, kind, attributes, history } = proposal;
  if (history === undefined) throw new Error("Further versions were asked for.");
  const versions = [at, ...furtherVersions(vault, { at, history, validDays: attributes.expiresInDays }, dice)];
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
}

/** After what is added in time, when it is to follow that; else at its moment, at hours at which others were added since. */
function plantedAt(vault: Vault, from: number, { at, join }: PlannedMoment, dice: Dice): number {
  const births = vault.items.flatMap(({ versions }) => versions[0]?.at ?? []).sort((a, b) => a - b);
  const first = join && births.find((born) => born > dayOf(join.from) && born < dayOf(at));
  if (first !== undefined && join)
    return Math.min(dayOf(at), first + Math.max(delayDays(dice, "logged"), join.lagMs / 86_400_000));
  const seen = births.filter((born) => born > from && born < Math.floor(dayOf(at)));
  return dayOf(atSeenHours(at, seen.map(dateOf), dice.next));
}

/**
 * What the product knows of an object's versions: those in the log and the current one. A list of versions it never asks
 * for, since that would name the object.
 */
export function knownVersions(versions: readonly number[], day: number): readonly number[] {
  const logged = versions.filter((at) => at > day - LOG_DAYS);
  return logged.length > 0 ? logged : versions.slice(-1);
}

/** Minutes until the product follows what it saw in a vault: a look each two minutes, the log's delay, the register's. */
const DELAYS = { look: [0, 2], log: [3, 10], register: [1, 5] } as const;

/** What the list is asked for is seen without the log's delay. */
function delayDays(dice: Dice, seen: "listed" | "logged"): number {
  const { look, log, register } = DELAYS;
  const minutes = [look, ...(seen === "logged" ? [log] : []), register];
  return minutes.reduce((sum, [low, high]) => sum + dice.between(low, high), 0) / 1440;
}

function isBetween(date: Date, { from, until }: { from: Date; until: Date }): boolean {
  return date >= from && date <= until;
}

/** Days between two looks at a vault's list. */
const LOOK_DAYS = 7;
/** No look comes after this day. */
export const LAST_DAY = 400;
/** A decoy is not renewed again so soon, days. */
const SHORTEST = 7;

interface Planted {
  at: number;
  history: ProposedHistory;
  validDays: number | undefined;
}

/** What the product's jobs do in the time after planting: look at the list each week, plan anew, write what is due. */
function furtherVersions(vault: Vault, planted: Planted, dice: Dice): number[] {
  const { at, history, validDays } = planted;
  const end = LAST_DAY;
  const alike = new Set(history.alike);
  const rounds = roundsAfter(vault, at);
  const times: number[] = [];
  let memory = remember([], pictureListed(vault, at), dateOf(at), LOG_DAYS);
  let { luck, next } = history;
  const plan = (now: number) =>
    planNext(memory, { alike, last: dateOf(times.at(-1) ?? at), validDays, luck }, dateOf(now), dice.next);
  let [now, look] = [at, at + dice.between(0, LOOK_DAYS)];
  while (now < end) {
    const last = times.at(-1) ?? at;
    const due = next.due === undefined ? end : Math.max(now, dayOf(next.due));
    const round = next.withRounds ? rounds.find((each) => each > now && each > last + SHORTEST) : undefined;
    const isExpected = round !== undefined && next.expected !== undefined && isBetween(dateOf(round), next.expected);
    const follows = (round ?? end) + delayDays(dice, isExpected ? "listed" : "logged");
    if (Math.min(due, round ?? end) < Math.min(look, end)) {
      now = due < (round ?? end) ? due : follows;
      times.push(now);
      luck = { part: luck.part, pause: dice.next() };
    } else {
      now = look;
      look += LOOK_DAYS;
      memory = remember(memory, pictureListed(vault, now), dateOf(now));
    }
    next = plan(now);
  }
  return times;
}

/** When the second of at least two others was renewed within a tenth of a day. */
function roundsAfter(vault: Vault, born: number): number[] {
  const renewals = vault.items.flatMap(({ versions }) => versions.slice(1).map(({ at }) => at)).sort((a, b) => a - b);
  return renewals.filter((at, index) => at > born && at - (renewals[index - 1] ?? Number.NEGATIVE_INFINITY) < 0.1);
}

/** Ours with one thing that is always the same, for the attacker to prove itself on: a content type. */
export const constantType: Scheme = (vault, estate, window, dice) =>
  ours(vault, estate, window, dice).map((item) => ({
    ...item,
    kind: "secret",
    keyType: undefined,
    contentType: "application/vnd.store",
  }));

/** The same for those who see names alone: a last word. */
export const constantWord: Scheme = (vault, estate, window, dice) =>
  ours(vault, estate, window, dice).map((item) => ({ ...item, name: `${item.name}-vouchsafe` }));

function pictureListed(vault: Vault, day: number): ListedObject[] {
  return listVault(vault, day).map((object) => ({
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
    versions: knownVersions(object.versions, day).map(dateOf),
  }));
}

function pictureOf(vault: Vault, estate: Estate, day: number): VaultPicture {
  const families = siblingsOf(estate, vault).map((other) => listVault(other, day).map(({ name }) => name));
  return {
    objects: pictureListed(vault, day),
    since: dateOf(Math.min(...vault.additions)),
    softDeleted: [],
    siblings: families.flat(),
    families,
  };
}
