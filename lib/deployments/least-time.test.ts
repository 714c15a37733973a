import { expect, test } from "vitest";
import { leastTime, type PlannedPlace } from "./least-time.pure";

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

test("one vault with access policies waits for the watchlist alone: 300 s", () => {
  expect(leastTime("plant", AZURE, places(1, "policy"))).toMatchObject({ secondsAtLeast: 300, groupAssignments: 0 });
});

test("700 vaults with access policies in one subscription: 500 over the burst at 10 a second, twice, and 300 s between", () => {
  const { secondsAtLeast, limits } = leastTime("plant", AZURE, places(700, "policy"));
  expect(limits.map(({ seconds }) => seconds)).toEqual([50, 300, 0, 50]);
  expect(secondsAtLeast).toBe(400);
});

test("an estate of three subscriptions takes as long as its fullest one, and as the slowest lag", () => {
  const estate = [
    // 2,000 vaults in 4 groups: 4 roles given and taken; 500 creations over the burst of 1,500 at 150 a second.
    ...["g1", "g2", "g3", "g4"].flatMap((group) => places(500, "group_role", "s1", group)),
    // 300 single roles: 100 over the burst at 10 a second, given and taken.
    ...places(300, "vault_role", "s2"),
    ...places(150, "policy", "s3"),
  ];
  const { secondsAtLeast, limits, groupAssignments } = leastTime("plant", AZURE, estate);
  expect(groupAssignments).toBe(4);
  expect(limits.map(({ seconds }) => seconds)).toEqual([10, 600, 4, 10]);
  expect(secondsAtLeast).toBe(624);
});

test("nothing takes no time", () => {
  expect(leastTime("plant", AZURE, []).secondsAtLeast).toBe(0);
});
