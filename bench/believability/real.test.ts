import { expect, test } from "vitest";
import { checkName } from "@/lib/decoys/safety";
import { drawEstates } from "./campaign";
import { diceOf } from "./dice";
import { birthOf, type Vault } from "./life";
import { listVault, siblingsOf } from "./listing";
import { newborn, withinRules } from "./real";
import { LAST_DAY, type Scheme } from "./schemes";

/** What a scheme makes in the vaults of some estates, and what each finds there. */
function madeBy(scheme: Scheme) {
  const dice = diceOf(6);
  return drawEstates(4, 4, 50).flatMap((estate) =>
    estate.vaults
      .filter((vault) => listVault(vault, 0).length > 1)
      .flatMap((vault) =>
        scheme(vault, estate, { from: 0, until: 180 }, dice).map((item) => {
          const namesIn = (other: Vault) => listVault(other, birthOf(item)).map(({ name }) => name);
          return { item, live: namesIn(vault), theirs: siblingsOf(estate, vault).flatMap(namesIn) };
        }),
      ),
  );
}

type Made = ReturnType<typeof madeBy>[number];

const isNamedOtherwise = ({ item, live, theirs }: Made) =>
  !checkName(item.name, { live, softDeleted: [], readersKnown: true }).ok || theirs.includes(item.name);

const expires = ({ item: { versions } }: Made) =>
  versions.some(({ expires }, index) => expires !== undefined && expires < (versions[index + 1]?.at ?? LAST_DAY));

const isChanged = ({ item }: Made) => [...item.touched, item.disabledFrom, item.gone].some(Number.isFinite);

test("the rules hold where a vault's people write anything that keeps to them; what they write else often does not", () => {
  const [bound, free] = [withinRules, newborn].map(madeBy);
  if (!bound || !free) throw new Error("Both are made.");
  const share = (made: readonly Made[], which: (one: Made) => boolean) => made.filter(which).length / made.length;
  expect(bound.length).toBeGreaterThan(180);
  for (const breaks of [isNamedOtherwise, expires, isChanged]) {
    expect(share(bound, breaks)).toBeLessThan(0.02);
    expect(share(free, breaks)).toBeGreaterThan(0.04);
  }
});

test("what follows an addition within the rules comes ten minutes after it at the soonest", () => {
  const [estate] = drawEstates(4, 1, 10);
  const [vault] = estate?.vaults ?? [];
  if (!estate || !vault) throw new Error("no vault");
  const following = { ...vault, additions: [30], habits: { ...vault.habits, follow: 1e9 } };
  const gaps = (scheme: Scheme) =>
    Array.from({ length: 40 }, (_, seed) => {
      const [first] = scheme(following, estate, { from: 0, until: 180 }, diceOf(seed));
      return first ? (birthOf(first) - 30) * 1440 : Number.NaN;
    });
  expect(Math.min(...gaps(newborn))).toBeLessThan(10);
  expect(Math.min(...gaps(withinRules))).toBeCloseTo(10);
  expect(Math.max(...gaps(withinRules))).toBeGreaterThan(60);
});
