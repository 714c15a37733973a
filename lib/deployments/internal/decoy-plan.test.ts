import { describe, expect, test } from "vitest";
import {
  afterLook,
  afterVersion,
  attributesAt,
  hadRound,
  historyFrom,
  isExpected,
  keyShapeOf,
  nextDue,
  type PlannedHistory,
  plannedAnew,
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
  const planned = (days: number | undefined, withRounds = false): PlannedHistory => {
    const next = { due: days === undefined ? undefined : daysLater(days), withRounds, expected: undefined };
    return historyFrom({ next, luck: { part: 0.5, pause: 0.5 }, alike: [] }, MADE, 10);
  };

  test("nothing is due where nothing is planned yet, and a look may plan it", () => {
    const nothing = planned(undefined);
    expect(nextDue(nothing)).toBeNull();
    const learnt = plannedAnew(nothing, { due: daysLater(140), withRounds: false, expected: undefined });
    expect(nextDue(learnt)).toEqual(daysLater(140));
    // Its pause is repeated where no look comes any more.
    expect(nextDue(afterVersion(learnt, daysLater(140)))).toEqual(daysLater(280));
    expect(nextDue(plannedAnew(learnt, { due: undefined, withRounds: true, expected: undefined }))).toBeNull();
  });

  test("what is written some minutes late is counted from its moment", () => {
    expect(afterVersion(planned(90), daysLater(90.01)).last).toBe(daysLater(90).getTime());
    expect(afterVersion(planned(90), daysLater(95)).last).toBe(daysLater(95).getTime());
    expect(afterVersion(planned(90, true), daysLater(40)).last).toBe(daysLater(40).getTime());
  });

  test("what is drawn for its next version is drawn anew with each, whether it takes part once", () => {
    const first = planned(90);
    const second = afterVersion(first, daysLater(90));
    expect(second.luck.part).toBe(first.luck.part);
    expect(second.luck.pause).not.toBe(first.luck.pause);
  });

  test("repeats its last pause until a look plans it anew", () => {
    const first = planned(90);
    expect(nextDue(first)).toEqual(daysLater(90));
    const second = afterVersion(first, daysLater(90.01));
    expect(nextDue(second)).toEqual(daysLater(180.01));
    // What was missed while the product was down is written once.
    expect(nextDue(afterVersion(first, daysLater(200)))).toEqual(daysLater(290));
  });

  test("after a version that came with a round the next is due a pause later, so that no term runs out", () => {
    const history = planned(90, true);
    expect(nextDue(afterVersion(history, daysLater(40)))).toEqual(daysLater(130));
    expect(nextDue(afterVersion(afterVersion(history, daysLater(40)), daysLater(100)))).toEqual(daysLater(190));
  });

  test("without planned versions it waits for a round", () => {
    const history = planned(undefined, true);
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
    expect(hadRound(planned(90, true), made)).toBe(round);
  });

  test("looks that come while a round is under way miss none of it, however close to each other", () => {
    const minutes = (count: number) => daysLater(30 + count / 1440);
    const first = [...old.slice(1), minutes(0)];
    const looked = afterLook(planned(90, true), first, minutes(2));
    expect(hadRound(looked, first)).toBe(false);
    expect(hadRound(looked, [...old.slice(2), minutes(0), minutes(3)])).toBe(true);
    // What was alone for hours is no beginning of a round.
    const later = afterLook(looked, first, daysLater(31));
    expect(later.looked).toBe(daysLater(31).getTime());
  });

  test("a round is expected only where there are rounds, between the times given", () => {
    const expected = { from: daysLater(20), until: daysLater(30) };
    const waiting = plannedAnew(planned(undefined), { due: undefined, withRounds: true, expected });
    const days = [19, 21, 29, 31].filter((day) => isExpected(waiting, daysLater(day)));
    expect(days).toEqual([21, 29]);
    expect(isExpected(planned(undefined, true), daysLater(25))).toBe(false);
    expect(isExpected({ ...waiting, withRounds: false }, daysLater(25))).toBe(false);
  });

  test("what was there at the last look is no news", () => {
    const looked = { ...planned(90, true), looked: daysLater(31).getTime() };
    expect(hadRound(looked, [...old, daysLater(30), daysLater(30.05)])).toBe(false);
    expect(hadRound(looked, [...old, daysLater(32), daysLater(32.05)])).toBe(true);
  });
});
