import fc from "fast-check";
import { expect, test } from "vitest";
import { differences } from "./differences.pure";

test("names what changed, went and came, at its place, and nothing that stayed", () => {
  const before = { decoys: { perVault: 1, keyKeywords: ["a"], gone: true }, same: { deep: [1, 2] } };
  const after = { decoys: { perVault: 2, keyKeywords: ["a", "b"] }, same: { deep: [1, 2] }, added: null };
  expect(differences(before, after)).toEqual([
    { path: "decoys.perVault", before: "1", after: "2" },
    { path: "decoys.keyKeywords", before: "a", after: "a, b" },
    { path: "decoys.gone", before: "true", after: undefined },
    { path: "added", before: undefined, after: "nothing" },
  ]);
});

test("takes lists of records apart by position, and says what is empty", () => {
  expect(differences({}, { list: [{ name: "x" }, { name: "" }], none: [], record: {} })).toEqual([
    { path: "list.1.name", before: undefined, after: "x" },
    { path: "list.2.name", before: undefined, after: '""' },
    { path: "none", before: undefined, after: "none" },
    { path: "record", before: undefined, after: "empty" },
  ]);
});

test("nothing differs between a record and itself, and a new value always shows", () => {
  const record = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(record, (one) => {
      expect(differences(one, structuredClone(one))).toEqual([]);
      expect(differences(one, { ...one, "the new one": 7 }).map(({ after }) => after)).toEqual(["7"]);
    }),
  );
});
