import { describe, expect, test } from "vitest";
import { atSeenHours, momentWithin, planMoment } from "./moment";
import { addDays, daysBetween, type ListedObject, type VaultPicture } from "./picture";
import { seeded } from "./testing/seeded";

const NOTHING: VaultPicture = { objects: [], softDeleted: [], siblings: [] };

/** A vault whose objects were made at these moments. */
function vaultOf(created: readonly Date[]): VaultPicture {
  const objects = created.map(
    (at, index): ListedObject => ({
      name: `name-${index}`,
      kind: "secret",
      enabled: true,
      managed: false,
      created: at,
      updated: at,
    }),
  );
  return { ...NOTHING, objects };
}

const SUNDAY = new Date("2026-11-22T14:00:00Z");

function window(hours: number) {
  return { from: SUNDAY, until: new Date(SUNDAY.getTime() + hours * 3_600_000) };
}

const moments = (picture: VaultPicture, hours: number, count = 100) =>
  Array.from({ length: count }, (_, seed) => momentWithin(picture, window(hours), seeded(seed + 1)));

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
  const created = [12, 13, 14, 15, 16].map((day) => new Date(`2026-10-${day}T21:${day}:00Z`));
  const hours = moments(vaultOf(created), 168).map((moment) => moment.getUTCHours());
  expect(hours.filter((hour) => hour >= 20 && hour <= 22).length).toBeGreaterThan(95);
});

test("they come on working days, all over the window, and at the hour at which all was made", () => {
  const monday = new Date("2025-06-02T09:00:00Z");
  const drawn = moments(vaultOf([0, 7, 14, 21, 28, 35].map((days) => addDays(monday, days))), 60 * 24);
  for (const at of drawn) {
    expect(at.getUTCDay() % 6).not.toBe(0);
    expect(at.getUTCHours()).toBe(9);
  }
  const late = drawn.filter((at) => daysBetween(SUNDAY, at) > 30).length;
  expect(late).toBeGreaterThan(30);
  expect(late).toBeLessThan(70);
});

test("hours lie between and about the vault's own, and every place among them is taken", () => {
  const hours = [8, 9, 10, 15];
  const vault = vaultOf(hours.map((hour, index) => new Date(Date.UTC(2025, 5, 2 + index * 7, hour))));
  const places = moments(vault, 60 * 24, 200).map((at) => {
    const hour = at.getUTCHours() + at.getUTCMinutes() / 60;
    expect(hour).toBeGreaterThan(5);
    expect(hour).toBeLessThan(18);
    return hours.filter((other) => other < hour).length;
  });
  for (const place of [0, 1, 2, 3, 4])
    expect(places.filter((each) => each === place).length, `place ${place}`).toBeGreaterThan(15);
});

test("a round in which many were renewed counts as one moment among the vault's own hours", () => {
  const round = new Date("2026-10-12T03:00:00Z");
  const renewed = Array.from({ length: 30 }, (_, index) => new Date(round.getTime() + index * 20_000));
  const added = [13, 14, 15, 16, 19, 20].map((day) => new Date(`2026-10-${day}T${day - 4}:10:00Z`));
  const drawn = moments(vaultOf([...renewed, ...added]), 168);
  expect(drawn.filter((at) => at.getUTCHours() >= 8).length).toBeGreaterThan(60);
});

describe("a pipeline's own minutes", () => {
  const at = (week: number, hour: number, minute: number) => new Date(Date.UTC(2025, 5, 2 + week * 7, hour, minute));
  const night = [0, 3, 6].map((week) => at(week, 2, 10 + week));
  const day = [1, 2, 4, 5, 7, 8, 9, 10].map((week) => at(week, 8 + week, 7 * week));

  test("are kept to where they are seen, whatever else was made at other hours", () => {
    for (const drawn of moments(vaultOf([...night, ...day]), 60 * 24)) {
      expect(drawn.getUTCHours()).toBe(2);
      expect(drawn.getUTCMinutes()).toBeGreaterThanOrEqual(10);
      expect(drawn.getUTCMinutes()).toBeLessThanOrEqual(16);
    }
  });

  test("are none where two of many were made at the same time of day", () => {
    const drawn = moments(vaultOf([...night.slice(1), ...day]), 60 * 24);
    expect(drawn.filter((moment) => moment.getUTCHours() >= 8).length).toBeGreaterThan(60);
  });
});

describe("joining what people add", () => {
  const DAY_MS = 86_400_000;
  const day = (days: number) => new Date(SUNDAY.getTime() + days * DAY_MS);
  const half = { from: SUNDAY, until: day(180) };
  const joining = (born: readonly number[]) => {
    const picture = { ...vaultOf(born.map(day)), since: day(-400) };
    const planned = Array.from({ length: 200 }, (_, seed) => planMoment(picture, half, seeded(seed + 1)));
    for (const { at, join } of planned) {
      expect(at.getTime()).toBeGreaterThan(SUNDAY.getTime());
      if (join === undefined) continue;
      expect(join.from.getTime()).toBeGreaterThanOrEqual(SUNDAY.getTime());
      expect(join.from.getTime()).toBeLessThan(at.getTime());
      expect(join.lagMs).toBeGreaterThanOrEqual(600_000);
      expect(join.lagMs).toBeLessThanOrEqual(5 * 3_600_000);
    }
    return planned.filter(({ join }) => join !== undefined).length / planned.length;
  };
  const alone = Array.from({ length: 20 }, (_, index) => -19 * (index + 1));

  test("is as usual as in the vault: the oftener objects were added late, the oftener a decoy joins others", () => {
    const pairs = alone.flatMap((at) => [at, at + 0.02]);
    expect(joining(alone)).toBeLessThan(0.15);
    expect(joining(pairs)).toBeGreaterThan(0.8);
  });

  test("is not learnt from a first filling", () => {
    const filled = Array.from({ length: 12 }, (_, index) => -399 + index * 0.01);
    expect(joining([...alone, ...filled])).toBeLessThan(0.15);
  });

  test("is not learnt from what a program makes within moments, which no decoy could join", () => {
    expect(joining(alone.flatMap((at) => [at, at + 0.001]))).toBeLessThan(0.15);
  });
});

test("hours at which people were seen to add objects go before those of a list, once there are some", () => {
  const moment = new Date("2026-11-25T03:10:00Z");
  const seen = ["2026-11-02T13:05:00Z", "2026-11-11T14:40:00Z", "2026-11-19T13:50:00Z"].map((text) => new Date(text));
  for (let seed = 1; seed < 40; seed++) {
    const at = atSeenHours(moment, seen, seeded(seed));
    expect(at.toISOString().slice(0, 10)).toBe("2026-11-25");
    expect(at.getUTCHours()).toBeGreaterThan(11);
    expect(at.getUTCHours()).toBeLessThan(17);
  }
  expect(atSeenHours(moment, seen.slice(1, 2), seeded(1))).toEqual(moment);
});
