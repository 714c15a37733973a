import { afterAll, beforeAll, expect, test } from "vitest";
import { estateOf } from "./testing/estate";
import { carryOut, type FaultyFleet, type ListedFault, planInPeace, startFaultyFleet } from "./testing/fault-fleet";
import { type Before, beforehand, judgePlanting, judgeRemoval, writtenSince } from "./testing/fault-judge";
import { allFaults, neverMet } from "./testing/fault-rules";

/*
 * Every fault of the simulated tenant's own list befalls a deployment that plants, and one that plants and removes. What
 * counts is what then stands in the tenant, beside what the product says of each vault. One fault at a time, in hundreds
 * of vaults: `npm run bench -- faults`.
 */

const VAULTS = 24;
const SIMULATOR = [
  "--no-throttle",
  "--delay-watchlist",
  "500",
  "--delay-grant",
  "500",
  "--delay-ingestion",
  "500-1000",
];
const PATIENCE_MS = 500_000;
/** What only a removal asks for. */
const REMOVING = ["keyvault DELETE /secrets/{}", "keyvault DELETE /keys/{}"];

let fleet: FaultyFleet;
let list: ListedFault[];
let first: Before;
let operations: Map<string, number>;
let planned = 0;

beforeAll(async () => {
  fleet = await startFaultyFleet(VAULTS, "--seed", "1", ...SIMULATOR);
  list = await fleet.list();
  first = await beforehand(fleet);
  const plan = await planInPeace(fleet, {});
  await fleet.resetOperations();
  const carried = await carryOut(fleet, plan, PATIENCE_MS);
  operations = await fleet.operations();
  const judgement = await judgePlanting(fleet, first, carried);
  expect(judgement.violations).toEqual([]);
  planned = judgement.planned;
}, 600_000);
afterAll(() => fleet?.stop());

test("the deployment that went well asked for everything that is about to fail", () => {
  expect(planned).toBeGreaterThan(5);
  expect(list.length).toBeGreaterThan(20);
  const asked = [...operations.keys()].join("\n");
  for (const part of ["keyvault PUT /secrets/{}", "keyvault POST /keys/{}/create", "roleAssignments", "watchlists"]) {
    expect(asked).toContain(part);
  }
});

test("planting under every fault ends as without, or says for each vault why not and what to do", async () => {
  const plan = await planInPeace(fleet, { addToExisting: true });
  const before = await beforehand(fleet);
  await fleet.trouble(allFaults(list, operations, planned, 4));
  const carried = await carryOut(fleet, plan, PATIENCE_MS);
  expect(neverMet(await fleet.peace())).toEqual([]);
  const judgement = await judgePlanting(fleet, before, carried);
  expect(judgement, JSON.stringify(judgement)).toMatchObject({ violations: [] });
  expect(judgement.done).toBeGreaterThan(judgement.planned / 2);
}, 600_000);

test("so does replacing: what is new is planted and known, what is old is gone and marked, or all is as before", async () => {
  const ours = writtenSince(first, await estateOf(fleet.tenant));
  const plan = await planInPeace(fleet, { operation: "replace" });
  const before = await beforehand(fleet);
  const asked = new Map([...operations, ...REMOVING.map((operation) => [operation, VAULTS] as const)]);
  // It has twice the steps: here each operation meets some of the faults, and together all.
  await fleet.trouble(allFaults(list, asked, Number.POSITIVE_INFINITY, 4));
  const carried = await carryOut(fleet, plan, PATIENCE_MS);
  expect(neverMet(await fleet.peace())).toEqual([]);
  const judgements = [await judgePlanting(fleet, before, carried), await judgeRemoval(fleet, before, carried, ours)];
  for (const judgement of judgements) {
    expect(judgement, JSON.stringify(judgement)).toMatchObject({ violations: [] });
    expect(judgement.done).toBeGreaterThan(judgement.planned / 2);
  }
}, 600_000);
