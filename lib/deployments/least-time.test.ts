import { expect, test } from "vitest";
import { type LeastTime, leastTime, type PlannedPlace } from "./least-time.pure";

const MINUTE = 60_000;
const AZURE = { watchlistLag: 5 * MINUTE, grantLag: 10 * MINUTE };

/** `count` vaults of one subscription and group. */
function places(count: number, grant: PlannedPlace["grant"], subscription = "s1", group = "g1"): PlannedPlace[] {
  return Array.from({ length: count }, (_, index) => ({
    vaultId: `/subscriptions/${subscription}/resourcegroups/${group}/providers/microsoft.keyvault/vaults/kv-${grant}-${group}-${index}`,
    decoys: 1,
    grant,
  }));
}

/** Calls and seconds of each line: register, giving, watchlist, roles, writing, taking. */
const lines = ({ limits }: LeastTime) => limits.map(({ calls, seconds }) => [calls, seconds]);

test("by hand: one vault with access policies waits for the watchlist alone, 300 s", () => {
  const least = leastTime("plant", AZURE, places(1, "policy"));
  expect(lines(least)).toEqual([
    [1, 0],
    [1, 0],
    [0, 300],
    [0, 0],
    [1, 0],
    [1, 0],
  ]);
  expect(least).toMatchObject({ secondsAtLeast: 300, groupAssignments: 0 });
  for (const { source } of least.limits) expect(source).toMatch(/^Microsoft Learn, /);
});

test("by hand: 700 vaults with access policies in one subscription", () => {
  const least = leastTime("plant", AZURE, places(700, "policy"));
  // Adding goes on while the workspace takes its 300 s: 500 over the burst at 10 a second are there after 50 s. By then
  // the bucket has filled again, so that removing takes 50 s from the 300th on: 350 s.
  expect(lines(least)).toEqual([
    [1, 0],
    [700, 50],
    [0, 300],
    [0, 0],
    [700, 0],
    [700, 50],
  ]);
  expect(least.secondsAtLeast).toBe(350);
});

test("by hand: an estate of three subscriptions takes as long as its slowest one", () => {
  const estate = [
    // 2,000 vaults in 4 groups: 4 roles that spread for 600 s, then 1,500 writes and, in the next 10 s, 500 more: 610 s.
    ...["g1", "g2", "g3", "g4"].flatMap((group) => places(500, "group_role", "s1", group)),
    // 330 single roles: the last one is given after 13 s and spreads for 600: 613 s. Taking: 600 s and 13.
    ...places(330, "vault_role", "s2"),
    // No role and so no spread: 300 s.
    ...places(150, "policy", "s3"),
  ];
  const least = leastTime("plant", AZURE, estate);
  expect(least.groupAssignments).toBe(4);
  expect(lines(least)).toEqual([
    [1, 0],
    [4 + 330 + 150, 13],
    [0, 300],
    [0, 600],
    [2_480, 10],
    [4 + 330 + 150, 13],
  ]);
  expect(least.secondsAtLeast).toBe(613);
});

test("adding and removing entries draw from one bucket: without any wait 700 of each take 120 s", () => {
  const none = { watchlistLag: 0, grantLag: 0 };
  expect(leastTime("plant", none, places(700, "policy")).secondsAtLeast).toBe(120);
  // Roles are given by writes and taken by deletes.
  expect(leastTime("plant", none, places(700, "vault_role")).secondsAtLeast).toBe(50);
});

test("keys are made at 100 in 10 s, secrets at 1,500", () => {
  const keys = places(250, "none").map((place) => ({ ...place, kind: "key" as const }));
  expect(leastTime("plant", AZURE, keys).secondsAtLeast).toBe(320);
  expect(leastTime("plant", AZURE, [...keys, ...places(1_500, "none")]).secondsAtLeast).toBe(320);
});

test("rows count by their size: an upload holds 3.8 MB", () => {
  // Ids of 93 characters are twice in a row, beside 150 others: 336 bytes, so 11,309 rows fit.
  const [place = expect.fail()] = places(1, "none");
  const padded = { ...place, vaultId: place.vaultId.padEnd(93, "x") };
  const uploads = (decoys: number) => leastTime("plant", AZURE, [{ ...padded, decoys }]).limits[0]?.calls;
  expect([uploads(11_309), uploads(11_310)]).toEqual([1, 2]);
});

test("what is removed has its row changed by a write of its own first: 1,200 take 100 s and the watchlist's 300", () => {
  const least = leastTime("retire", AZURE, places(1_200, "none"));
  expect(lines(least)[0]).toEqual([1_200, 100]);
  expect(least.secondsAtLeast).toBe(400);
  // A replacement needs both.
  expect(leastTime("replace", AZURE, places(10, "none")).limits[0]?.calls).toBe(11);
});

test("nothing takes no time", () => {
  expect(leastTime("plant", AZURE, []).secondsAtLeast).toBe(0);
});
