import type { Dice } from "./dice";
import type { Wording } from "./naming";
import { CONTENT_TYPES, PEOPLE, TAG_KEYS, TAG_VALUES } from "./words";

/** What people of a vault do beside naming. Days and hours are of the bench's clock. */
export interface Habits {
  /** Days in which the vault lives through about as much as the others in theirs. */
  tempo: number;
  contentType: (wording: Wording, dice: Dice) => string | undefined;
  tags: (wording: Wording, day: number, dice: Dice) => Record<string, string> | undefined;
  /** Days that a version is valid, undefined without an expiry. */
  term: (wording: Wording, dice: Dice) => number | undefined;
  notBefore: number;
  rotation: Rotation;
  /** Share of secrets and keys, and what keys are made as. */
  keyShare: number;
  keyTypes: readonly KeyType[];
  clock: Clock;
  /** Chance that an addition brings more than one object, and that the same day brings a late one. */
  company: number;
  follow: number;
}

export interface KeyType {
  type: string;
  size: number | undefined;
  curve: string | undefined;
}

export interface Rotation {
  manner: "never" | "by hand" | "together" | "each its own";
  /** Days between rotations. */
  period: number;
  /** Whether an object of this sort takes part. */
  takesPart: (wording: Wording) => boolean;
  /** Day, for those rotated together. */
  phase: number;
}

/** When somebody, or a pipeline, works. */
export interface Clock {
  hour: number;
  spread: number;
  weekends: boolean;
  nightly: number | undefined;
}

const RSA: readonly KeyType[] = [
  { type: "RSA", size: 2048, curve: undefined },
  { type: "RSA", size: 3072, curve: undefined },
  { type: "RSA", size: 4096, curve: undefined },
];
const CURVES: readonly KeyType[] = ["P-256", "P-384"].map((curve) => ({ type: "EC", size: undefined, curve }));

/** Habits of a vault that will be about `life` days old when it is looked at. */
export function drawHabits(dice: Dice, life: number): Habits {
  const period = Math.min(400, Math.max(20, life * dice.logBetween(0.06, 0.7)));
  return {
    tempo: life,
    contentType: drawContentTypes(dice),
    tags: drawTags(dice),
    term: drawTerms(dice, period),
    notBefore: dice.one([0, 0, 0, 0, 0.3, 1]),
    rotation: drawRotation(dice, period),
    keyShare: dice.one([0, 0, 0.1, 0.2, 0.35]),
    keyTypes: dice.chance(0.7) ? [dice.one(RSA)] : [dice.one(RSA), dice.one([...RSA, ...CURVES])],
    clock: {
      hour: dice.between(7, 17),
      spread: dice.between(1.5, 3.5),
      weekends: dice.chance(0.15),
      nightly: dice.chance(0.3) ? dice.between(0, 24) : undefined,
    },
    company: dice.between(0, 0.12),
    follow: dice.between(0, 0.12),
  };
}

function drawContentTypes(dice: Dice): Habits["contentType"] {
  const usual = dice.one(CONTENT_TYPES);
  const bySort = new Map<string, string | undefined>();
  const share = dice.between(0.2, 0.8);
  return dice.one<() => Habits["contentType"]>([
    () => () => undefined,
    () => () => undefined,
    () => () => usual,
    () => (_, each) => (each.chance(share) ? usual : undefined),
    () =>
      ({ sort }) => {
        const key = sort.join("-");
        if (!bySort.has(key))
          bySort.set(key, hashed(key, 3) === 0 ? undefined : CONTENT_TYPES[hashed(key + usual, CONTENT_TYPES.length)]);
        return bySort.get(key);
      },
  ])();
}

function hashed(text: string, below: number): number {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 1_000_003;
  return sum % below;
}

function drawTags(dice: Dice): Habits["tags"] {
  const constant = Object.fromEntries(
    dice.some(TAG_KEYS.constant, dice.whole(1, 3)).map((key) => [key, dice.one(TAG_VALUES)]),
  );
  const subject = dice.one(TAG_KEYS.subject);
  const ticket = dice.one(TAG_KEYS.ticket);
  const date = dice.one(TAG_KEYS.date);
  const person = dice.one(TAG_KEYS.person);
  const crew = dice.some(PEOPLE, dice.whole(1, 4));
  const series = dice.whole(1000, 80_000);
  const share = dice.one([1, 1, 0.8, 0.5]);
  const some =
    (make: Habits["tags"]): Habits["tags"] =>
    (wording, day, each) =>
      each.chance(share) ? make(wording, day, each) : undefined;
  return dice.one<Habits["tags"]>([
    () => undefined,
    () => undefined,
    some(() => constant),
    some((wording) => ({ ...constant, [subject]: wording.subject })),
    some((_, __, each) => ({ ...constant, [person]: each.one(crew) })),
    some((_, day, each) => ({ [ticket]: `CHG${series + Math.round(day * 7) + each.whole(0, 20)}` })),
    some((_, day) => ({ [date]: new Date(Date.UTC(2026, 0, 5) + day * 86_400_000).toISOString().slice(0, 10) })),
  ]);
}

function drawTerms(dice: Dice, period: number): Habits["term"] {
  const usual = dice.one([180, 365, 365, 730, Math.round(Math.max(120, period + 30))]);
  return dice.one<Habits["term"]>([
    () => undefined,
    () => undefined,
    () => usual,
    ({ sort }) => (hashed(sort.join(""), 2) === 0 ? usual : undefined),
    (_, each) => (each.chance(0.4) ? usual : undefined),
  ]);
}

function drawRotation(dice: Dice, period: number): Rotation {
  const manner = dice.one(["never", "by hand", "by hand", "together", "each its own"] as const);
  const all = dice.chance(0.4);
  const salt = String(dice.whole(0, 1e6));
  return {
    manner,
    period,
    phase: dice.between(0, period),
    takesPart: ({ sort }) => all || hashed(sort.join("") + salt, 3) > 0,
  };
}

/** A moment of day `day` at which these people write: their hours, their days of the week, or their pipeline's minute. */
export function workingTime(dice: Dice, clock: Clock, day: number): number {
  let date = Math.floor(day);
  // Day 0 is a Monday.
  while (!clock.weekends && ((date % 7) + 7) % 7 > 4) date++;
  if (clock.nightly !== undefined) return date + (clock.nightly + dice.between(0, 0.1)) / 24;
  const hour = Math.min(23.9, Math.max(0, dice.normal(clock.hour, clock.spread)));
  return date + hour / 24;
}
