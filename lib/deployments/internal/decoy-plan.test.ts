import { describe, expect, test } from "vitest";
import {
  afterVersion,
  attributesAt,
  hadRound,
  historyFrom,
  keyShapeOf,
  nextDue,
  type PlannedHistory,
  storedAttributes,
} from "./decoy-plan";

const DAY = 86_400_000;
const MADE = new Date("2026-11-22T10:00:00.400Z");
const daysLater = (days: number) => new Date(MADE.getTime() + days * DAY);

describe("what a version carries", () => {
  test("is what was stored, with dates from the moment of the write in whole seconds", () => {
    const attributes = storedAttributes({
      contentType: "text/plain",
      tags: { team: "pay" },
      expiresInDays: 90,
      notBefore: true,
    });
    expect(attributesAt({ attributes }, MADE)).toEqual({
      contentType: "text/plain",
      tags: { team: "pay" },
      notBefore: new Date("2026-11-22T10:00:00Z"),
      expires: new Date("2027-02-20T10:00:00Z"),
    });
  });

  test("is nothing for a decoy from before attributes were chosen", () => {
    const nothing = { contentType: undefined, tags: undefined, notBefore: undefined, expires: undefined };
    expect(attributesAt({ attributes: {} }, MADE)).toEqual(nothing);
    expect(keyShapeOf({ attributes: {} })).toEqual({ kty: "RSA", size: undefined, curve: undefined });
  });

  test.each([
    [
      { type: "EC", curve: "P-384" },
      { kty: "EC", size: undefined, curve: "P-384" },
    ],
    [
      { type: "RSA-HSM", size: 3072 },
      { kty: "RSA-HSM", size: 3072, curve: undefined },
    ],
    [{ type: "oct" }, { kty: "RSA", size: undefined, curve: undefined }],
  ])("a key of the shape %o is made as %o", (key, shape) => {
    expect(keyShapeOf({ attributes: storedAttributes({ notBefore: false, key }) })).toEqual(shape);
  });
});

describe("a history", () => {
  const planned = (versions: number[], withRounds = false): PlannedHistory => {
    const history = historyFrom({ versions: versions.map((days) => days * DAY), withRounds }, MADE, 10);
    if (!history) throw new Error("no history");
    return history;
  };

  test("there is none where nothing is planned", () => {
    expect(historyFrom({ versions: [], withRounds: false }, MADE, 10)).toBeUndefined();
  });

  test("goes on from version to version, and repeats its last pause at the end", () => {
    const first = planned([90, 185]);
    expect(nextDue(first)).toEqual(daysLater(90));
    const second = afterVersion(first, daysLater(90.01));
    expect(nextDue(second)).toEqual(daysLater(185));
    const third = afterVersion(second, daysLater(185));
    expect(nextDue(third)).toEqual(daysLater(275));
    // What was missed while the product was down is written once.
    expect(nextDue(afterVersion(first, daysLater(200)))).toEqual(daysLater(290));
  });

  test("a version that came with a round stands for what was planned near it", () => {
    const history = planned([90, 180], true);
    expect(nextDue(afterVersion(history, daysLater(40)))).toEqual(daysLater(180));
    expect(nextDue(afterVersion(history, daysLater(20)))).toEqual(daysLater(90));
  });

  test("without planned versions it waits for a round", () => {
    const history = planned([], true);
    expect(nextDue(history)).toBeNull();
    expect(nextDue(afterVersion(history, daysLater(30)))).toBeNull();
  });

  const old = Array.from({ length: 8 }, () => daysLater(-200));
  test.each([
    ["two renewed within two hours", [...old, daysLater(30), daysLater(30.05)], true],
    ["one renewed", [...old, daysLater(-90), daysLater(30)], false],
    ["two renewed on different days", [...old, daysLater(30), daysLater(31)], false],
    ["two added", [...old, daysLater(-90), daysLater(-80), daysLater(30), daysLater(30.05)], false],
    [
      "three renewed and one added",
      [...old.slice(2), daysLater(-80), daysLater(30), daysLater(30.01), daysLater(30.02), daysLater(40)],
      true,
    ],
    ["two renewed within a week of the newest version", [...old, daysLater(3), daysLater(3.01)], false],
  ])("whether the neighbours were renewed together: %s", (_, made, round) => {
    expect(hadRound(planned([90], true), made)).toBe(round);
  });

  test("what was there at the last look is no news", () => {
    const looked = { ...planned([90], true), looked: daysLater(31).getTime() };
    expect(hadRound(looked, [...old, daysLater(30), daysLater(30.05)])).toBe(false);
    expect(hadRound(looked, [...old, daysLater(32), daysLater(32.05)])).toBe(true);
  });
});
