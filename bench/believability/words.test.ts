import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isCredential, isEnvironment } from "@/lib/decoys/tokens";
import { KEY_TAILS, OPERATIONS, SECRET_TAILS, SYSTEMS } from "@/lib/decoys/words";
import { KEY_SORTS, QUALIFIERS, ROOTS, SECTION_HEADS, SORTS, STAGES, SUBJECTS } from "./words";

const words = [
  ...SUBJECTS,
  ...QUALIFIERS,
  ...STAGES,
  ...SECTION_HEADS,
  ...ROOTS,
  ...SORTS.flat(),
  ...KEY_SORTS.flat(),
].map((word) => word.toLowerCase());

test("the bench shares no word with the generator", () => {
  const theirs = new Set([...OPERATIONS, ...SYSTEMS, ...SECRET_TAILS.flat(), ...KEY_TAILS.flat()]);
  expect(words.filter((word) => theirs.has(word) || isEnvironment(word) || isCredential(word))).toEqual([]);
});

test("the bench shares no word with the names of the simulated tenant", () => {
  const source = readFileSync("simulator/world/words.ts", "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  const theirs = new Set(
    [...source.matchAll(/"([^"/ ]+)"/g)].flatMap(([, text = ""]) =>
      text
        .replaceAll(/([a-z])([A-Z])/g, "$1-$2")
        .toLowerCase()
        .split("-"),
    ),
  );
  expect(words.filter((word) => theirs.has(word))).toEqual([]);
});

test("the bench takes nothing from the product but the generator's entries and the check of names", () => {
  const sources = readdirSync("bench/believability").filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  const imports = sources.flatMap((file) =>
    [...readFileSync(`bench/believability/${file}`, "utf8").matchAll(/from "(@\/[^"]+|\.\.\/[^"]+)"/g)].map(
      ([, from]) => from,
    ),
  );
  expect([...new Set(imports)].sort()).toEqual([
    "../table",
    "@/lib/decoys/company",
    "@/lib/decoys/memory",
    "@/lib/decoys/moment",
    "@/lib/decoys/next-version",
    "@/lib/decoys/picture",
    "@/lib/decoys/propose",
    "@/lib/decoys/safety",
    "@/lib/decoys/settings",
    "@/lib/decoys/settings.pure",
  ]);
});
