import { expect, test } from "vitest";
import { carryOut, drawEstates, planAnyTime, planAtAge } from "./campaign";
import { diceOf } from "./dice";
import { Tally } from "./lessons";
import { OLDEST } from "./life";
import { together } from "./looks";
import { type Scheme, upstream } from "./schemes";

test("shares that are spread evenly begin campaigns over all the time in which one can begin", () => {
  const starts = [0, 0.25, 0.5, 0.75, 1].map((share) => planAnyTime(180, share, diceOf(3)).start);
  expect(starts[0]).toBe(-OLDEST - 180);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  expect(starts.at(-1)).toBeGreaterThan(180);
});

test("two campaigns in one estate are taken for one estate, with the looks of both", () => {
  const [estate] = drawEstates(4, 1, 10);
  if (estate === undefined) throw new Error("no estate");
  const [first, second] = [1, 2].map((seed) =>
    carryOut(estate, upstream, planAtAge(30, 1, diceOf(seed)), diceOf(seed)),
  );
  if (first === undefined || second === undefined) throw new Error("no looks");
  const both = together([first, second]);
  expect(both.looks).toEqual([...first.looks, ...second.looks]);
  const weigh = (tallies: Parameters<typeof Tally.weights>[0]) => Tally.weights(tallies)("type secret ");
  expect(weigh([both.facts])).toBe(weigh([first.facts, second.facts]));
  expect(weigh([both.facts])).not.toBe(weigh([first.facts]));
});

test("nobody makes an object of a name that a decoy has: whoever would, makes another", () => {
  const [estate] = drawEstates(4, 1, 10);
  if (estate === undefined) throw new Error("no estate");
  const before = estate.vaults.map(({ items }) => items.map(({ name }) => name));
  // A decoy that guesses the name of what comes next.
  const guessed: Scheme = (vault, _estate, { from }) => {
    const [next] = vault.items.filter(({ versions }) => (versions[0]?.at ?? 0) > from + 1);
    return next ? [{ ...next, wording: undefined, gone: 500, versions: [{ at: from + 0.5, expires: undefined }] }] : [];
  };
  const { looks } = carryOut(estate, guessed, planAtAge(180, 1, diceOf(5)), diceOf(5));
  expect(looks.length).toBeGreaterThan(5);
  for (const { objects, answers } of looks) {
    const names = objects.filter(({ managed }) => !managed).map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(answers.size).toBe(1);
  }
  expect(estate.vaults.map(({ items }) => items.map(({ name }) => name))).toEqual(before);
});
