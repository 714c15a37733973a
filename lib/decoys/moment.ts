import { addDays, bornOf, daysBetween, madeByHand, type VaultPicture } from "./picture";
import { pick, type Random } from "./random";

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
  const at = inChangeHours(picture, addDays(notBefore, company ? days * 0.5 : 0), random);
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
 * The moment on or after the day of `wanted` that has the hour of one of the vault's changes and a day of the week on
 * which it has changed (any working day while little is known). In UTC.
 */
export function inChangeHours(picture: VaultPicture, wanted: Date, random: Random): Date {
  const changes = madeByHand(picture).flatMap((object) => [...(object.versions ?? []), object.created]);
  if (changes.length === 0) {
    // Nothing is known: a working day between 8 and 16 o'clock.
    return onDay(wanted, new Set([1, 2, 3, 4, 5]), (8 + random() * 8) * 60);
  }
  const weekdays = new Set(changes.map((change) => change.getUTCDay()));
  if (weekdays.size < 5) for (const day of [1, 2, 3, 4, 5]) weekdays.add(day);
  const model = pick(changes, random);
  const minutes = changes.map(minuteOf);
  // A kernel estimate of the hours (a little narrower than by Silverman's rule, since hours have several peaks): people come near their usual hour, pipelines on the dot.
  const width = 0.75 * deviation(minutes) * changes.length ** -0.2;
  const minute = minuteOf(model) + width * (random() + random() + random() - 1.5) * 2;
  return onDay(wanted, weekdays, Math.min(1439, Math.max(0, minute)));
}

function minuteOf(date: Date): number {
  return date.getUTCHours() * 60 + date.getUTCMinutes() + date.getUTCSeconds() / 60;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function onDay(wanted: Date, weekdays: ReadonlySet<number>, minute: number): Date {
  const date = new Date(wanted);
  date.setUTCHours(0, 0, 0, 0);
  while (!weekdays.has(date.getUTCDay())) date.setUTCDate(date.getUTCDate() + 1);
  return new Date(date.getTime() + Math.round(minute * 60_000));
}
