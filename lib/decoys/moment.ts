import { addDays, bornOf, daysBetween, madeByHand, type VaultPicture } from "./picture";
import { below, type Random } from "./random";

/**
 * When to plant: as soon as the vault's own people add something after `notBefore`, `afterAdditionMinutes` later, and at
 * `at` when they do not. Without `afterAdditionMinutes`, at `at`.
 */
export interface PlantingMoment {
  notBefore: Date;
  at: Date;
  afterAdditionMinutes: number | undefined;
}

/** Moments closer than this belong to one piece of work. */
const COMPANY_HOURS = 4;

/**
 * Draws a moment between `from` and `until` on the days of the week and at the hours at which the vault's objects were
 * made, in company as often as they were made in company. The time of creation cannot be changed later, and many alike
 * within days are found over a whole estate, so a campaign wants a window of weeks.
 */
export function planMoment(picture: VaultPicture, window: { from: Date; until: Date }, random: Random): PlantingMoment {
  const days = Math.max(0, daysBetween(window.from, window.until));
  const company = random() < companyShare(picture);
  const notBefore = addDays(window.from, random() * days * (company ? 0.5 : 1));
  const at = inChangeHours(picture, addDays(notBefore, company ? days * 0.5 : 0), random, "births");
  return {
    notBefore,
    at: new Date(Math.max(at.getTime(), window.from.getTime())),
    afterAdditionMinutes: company ? 2 + random() ** 2 * 40 : undefined,
  };
}

/** The share of objects that were made within hours of another, 0 to 1. */
function companyShare(picture: VaultPicture): number {
  const born = madeByHand(picture)
    .map((object) => bornOf(object).getTime())
    .sort((a, b) => a - b);
  const near = (a: number | undefined, b: number | undefined) =>
    a !== undefined && b !== undefined && Math.abs(a - b) < COMPANY_HOURS * 3_600_000;
  const together = born.filter((at, index) => near(at, born[index - 1]) || near(at, born[index + 1]));
  return born.length === 0 ? 0 : together.length / born.length;
}

/**
 * The moment on or after the day of `wanted` that has an hour between those of the vault's changes and a day of the week on
 * which it has changed (any working day while little is known). In UTC. `among` says which changes: objects are made and
 * renewed by different habits.
 */
export function inChangeHours(
  picture: VaultPicture,
  wanted: Date,
  random: Random,
  among: "births" | "renewals" = "renewals",
): Date {
  const neighbours = madeByHand(picture);
  const births = neighbours.map(bornOf);
  const renewals = neighbours.flatMap(({ versions = [] }) => versions.slice(1));
  const changes = among === "renewals" && renewals.length > 0 ? renewals : births;
  if (changes.length === 0) {
    // Nothing is known: a working day between 8 and 16 o'clock.
    return onDay(wanted, new Set([1, 2, 3, 4, 5]), (8 + random() * 8) * 60);
  }
  const weekdays = new Set([...births, ...renewals].map((change) => change.getUTCDay()));
  if (weekdays.size < 5) for (const day of [1, 2, 3, 4, 5]) weekdays.add(day);
  return onDay(wanted, weekdays, minuteAmong(changes.map(minuteOf), random));
}

const DAY_MINUTES = 1440;

/**
 * A minute of the day such that it may stand at each place in the order of the others with the same chance, as one more of
 * them would: mostly between two neighbours, now and then before the first or after the last. The day is cut where nothing
 * has happened for longest.
 */
function minuteAmong(minutes: readonly number[], random: Random): number {
  const sorted = minutes.toSorted((a, b) => a - b);
  const gaps = sorted.map((minute, index) => (sorted[index + 1] ?? (sorted[0] ?? 0) + DAY_MINUTES) - minute);
  const longest = gaps.indexOf(Math.max(...gaps));
  const start = (longest + 1) % sorted.length;
  const place = below(sorted.length + 1, random);
  // Beyond the ends it goes no farther than two neighbours are apart.
  const usual = sorted.length < 2 ? 30 : (DAY_MINUTES - (gaps[longest] ?? 0)) / (sorted.length - 1);
  const [first = 0, last = 0] = [sorted[start], sorted[longest]];
  if (place === 0) return inDay(first - random() ** 2 * usual);
  if (place === sorted.length) return inDay(last + random() ** 2 * usual);
  const index = (start + place - 1) % sorted.length;
  return inDay((sorted[index] ?? 0) + random() * (gaps[index] ?? 0));
}

function inDay(minute: number): number {
  return (minute + DAY_MINUTES) % DAY_MINUTES;
}

function minuteOf(date: Date): number {
  return date.getUTCHours() * 60 + date.getUTCMinutes() + date.getUTCSeconds() / 60;
}

function onDay(wanted: Date, weekdays: ReadonlySet<number>, minute: number): Date {
  const date = new Date(wanted);
  date.setUTCHours(0, 0, 0, 0);
  while (!weekdays.has(date.getUTCDay())) date.setUTCDate(date.getUTCDate() + 1);
  return new Date(date.getTime() + Math.round(minute * 60_000));
}
