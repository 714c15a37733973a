import { expect, test } from "vitest";
import type { ListedObject } from "@/lib/decoys/picture";
import { momentWithin } from "./spread-moment";

const FROM = new Date("2026-11-22T14:00:00Z"); // a Sunday
const NOTHING = { objects: [], softDeleted: [], siblings: [] };

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function window(hours: number) {
  return { from: FROM, until: new Date(FROM.getTime() + hours * 3_600_000) };
}

const moments = (picture: Parameters<typeof momentWithin>[0], hours: number) =>
  Array.from({ length: 100 }, (_, seed) => momentWithin(picture, window(hours), seeded(seed + 1)));

test("every moment lies in the window, also where the vault's hours do not, and they are not all one", () => {
  for (const hours of [1, 6, 24, 168]) {
    const drawn = moments(NOTHING, hours);
    const { from, until } = window(hours);
    for (const moment of drawn) {
      expect(moment.getTime()).toBeGreaterThan(from.getTime());
      expect(moment.getTime()).toBeLessThanOrEqual(until.getTime());
    }
    expect(new Set(drawn.map((moment) => moment.getTime())).size).toBeGreaterThan(90);
  }
});

test("in a long window they come at the vault's own hours", () => {
  const at = (day: number): Date => new Date(`2026-10-${day}T21:${day}:00Z`);
  const objects = [12, 13, 14, 15, 16].map(
    (day): ListedObject => ({
      name: `name-${day}`,
      kind: "secret",
      enabled: true,
      managed: false,
      created: at(day),
      updated: at(day),
    }),
  );
  const hours = moments({ ...NOTHING, objects }, 168).map((moment) => moment.getUTCHours());
  expect(hours.filter((hour) => hour >= 20 && hour <= 22).length).toBeGreaterThan(95);
});
