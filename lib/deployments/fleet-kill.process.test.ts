import { expect, test } from "vitest";
import { killFleet } from "./testing/kill-fleet";

/** Numbers in [0, 1) that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test("a deployment to dozens of vaults ends as if nothing had happened, though its process was killed three times", async () => {
  const result = await killFleet({
    vaults: 90,
    kills: 3,
    lives: [2_500, 5_000],
    // Long enough that three processes die before the work is done.
    simulator: ["--no-throttle", "--delay-ingestion", "3000-5000", "--delay-watchlist", "4000"],
    random: seeded(5),
  });
  expect(result.planned).toBeGreaterThan(20);
  expect(result).toMatchObject({ lost: 0, duplicated: 0, versioned: 0, grantsLeft: 0, unregistered: 0, killed: 3 });
  expect(result.rowsWithoutObject).toBe(0);
  expect(result.ended.failed ?? 0).toBe(0);
}, 420_000);
