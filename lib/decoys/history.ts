import { inChangeHours } from "./moment";
import { addDays, bornOf, daysBetween, type ListedObject, madeByHand, type VaultPicture } from "./picture";
import { pick, type Random } from "./random";

/** Days ahead for which versions are planned. Whoever keeps a decoy longer plans again. */
export const PLANNED_DAYS = 400;

/** Shortest time between two versions, days: what happens oftener belongs to a program, not to a habit. */
const SHORTEST_DAYS = 7;
/** Two renewals within this time are one round, days. */
const ROUND_DAYS = 0.1;
/** What renews on the dot, as a share of its rhythm. */
const STEADY = 0.04;

/**
 * When a decoy made at `created` gets further versions, as milliseconds after it, at the rhythm of `like` (a neighbour;
 * one at random when none is named) and in the vault's own change hours: along with the others where they are renewed in
 * rounds, to the day where theirs are, irregular where people do it. Empty where the neighbour is never renewed or
 * versions were not listed. With `validDays` there is a version in time before each expiry in any case.
 *
 * `withRounds` says that the neighbours are renewed together: a version then belongs minutes after each of their rounds,
 * which nobody can foretell to the hour, and the planned moments are when to make one should no round come.
 */
export function planHistory(
  picture: VaultPicture,
  created: Date,
  random: Random,
  { like, validDays }: { like?: ListedObject | undefined; validDays?: number | undefined } = {},
): { versions: number[]; withRounds: boolean } {
  const neighbours = madeByHand(picture);
  const model = like ?? (neighbours.length > 0 ? pick(neighbours, random) : undefined);
  const rhythm = model && rhythmOf(model, neighbours, created, random);
  const planned = rhythm === undefined ? [] : alongRhythm(rhythm, picture, created, random);
  const renewed = validDays === undefined ? planned : withinTerm(planned, validDays, picture, created, random);
  return {
    versions: renewed.map((date) => date.getTime() - created.getTime()),
    withRounds: rhythm?.round !== undefined,
  };
}

interface Rhythm {
  pauses: readonly number[];
  /** The last common round, where renewals come in rounds. */
  round: Date | undefined;
  steady: boolean;
}

/** Undefined for what is never renewed. What is too young to tell is taken for one of its elders. */
function rhythmOf(
  model: ListedObject,
  neighbours: readonly ListedObject[],
  now: Date,
  random: Random,
): Rhythm | undefined {
  const elders = neighbours.filter(({ versions }) => (versions?.length ?? 0) > 1);
  if (elders.length === 0) return undefined;
  let chosen = model;
  if ((model.versions?.length ?? 0) < 2) {
    const usual = middle(elders.flatMap(pausesOf));
    const age = daysBetween(bornOf(model), now);
    if (age > usual * 1.3) return undefined;
    const judged = neighbours.filter((object) => daysBetween(bornOf(object), now) > usual * 1.3);
    const still =
      judged.length === 0 ? 0 : judged.filter(({ versions }) => (versions?.length ?? 0) < 2).length / judged.length;
    if (random() < still) return undefined;
    chosen = pick(elders, random);
  }
  const pauses = pausesOf(chosen).filter((days) => days >= SHORTEST_DAYS);
  if (pauses.length === 0) return undefined;
  const usual = middle(pauses);
  const last = chosen.versions?.at(-1);
  const inRound = elders.some(
    (other) =>
      other !== chosen &&
      last !== undefined &&
      other.versions?.slice(1).some((at) => Math.abs(daysBetween(at, last)) < ROUND_DAYS),
  );
  const all = elders.flatMap(pausesOf).filter((days) => days >= SHORTEST_DAYS);
  const steady = all.filter((days) => Math.abs(days / usual - 1) < STEADY).length > all.length * 0.5;
  return {
    pauses: inRound ? [usual] : steady ? [usual] : pauses.length > 2 ? pauses : all,
    round: inRound ? last : undefined,
    steady,
  };
}

function pausesOf({ versions = [] }: ListedObject): number[] {
  return versions.slice(1).map((at, index) => daysBetween(versions[index] ?? at, at));
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.POSITIVE_INFINITY;
}

function alongRhythm({ pauses, round, steady }: Rhythm, picture: VaultPicture, created: Date, random: Random): Date[] {
  const end = addDays(created, PLANNED_DAYS);
  const dates: Date[] = [];
  let date = round ?? created;
  for (;;) {
    date = addDays(date, pick(pauses, random) * (round === undefined && steady ? 1 : 0.97 + random() * 0.06));
    if (date > end) return dates;
    if (daysBetween(created, date) < SHORTEST_DAYS) continue;
    if (steady && round === undefined) date = addDays(date, random() * 0.003);
    dates.push(steady && round === undefined ? date : inChangeHours(picture, date, random));
  }
}

/** Adds versions so that none lives beyond nine tenths of its term. */
function withinTerm(
  planned: readonly Date[],
  validDays: number,
  picture: VaultPicture,
  created: Date,
  random: Random,
): Date[] {
  const dates: Date[] = [];
  const end = addDays(created, PLANNED_DAYS);
  let last = created;
  for (const date of [...planned, end]) {
    while (daysBetween(last, date) > validDays * 0.95) {
      last = inChangeHours(picture, addDays(last, validDays * (0.8 + random() * 0.1)), random);
      dates.push(last);
    }
    if (date !== end) dates.push(date);
    last = date;
  }
  return dates;
}
