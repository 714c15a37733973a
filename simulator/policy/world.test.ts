import { expect, test } from "vitest";
import { mayControl } from "../access";
import { callerOf } from "../arm/test-context";
import { managementGroupRows, policyRows } from "../resourcegraph/policy-rows";
import { testTenant } from "../test-tenant";
import { worldIds } from "../world/ids";
import { groupsAbove, managementGroupId, subscriptionsBelow } from "./hierarchy";
import { latestStates } from "./states";
import { policyChore } from "./tick";

test("the estate starts with groups, assignments and states", async () => {
  const { context } = await testTenant({ vaults: 60 });
  const { subscriptions, personas } = worldIds(context);
  const root = context.identity.tenantId;
  expect(subscriptionsBelow(context, root).toSorted()).toEqual(subscriptions.toSorted());
  for (const id of subscriptions) expect(groupsAbove(context, `/subscriptions/${id}`).at(-1)).toBe(root);
  const states = latestStates(context);
  const names = new Set(states.map(({ unit }) => unit.assignment.name));
  expect(names).toEqual(new Set(["mcsb", "kv-baseline", "kv-resource-logs"]));
  for (const state of ["Compliant", "NonCompliant", "Exempt"])
    expect(states.some((found) => found.state === state)).toBe(true);
  expect(latestStates(context)).toBe(states);

  const administrator = context.model.principals.get(personas.administrator);
  if (!administrator) throw new Error("There is no administrator.");
  const write = "Microsoft.Authorization/policyAssignments/write";
  expect(mayControl(context, callerOf(administrator), write, managementGroupId(root))).toBe(true);
  const types = new Set(policyRows(context).map(({ type }) => type));
  expect(types).toContain("Microsoft.PolicyInsights/policyStates");
  expect(types).toContain("Microsoft.Authorization/policyExemptions");
  expect(managementGroupRows(context)).toHaveLength(5);
});

test("the clock is told of the next scan, and each day has one", async () => {
  const { context, advance } = await testTenant({ vaults: 5 });
  const chore = policyChore(context);
  const start = context.now();
  const day = 86_400_000;
  expect(await chore.due(start + day - 1, start)).toBeUndefined();
  expect(await chore.due(start + day, start)).toBe(start + day);
  const before = latestStates(context);
  advance(day);
  await chore.run(context.now());
  expect(latestStates(context)).not.toBe(before);
  expect(new Set(latestStates(context).map(({ at }) => at))).toEqual(new Set([start + day]));
  expect(await chore.due(start + 2 * day, start + day)).toBe(start + 2 * day);
});
