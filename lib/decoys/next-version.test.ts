import { describe, expect, test } from "vitest";
import { keyOf, type Remembered, remember } from "./memory";
import { type Luck, planNext } from "./next-version";
import { addDays, daysBetween, type ListedObject } from "./picture";
import { seeded } from "./testing/seeded";

const PLANTED = new Date("2026-03-02T10:00:00Z");
const at = (days: number) => addDays(PLANTED, days);

/** A vault in which each object was made at its own time and renewed after `pauses` in turn. */
interface Real {
  name: string;
  born: number;
  pauses: readonly number[];
}

function listedAt({ name, born, pauses }: Real, day: number): ListedObject[] {
  let last = born;
  for (const pause of pauses) {
    if (last + pause > day) break;
    last += pause;
  }
  const created = at(last);
  if (born > day) return [];
  return [{ name, kind: "secret", enabled: true, managed: false, created, updated: created }];
}

/** What a look each week has shown until `day`, the log having shown nothing. */
function memoryOf(vault: readonly Real[], day: number): Remembered[] {
  let memory: Remembered[] = [];
  for (let look = 0; look <= day; look += 7)
    memory = remember(
      memory,
      vault.flatMap((real) => listedAt(real, look)),
      at(look),
    );
  return memory;
}

const LUCK: Luck = { part: 0.4, pause: 0.5 };

function next(
  vault: readonly Real[],
  day: number,
  {
    alike = [],
    luck = LUCK,
    validDays,
    last = 0,
  }: { alike?: string[]; luck?: Luck; validDays?: number; last?: number } = {},
) {
  const keys = new Set(alike.map((name) => keyOf({ kind: "secret", name })));
  const asked = { alike: keys, last: at(last), validDays, luck };
  const { due, withRounds, expected } = planNext(memoryOf(vault, day), asked, at(day), seeded(3));
  return { due: due && daysBetween(PLANTED, due), withRounds, expected };
}

const steady = (pause: number): Real[] =>
  [-20, -45, -71, -100, -130].map((born, index) => ({ name: `made-${index}`, born, pauses: [pause, pause, pause] }));

describe("what looks have shown", () => {
  test("is when each version was made, and until when an object was there", () => {
    const [one = expect.fail("nothing remembered")] = memoryOf([{ name: "tide-pin", born: -30, pauses: [60] }], 70);
    expect(one.made).toEqual([at(-30), at(30)]);
    expect(one).toMatchObject({ knownSince: PLANTED, seen: at(70) });
    const gone = remember([one], [], at(77));
    expect(gone).toEqual([one]);
  });

  test("goes on from what the log showed, whose versions are complete", () => {
    const versions = [at(-60), at(-20)];
    const object: ListedObject = {
      name: "tide-pin",
      kind: "secret",
      enabled: true,
      managed: false,
      created: at(-20),
      updated: at(-20),
      versions,
    };
    expect(remember([], [object], PLANTED, 90)[0]?.knownSince).toEqual(at(-60));
    expect(remember([], [object], PLANTED, 30)[0]?.knownSince).toEqual(PLANTED);
  });
});

describe("the next version", () => {
  test("is not planned while nothing was seen to be renewed, but for its term", () => {
    expect(next(steady(150), 0)).toMatchObject({ due: undefined, withRounds: false });
    const { due = 0 } = next(steady(150), 0, { validDays: 100 });
    expect(due).toBeGreaterThan(75);
    expect(due).toBeLessThan(95);
  });

  test("is due on the dot where the neighbours were renewed on the dot, however slowly", () => {
    const { due = 0, withRounds } = next(steady(150), 84);
    expect(Math.abs(due - 150)).toBeLessThan(0.01);
    expect(withRounds).toBe(false);
  });

  test("comes after a pause as the neighbours' are, those still waiting counted in", () => {
    const pauses = [90, 100, 110, 120, 130, 140, 150, 160];
    const vault = pauses.map((pause, index) => ({ name: `made-${index}`, born: -13 * index, pauses: [pause, 400] }));
    const dues = [0.1, 0.5, 0.9].map((pause) => next(vault, 161, { luck: { part: 0.4, pause }, last: 160 }).due ?? 0);
    const [early = 0, usual = 0, late = 0] = dues.map((due) => due - 160);
    expect(early).toBeGreaterThan(80);
    expect(usual).toBeGreaterThan(early + 10);
    expect(late).toBeGreaterThan(usual + 10);
    expect(late).toBeLessThan(175);
  });

  test("stays where it was planned while no more is known", () => {
    const vault = steady(150);
    expect(next(vault, 98)).toEqual(next(vault, 98));
    expect(Math.abs((next(vault, 98).due ?? 0) - (next(vault, 140).due ?? 1))).toBeLessThan(0.01);
  });

  test("comes with the neighbours' rounds, where its sort takes part", () => {
    const rounds = ["pin-a", "pin-b", "pin-c", "pin-d", "pin-e"].map((name, index) => ({
      name,
      born: -30 - index * 40,
      pauses: [30 + index * 40 + 20 + index * 0.01, 100],
    }));
    const still = ["seed-a", "seed-b", "seed-c"].map((name, index) => ({ name, born: -60 - index * 30, pauses: [] }));
    const vault = [...rounds, ...still];
    const taking = next(vault, 28, { alike: ["pin-a", "pin-b"] });
    expect(taking).toMatchObject({ due: undefined, withRounds: true });
    const staying = next(vault, 28, { alike: ["seed-a", "seed-b"] });
    expect(staying).toEqual({ due: undefined, withRounds: false, expected: undefined });
    // The next one may come at any time after one round, and about when it is usual after two.
    expect(taking.expected && daysBetween(at(20), taking.expected.from)).toBeCloseTo(7, 0);
    const { expected } = next(vault, 126, { alike: ["pin-a", "pin-b"] });
    expect(expected && daysBetween(PLANTED, expected.from)).toBeCloseTo(200, 0);
    expect(expected && daysBetween(PLANTED, expected.until)).toBeCloseTo(245, 0);
  });

  test("is none for a sort that grows old while others are renewed", () => {
    const still = ["seed-a", "seed-b", "seed-c"].map((name) => ({ name, born: -300, pauses: [] }));
    const vault = [...steady(60), ...still];
    expect(next(vault, 63, { alike: ["seed-a", "seed-b", "seed-c"] }).due).toBeUndefined();
    expect(next(vault, 63, { alike: ["made-0", "made-1"] }).due).toBeGreaterThan(55);
  });

  test("two that were made together are no round where each is renewed at its own time", () => {
    const twins = ["twin-a", "twin-b", "twin-c"].map((name) => ({ name, born: -50, pauses: [60, 60] }));
    expect(next([...steady(60), ...twins], 70).withRounds).toBe(false);
  });
});
