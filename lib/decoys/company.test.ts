import { expect, test } from "vitest";
import { lagAfterFirst } from "./company";
import { addDays, type ListedObject, type VaultPicture } from "./picture";
import { seeded } from "./testing/seeded";

const START = new Date("2026-03-02T09:00:00Z");
const SECOND = 1 / 86_400;

function vaultOf(days: readonly number[]): VaultPicture {
  const objects = days.map((day, index): ListedObject => {
    const at = addDays(START, day);
    return { name: `name-${index}`, kind: "secret", enabled: true, managed: false, created: at, updated: at };
  });
  return { objects, softDeleted: [], siblings: [] };
}

const lags = (picture: VaultPicture) =>
  Array.from({ length: 200 }, (_, seed) => lagAfterFirst(picture, seeded(seed + 1)));

test("a further decoy comes as soon as the vault's own objects came that were made with another", () => {
  const drawn = lags(vaultOf([0, 4 * SECOND, 20, 20 + 9 * SECOND, 50, 90]));
  expect(new Set(drawn)).toEqual(new Set([4_000, 9_000]));
});

test("where all were made alone it comes within seconds to minutes", () => {
  const drawn = lags(vaultOf([0, 20, 50, 50.1]));
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(600_000);
  expect(new Set(drawn).size).toBeGreaterThan(150);
});
