import { expect, test } from "vitest";
import type { VaultPicture } from "@/lib/decoys/picture";
import { seeded } from "@/lib/decoys/testing/seeded";
import { fakeVaultId } from "../testing/fake-azure";
import { afterAdditions, waitingFrom } from "./waiting";

const VAULT = fakeVaultId(1);
const NOW = new Date("2026-11-22T10:00:00Z");
const HOUR = 3_600_000;
const later = (hours: number) => new Date(NOW.getTime() + hours * HOUR);
const keyOf = (name: string) => `${VAULT}/secrets/${name}`;

const there = {
  name: "Tide-Pin",
  kind: "secret" as const,
  enabled: true,
  managed: false,
  created: later(-900),
  updated: later(-900),
};
const picture: VaultPicture = { objects: [there], softDeleted: [], siblings: [] };
const join = { from: later(-1), lagMs: 2 * HOUR };

function after(
  versions: Record<string, Date>,
  { moment = later(500), joins = false }: { moment?: Date; joins?: boolean } = {},
) {
  const waiting = waitingFrom(VAULT, picture, joins ? join : undefined);
  const log = new Map(Object.entries(versions).map(([name, at]) => [keyOf(name), [at]]));
  return afterAdditions({ moment, waiting }, log, { now: NOW, random: seeded(2) });
}

test("what the vault held already is no addition, whatever is written to it", () => {
  expect(after({ "tide-pin": later(-0.1) }, { joins: true })).toBeUndefined();
});

test("an addition that is to be followed sets the moment, once", () => {
  const found = after({ "reef-pin": later(-0.2) }, { joins: true });
  expect(found?.moment).toEqual(later(1.8));
  expect(found?.waiting).toMatchObject({ join: null, added: [later(-0.2).getTime()] });
  expect(found?.waiting.known).toContain(keyOf("reef-pin"));
});

test("the moment that was drawn comes first, and what is late is done at once", () => {
  expect(after({ "reef-pin": later(-0.2) }, { joins: true, moment: later(1) })?.moment).toEqual(later(1));
  const early = { ...join, lagMs: HOUR / 6 };
  const waiting = waitingFrom(VAULT, picture, early);
  const log = new Map([[keyOf("reef-pin"), [later(-0.5)]]]);
  expect(afterAdditions({ moment: later(500), waiting }, log, { now: NOW, random: seeded(2) })?.moment).toEqual(NOW);
});

test("what was added before is not followed", () => {
  const found = after({ "reef-pin": later(-3) }, { joins: true });
  expect(found?.moment).toEqual(later(500));
  expect(found?.waiting.join).toEqual({ from: later(-1).getTime(), lagMs: 2 * HOUR });
});

test("additions move the moment to their hours on its day, unless it is near", () => {
  const added = { "reef-pin": new Date("2026-11-20T15:10:00Z"), "cove-pin": new Date("2026-11-21T16:20:00Z") };
  const moment = new Date("2026-12-09T03:00:00Z");
  const moved = after(added, { moment })?.moment;
  expect(moved?.toISOString().slice(0, 10)).toBe("2026-12-09");
  expect(moved?.getUTCHours()).toBeGreaterThan(12);
  expect(moved?.getUTCHours()).toBeLessThan(19);
  expect(after(added, { moment: later(6) })?.moment).toEqual(later(6));
});
