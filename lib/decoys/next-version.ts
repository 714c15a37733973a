import { keyOf, pictureOfMemory, type Remembered } from "./memory";
import { inChangeHours } from "./moment";
import { addDays, daysBetween } from "./picture";
import type { Random } from "./random";

/** What is drawn once for each version, so that planning anew gives the same answer until more is known. */
export interface Luck {
  /** Whether it is among those that are renewed, 0 to 1. */
  part: number;
  /** Where among the usual pauses its own lies, 0 to 1. */
  pause: number;
}

export function drawLuck(random: Random): Luck {
  return { part: random(), pause: random() };
}

export interface Asked {
  /** Neighbours of its sort, by `keyOf`. */
  alike: ReadonlySet<string>;
  /** When its newest version was made. */
  last: Date;
  validDays: number | undefined;
  luck: Luck;
}

export interface NextVersion {
  /** When it is due at the latest. */
  due: Date | undefined;
  /** It belongs after the next round of the neighbours. */
  withRounds: boolean;
  /** When that round may come, where some are known; it is to be seen at once then. */
  expected: { from: Date; until: Date } | undefined;
}

/** Shortest time between two versions, days: what happens oftener belongs to a program, not to a habit. */
const SHORTEST_DAYS = 7;
/** Nobody renews more seldom than that by habit, days. */
const LONGEST_DAYS = 400;
/** Two renewals within this time are one round, days. */
const ROUND_DAYS = 0.1;
/** So many versions made together are a round also where no renewal is known yet. */
const ROUND_SIZE = 3;
/** The least part of what was there that takes part in a round. */
const ROUND_SHARE = 0.35;
/** What renews on the dot is off by no more, days. */
const DOT_DAYS = 0.05;
/** Some minutes earlier or later than the time before. */
const JITTER_DAYS = 0.003;
/** So far beyond nearly the longest pause, what was not renewed is not going to be. */
const OVERDUE = 1.2;

/**
 * When a decoy gets its next version, by all that looks have shown of its neighbours: after their next round, on the dot
 * at their pause, or after a pause as theirs are, drawn from the product-limit estimate (Kaplan and Meier) of when what is
 * as old is renewed. Nothing is due while nothing is known but what its term asks for.
 */
export function planNext(memory: readonly Remembered[], asked: Asked, now: Date, random: Random): NextVersion {
  const neighbours = memory.filter(({ managed }) => !managed);
  const alike = neighbours.filter((one) => asked.alike.has(keyOf(one)));
  const rounds = roundsOf(neighbours);
  const inRounds = rounds.length === 0 ? undefined : takesPart(rounds, neighbours, alike, asked.luck);
  const planned = inRounds === undefined ? dueBy(neighbours, alike, asked, now, random) : undefined;
  return {
    due: withinTerm(planned, asked, neighbours, now, random),
    withRounds: inRounds === true,
    expected: inRounds === true ? expectedAfter(rounds) : undefined,
  };
}

/** Pauses between known versions. */
function pausesOf({ made }: Remembered): number[] {
  return made.slice(1).map((at, index) => daysBetween(made[index] ?? at, at));
}

interface Round {
  at: Date;
  members: readonly Remembered[];
}

/**
 * Rounds in which neighbours were renewed together, latest last; none where most renewals stand alone. While no renewal
 * is known, current versions that were made together are one.
 */
function roundsOf(neighbours: readonly Remembered[]): Round[] {
  const dates = neighbours
    .flatMap((one) => one.made.map((at, index) => ({ one, at, again: index > 0 })))
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  const groups: (typeof dates)[] = [];
  for (const date of dates) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group && first && daysBetween(first.at, date.at) < ROUND_DAYS) group.push(date);
    else groups.push([date]);
  }
  const count = (all: typeof groups) => all.flat().filter(({ again }) => again).length;
  const renewals = count(groups);
  // Two alone may have been made together, and be no round.
  const isRound = (group: typeof dates) =>
    new Set(group.map(({ one }) => one)).size >= ROUND_SIZE || group.filter(({ again }) => again).length > 1;
  const together = groups.filter(isRound);
  if (renewals > 0 && count(together) * 2 < renewals) return [];
  return together
    .map((group) => ({ at: group.at(-1)?.at ?? new Date(0), members: [...new Set(group.map(({ one }) => one))] }))
    .filter(({ at, members }) => members.length >= neighbours.filter((one) => wasThere(one, at)).length * ROUND_SHARE);
}

/** A round comes as late as this after the one before, as shares of the usual time between two. */
const EXPECTED = { from: 0.8, until: 1.25 };

/** After one round alone the next may come at any time. */
function expectedAfter(rounds: readonly Round[]): NextVersion["expected"] {
  const last = rounds.at(-1)?.at;
  if (last === undefined) return undefined;
  const gaps = rounds
    .slice(1)
    .map(({ at }, index) => daysBetween(rounds[index]?.at ?? at, at))
    .filter((days) => days >= SHORTEST_DAYS)
    .sort((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 2)];
  if (usual === undefined) return { from: addDays(last, SHORTEST_DAYS), until: addDays(last, LONGEST_DAYS) };
  return {
    from: addDays(last, Math.max(SHORTEST_DAYS, usual * EXPECTED.from)),
    until: addDays(last, usual * EXPECTED.until),
  };
}

function wasThere({ made, seen }: Remembered, at: Date): boolean {
  return (made[0] ?? at) <= at && seen >= at;
}

function takesPart(
  rounds: readonly Round[],
  neighbours: readonly Remembered[],
  alike: readonly Remembered[],
  { part }: Luck,
): boolean {
  for (const judges of [alike, neighbours]) {
    let [present, took] = [0, 0];
    for (const { at, members } of rounds.slice(-2))
      for (const one of judges) {
        if (!wasThere(one, at)) continue;
        present++;
        if (members.includes(one)) took++;
      }
    if (present > 0) return part < took / present;
  }
  return false;
}

function dueBy(
  neighbours: readonly Remembered[],
  alike: readonly Remembered[],
  { last, luck }: Asked,
  now: Date,
  random: Random,
): Date | undefined {
  const pauses = neighbours
    .flatMap(pausesOf)
    .filter((days) => days >= SHORTEST_DAYS)
    .sort((a, b) => a - b);
  const longest = pauses[Math.floor(pauses.length * 0.9)];
  if (longest === undefined) return undefined;
  const overdue = (one: Remembered) =>
    one.made.length < 2 && daysBetween(one.made[0] ?? now, one.seen) > longest * OVERDUE;
  if (!isRenewed(neighbours, alike, overdue, luck)) return undefined;
  const usual = pauses[Math.floor(pauses.length / 2)] ?? longest;
  const onDot = pauses.filter((days) => Math.abs(days - usual) < DOT_DAYS).length;
  if (onDot > 1 && onDot > pauses.length * 0.5)
    return latest(addDays(last, usual + (random() - random()) * JITTER_DAYS), now);
  const renewing = neighbours.filter((one) => !overdue(one));
  const pause = pauseAt(luck.pause, renewing.flatMap(spansOf));
  if (pause === undefined) return undefined;
  const date = addDays(last, Math.max(SHORTEST_DAYS, pause * (0.97 + random() * 0.06)));
  return inChangeHours(pictureOfMemory(neighbours), latest(date, now), random);
}

function latest(a: Date, b: Date): Date {
  return a > b ? a : b;
}

/** What is too young to tell does as its sort does: those renewed beside those overdue, all where the sort is silent. */
function isRenewed(
  neighbours: readonly Remembered[],
  alike: readonly Remembered[],
  overdue: (one: Remembered) => boolean,
  { part }: Luck,
): boolean {
  for (const judges of [alike, neighbours]) {
    const renewed = judges.filter(({ made }) => made.length > 1).length;
    const still = judges.filter(overdue).length;
    if (renewed + still > 0) return part * (renewed + still) < renewed;
  }
  return false;
}

interface Span {
  /** Age, days, from which it was watched. */
  entry: number;
  length: number;
  /** Ended by a renewal; else it was still going on when it was last seen. */
  ended: boolean;
}

function spansOf({ made, knownSince, seen }: Remembered): Span[] {
  return made.map((at, index) => {
    const next = made[index + 1];
    const entry = Math.max(0, daysBetween(at, knownSince));
    return { entry, length: daysBetween(at, next ?? seen), ended: next !== undefined };
  });
}

/** Where no more than this part was never seen to be renewed, the longest pause stands for them. */
const HARDLY_ANY = 0.25;

/** The pause below which a share of `wanted` lies, by those seen so far; undefined while it is longer than any of them. */
function pauseAt(wanted: number, spans: readonly Span[]): number | undefined {
  let waiting = 1;
  const ends = spans.filter(({ ended, length }) => ended && length >= SHORTEST_DAYS).map(({ length }) => length);
  const sorted = ends.toSorted((a, b) => a - b);
  for (const end of sorted) {
    const watched = spans.filter(({ entry, length }) => entry < end && length >= end).length;
    waiting *= 1 - 1 / Math.max(1, watched);
    if (1 - waiting >= wanted) return end;
  }
  return waiting < HARDLY_ANY ? sorted.at(-1) : undefined;
}

/** Never later than nine tenths of its term. */
function withinTerm(
  planned: Date | undefined,
  { last, validDays, luck }: Asked,
  neighbours: readonly Remembered[],
  now: Date,
  random: Random,
): Date | undefined {
  if (validDays === undefined) return planned;
  if (planned !== undefined && daysBetween(last, planned) <= validDays * 0.95) return planned;
  const date = addDays(last, validDays * (0.8 + luck.pause * 0.1));
  return inChangeHours(pictureOfMemory(neighbours), latest(date, now), random);
}
