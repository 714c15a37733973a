import { addDays, bornOf, daysBetween, madeByHand, type VaultPicture } from "./picture";
import { below, type Random } from "./random";

/** A vault's own hours may not lie in a window of some hours: so often one is drawn before the window decides alone. */
const TRIES = 40;

/**
 * A moment in the window, on the days of the week and at the hours at which the vault's objects were made; where none of
 * those lies in it, any moment in it. The time of creation cannot be changed later, and many alike within days are found
 * over a whole estate, so a campaign wants a window of months.
 */
export function momentWithin(
  picture: VaultPicture,
  { from, until }: { from: Date; until: Date },
  random: Random,
): Date {
  const days = Math.max(0, daysBetween(from, until));
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const at = inChangeHours(picture, addDays(from, random() * days), random, "births");
    if (at > from && at <= until) return at;
  }
  return addDays(from, random() * days);
}

/** When a decoy is to be planted. */
export interface PlannedMoment {
  at: Date;
  /** What is added to the vault from `from` on is joined `lagMs` after it, where that comes before `at`. */
  join: { from: Date; lagMs: number } | undefined;
}

/** What people add late to what they just made comes within these times, days; sooner no decoy can be planted. */
const LATE_DAYS = { least: 10 / 1440, most: 5 / 24 };
/** More objects than these at once are a first filling or a round of renewals. */
const AT_ONCE_MOST = 3;
/** What is known of a vault at first: so many objects, of which so many were added late. */
const AT_FIRST = { objects: 6, late: 0.5 };
/** Days before the moment in which something may come to be joined. */
const JOIN_DAYS = 60;

/**
 * A moment as `momentWithin` has it, and whether the decoy rather follows what people add before: as often as objects of
 * the vault were made minutes or hours after another, since where some were, what is always alone stands out.
 */
export function planMoment(picture: VaultPicture, window: { from: Date; until: Date }, random: Random): PlannedMoment {
  const at = momentWithin(picture, window, random);
  const from = new Date(Math.max(window.from.getTime(), addDays(at, -JOIN_DAYS).getTime()));
  const births = birthsKnown(picture);
  const share =
    (births.filter((_, index) => isLate(births, index)).length + AT_FIRST.late) / (births.length + AT_FIRST.objects);
  // Something has to be added meanwhile: the seldomer that is to be expected, the oftener it is waited for.
  const lived = Math.max(1, daysBetween(picture.since ?? births[0] ?? window.from, window.from));
  const expected = (births.length / lived) * daysBetween(from, at);
  const wanted = share / Math.max(0.05, 1 - Math.exp(-expected));
  const lagMs = LATE_DAYS.least * (LATE_DAYS.most / LATE_DAYS.least) ** random() * DAY_MINUTES * 60_000;
  return { at, join: random() < wanted ? { from, lagMs } : undefined };
}

function isLate(births: readonly Date[], index: number): boolean {
  const own = births[index];
  if (own === undefined) return false;
  const gaps = births.flatMap((other, at) => (at === index ? [] : [Math.abs(daysBetween(other, own))]));
  const nearest = Math.min(...gaps);
  const close = gaps.filter((gap) => gap < LATE_DAYS.most).length;
  return close < AT_ONCE_MOST && nearest >= LATE_DAYS.least && nearest < LATE_DAYS.most;
}

/** When objects were made of which no later version is known, oldest first. */
export function birthsKnown(picture: VaultPicture): Date[] {
  return madeByHand(picture)
    .filter(({ versions = [] }) => versions.length < 2)
    .map(bornOf)
    .sort((a, b) => a.getTime() - b.getTime());
}

/** So many additions show the hours of those who make them. */
const SEEN_LEAST = 2;

/**
 * The same day at an hour at which people were seen to add objects meanwhile: what a list shows first may have been renewed
 * at any hour. The moment itself while few were seen.
 */
export function atSeenHours(moment: Date, seen: readonly Date[], random: Random): Date {
  const births = occasions(seen);
  if (births.length < SEEN_LEAST) return moment;
  const day = new Date(moment);
  day.setUTCHours(0, 0, 0, 0);
  return new Date(day.getTime() + Math.round(minuteAmong(births.map(minuteOf), random) * 60_000));
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
  const births = occasions(neighbours.map(bornOf));
  const renewals = occasions(neighbours.flatMap(({ versions = [] }) => versions.slice(1)));
  const changes = among === "renewals" && renewals.length > 0 ? renewals : births;
  if (changes.length === 0) {
    // Nothing is known: a working day between 8 and 16 o'clock.
    return onDay(wanted, new Set([1, 2, 3, 4, 5]), (8 + random() * 8) * 60);
  }
  const weekdays = new Set([...births, ...renewals].map((change) => change.getUTCDay()));
  if (weekdays.size < 5) for (const day of [1, 2, 3, 4, 5]) weekdays.add(day);
  return onDay(wanted, weekdays, minuteAmong(changes.map(minuteOf), random));
}

/** What is made or renewed within this time was one occasion, days. */
const OCCASION_DAYS = 0.1;

/** One moment of each occasion: a round in which twenty were renewed says no more of people's hours than one addition. */
function occasions(dates: readonly Date[]): Date[] {
  const kept: Date[] = [];
  for (const date of dates.toSorted((a, b) => a.getTime() - b.getTime())) {
    const last = kept.at(-1);
    if (last === undefined || daysBetween(last, date) > OCCASION_DAYS) kept.push(date);
  }
  return kept;
}

const DAY_MINUTES = 1440;

/**
 * A minute of the day such that it may stand at each place in the order of the others with the same chance, as one more of
 * them would: mostly between two neighbours, now and then before the first or after the last. The day is cut where nothing
 * has happened for longest. Where a pipeline writes at its own minutes, one of those.
 */
function minuteAmong(minutes: readonly number[], random: Random): number {
  const sorted = minutes.toSorted((a, b) => a - b);
  const pipeline = pipelineMinutes(sorted);
  if (pipeline !== undefined) return inDay(pipeline.from + random() * (pipeline.until - pipeline.from));
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

/** A pipeline begins at the same time of day and is done within so many minutes. */
const PIPELINE_MINUTES = 8;
/** People too write twice at the same time of day: a pipeline is seen in so many occasions, or in all, and in so large a part of them. */
const PIPELINE = { least: 3, share: 0.2 };

/** The minutes in which most of the vault's occasions stand, when those are enough to be a pipeline's. */
function pipelineMinutes(sorted: readonly number[]): { from: number; until: number } | undefined {
  const enough = Math.max(2, Math.min(sorted.length, PIPELINE.least), PIPELINE.share * sorted.length);
  const twoDays = [...sorted, ...sorted.map((minute) => minute + DAY_MINUTES)];
  let fullest = { from: 0, until: 0, count: 0 };
  let end = 0;
  for (const [start, from] of sorted.entries()) {
    while (end < start + sorted.length && (twoDays[end] ?? 0) - from <= PIPELINE_MINUTES) end++;
    if (end - start > fullest.count) fullest = { from, until: twoDays[end - 1] ?? from, count: end - start };
  }
  return fullest.count >= enough ? fullest : undefined;
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
