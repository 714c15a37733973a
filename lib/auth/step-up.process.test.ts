import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { type RunningTenant, startTenant } from "@/lib/azure/testing/tenant";

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant("--vaults", "12", "--fast", "--step-up", "arm");
});
afterAll(() => tenant?.stop());

test("a tenant that wants a second step for Azure makes a step-up with claims, through the SDK's pipeline", async () => {
  const { azure } = await tenant.signIn("adam@contoso.test");
  const call = queryResourceGraph(azure, "resources | project id", z.object({ id: z.string() }));
  const failure = await call.then(
    () => undefined,
    (error: { failure?: unknown }) => error.failure,
  );
  expect(failure).toMatchObject({ code: "step_up", claims: expect.stringContaining("access_token") });
});

test("services that do not want it are reached without", async () => {
  const { azure } = await tenant.signIn("ana@contoso.test");
  const query = { kql: "print a = 1" };
  expect(await queryLogs(azure, tenant.config.workspace.customerId, query, z.object({ a: z.number() }))).toEqual([
    { a: 1 },
  ]);
});

test("the product's own identities are not asked for a second step", async () => {
  const rows = await queryResourceGraph(tenant.identity("collector"), "resources | project id", z.unknown());
  expect(rows.length).toBeGreaterThan(0);
});
