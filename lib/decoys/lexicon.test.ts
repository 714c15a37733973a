import fc from "fast-check";
import { expect, test } from "vitest";
import { cutterAmong } from "./lexicon";

const SUBJECTS = ["heron", "glacier", "tide", "orchard", "reef", "lagoon", "pine"];
const SORTS = ["passphrase", "ticket", "seedvalue"];
const TOGETHER = SUBJECTS.flatMap((subject, index) =>
  SORTS.filter((_, sort) => (sort + index) % 3 > 0).map((sort) => `sea${subject}${sort}uat`),
);

test("words that come back are told apart from the names alone", () => {
  const cut = cutterAmong(TOGETHER, [], new Map());
  expect(cut("seaheronticketuat")).toEqual(["sea", "heron", "ticket", "uat"]);
  expect(cut("sealagoonpassphraseuat")).toEqual(["sea", "lagoon", "passphrase", "uat"]);
});

test("a word that is said once is what the others leave", () => {
  const once = "seawharfticketuat";
  expect(cutterAmong([...TOGETHER, once], [], new Map())(once)).toEqual(["sea", "wharf", "ticket", "uat"]);
});

test("words that are written apart elsewhere are known", () => {
  const known = new Map([...SUBJECTS, "pin"].map((word) => [word, 3]));
  expect(cutterAmong(["heronpin", "reefpinorchard"], [], known)("reefpinorchard")).toEqual(["reef", "pin", "orchard"]);
});

test("what is cut is the text, and no part is shorter than a word", () => {
  const text = fc.stringMatching(/^[a-d]{3,18}$/);
  fc.assert(
    fc.property(fc.array(text, { maxLength: 12 }), text, (texts, one) => {
      const parts = cutterAmong(texts, [], new Map())(one);
      expect(parts.join("")).toBe(one);
      for (const part of parts) expect(part.length).toBeGreaterThanOrEqual(3);
    }),
    { numRuns: 200 },
  );
});
