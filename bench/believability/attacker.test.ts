import { expect, test } from "vitest";
import { attack, mean, tablesOf } from "./attacker";
import { carryOut, drawEstates, planAtAge } from "./campaign";
import { diceOf } from "./dice";
import { newborn } from "./real";
import { intervalOf } from "./run";
import { constantType, plain, type Scheme, upstream } from "./schemes";

const world = { test: drawEstates(11, 2, 12), training: drawEstates(12, 4, 12) };

function rateOf(scheme: Scheme, level: 1 | 2 | 3): { rate: number; tell: string; chance: number } {
  const dice = diceOf(5);
  const learnt = world.training.map((estate) => carryOut(estate, scheme, planAtAge(30, 30, dice), dice));
  const looks = world.test.map((estate) => carryOut(estate, scheme, planAtAge(30, 30, dice), dice));
  const { picks, worstTell } = attack(tablesOf(learnt, looks), level, dice);
  const chance = mean(looks.flatMap((each) => each.looks.map(({ objects, answers }) => answers.size / objects.length)));
  return { rate: mean(picks), tell: worstTell, chance };
}

test("a word that only decoys have is found, and named as the tell", () => {
  const { rate, tell } = rateOf(upstream, 1);
  expect(rate).toBeGreaterThan(0.9);
  expect(tell).toMatch(/decoy/);
});

test("a content type that only decoys have is found, but not by names alone", () => {
  expect(rateOf(constantType, 2).rate).toBeGreaterThan(0.85);
});

test("the one object that was never renewed is found by its versions", () => {
  const still: Scheme = (vault, _, { from }, dice) => {
    for (const item of vault.items) {
      const born = item.versions[0]?.at ?? 0;
      if (item.versions.length === 1) item.versions.push({ at: born + 1, expires: item.versions[0]?.expires });
    }
    return [plain(dice.one(vault.items).name.slice(0, -1).padEnd(3, "a"), from + 1)];
  };
  expect(rateOf(still, 3).rate).toBeGreaterThan(0.8);
});

test("where the answer is a real object, names give next to nothing", () => {
  const { rate, chance } = rateOf(newborn, 1);
  expect(rate).toBeLessThan(chance * 4);
});

test("the same seed gives the same figures", () => {
  expect(rateOf(upstream, 2)).toEqual(rateOf(upstream, 2));
});

test("the interval lies round the mean", () => {
  const [low, high] = intervalOf([...Array(80).fill(0), ...Array(20).fill(1)], diceOf(1));
  expect(low).toBeGreaterThan(0.1);
  expect(low).toBeLessThan(0.2);
  expect(high).toBeGreaterThan(0.2);
  expect(high).toBeLessThan(0.3);
});
