import { afterAll, beforeAll, expect, test } from "vitest";
import { exportDeployment } from "./items";
import {
  carryOut,
  type FaultyFleet,
  type ListedFault,
  planInPeace,
  startFaultyFleet,
  tryToPlan,
} from "./testing/fault-fleet";
import { type Before, beforehand, judgePlan, judgePlanting, judgeRemoval, liveSince } from "./testing/fault-judge";
import { allFaults, neverMet, SHARES } from "./testing/fault-rules";

/*
 * Every fault of the simulated tenant's own list befalls a plan, a deployment that plants, one that plants and removes and
 * one that removes. What counts is what then stands in the tenant, beside what the product says of each vault. One fault at
 * a time, in hundreds of vaults: `npm run bench -- faults`.
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
const withRemoving = () => new Map([...operations, ...REMOVING.map((operation) => [operation, VAULTS] as const)]);

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

test("a plan made under every fault allows nothing more, and says of each other vault why not", async () => {
  await fleet.resetOperations();
  const { rows } = await exportDeployment(fleet.admin, (await planInPeace(fleet, { addToExisting: true })).id);
  const asked = await fleet.operations();
  let made = 0;
  for (let turn = 0; turn < SHARES; turn++) {
    await fleet.trouble(allFaults(list, asked, Number.POSITIVE_INFINITY, 4, turn));
    const plan = await tryToPlan(fleet, { addToExisting: true });
    expect((await fleet.peace()).some(({ injected }) => injected > 0)).toBe(true);
    if (plan.state === "failed") expect(plan.problem).toMatch(/^[A-Z].*[.:] .*\.$/s);
    else {
      made++;
      expect(plan.state).toBe("planned");
      expect(judgePlan(rows, (await exportDeployment(fleet.admin, plan.id)).rows)).toEqual([]);
    }
  }
  expect(made).toBeGreaterThan(0);
}, 600_000);

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
  const plan = await planInPeace(fleet, { operation: "replace" });
  const before = await beforehand(fleet);
  const ours = liveSince(first, before);
  // It has twice the steps: here each operation meets some of the faults, and together all.
  await fleet.trouble(allFaults(list, withRemoving(), Number.POSITIVE_INFINITY, 4));
  const carried = await carryOut(fleet, plan, PATIENCE_MS);
  expect(neverMet(await fleet.peace())).toEqual([]);
  const judgements = [await judgePlanting(fleet, before, carried), await judgeRemoval(fleet, before, carried, ours)];
  for (const judgement of judgements) {
    expect(judgement, JSON.stringify(judgement)).toMatchObject({ violations: [] });
    expect(judgement.done).toBeGreaterThan(judgement.planned / 2);
  }
}, 600_000);

test("so does removing: what is done is deleted and marked, or all is as before", async () => {
  const before = await beforehand(fleet);
  const plan = await planInPeace(fleet, { operation: "retire" });
  await fleet.trouble(allFaults(list, withRemoving(), Number.POSITIVE_INFINITY, 4));
  const carried = await carryOut(fleet, plan, PATIENCE_MS);
  expect((await fleet.peace()).some(({ injected }) => injected > 0)).toBe(true);
  const judgement = await judgeRemoval(fleet, before, carried, liveSince(first, before));
  expect(judgement, JSON.stringify(judgement)).toMatchObject({ violations: [] });
  expect(judgement.done).toBeGreaterThan(judgement.planned / 2);
}, 600_000);
