import { afterAll, beforeAll, expect, test } from "vitest";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { runScript } from "./harness/scripts";

/* `npm run doctor`, as somebody would call it whose product does not start as hoped. */

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await startTenant("--vaults", "20");
}, 300_000);
afterAll(() => tenant?.stop());

test("says of each prerequisite how it is, beside whatever runs on the tenant", async () => {
  const { code, output } = await runScript("doctor", tenant.variables);
  expect(output).toMatch(/ok +The product's own credential/);
  expect(output).toMatch(/ok +Rule: Honeytoken touched in a key vault: On and as it is shipped/);
  expect(output).toMatch(/ok +The planter can be let in/);
  // The embedded store belongs to the product that runs; what is not known is said.
  expect(output).toMatch(
    /warning +Owners are told by Azure Policy: Looked for by the names that the product comes with/,
  );
  expect(output).toMatch(/Open the recommendation: http:\/\/localhost:\d+\/setup\/recommendation$/m);
  expect(output).toMatch(/\d+ ok, 0 wrong, \d+ warnings, 0 unknown\./);
  expect(code).toBe(0);
}, 120_000);

test("a wrong secret is named with its fix, is not printed, and hides nothing else", async () => {
  const { code, output } = await runScript("doctor", { ...tenant.variables, SIMULATOR_API_SECRET: "hunter2-hunter2" });
  expect(output).toMatch(/WRONG +The product's own credential: The client secret of the API registration is wrong\./);
  expect(output).toContain("AUTH_API_CLIENT_SECRET");
  expect(output).not.toContain("hunter2");
  expect(output).toMatch(/ok +The workspace can be read/);
  expect(code).toBe(1);
}, 120_000);

test("a tenant that is not there is named with its fix", async () => {
  const note: unknown = JSON.parse(tenant.variables.SIMULATOR_TENANT ?? "");
  const elsewhere = { ...Object(note), tenantId: "7f9c2c3e-8a51-4d0f-9f43-0f6a5f2f1a11" };
  const { code, output } = await runScript("doctor", {
    ...tenant.variables,
    SIMULATOR_TENANT: JSON.stringify(elsewhere),
  });
  expect(output).toMatch(/WRONG +The product's own credential: There is no such tenant\./);
  expect(output).toContain("AZURE_TENANT_ID");
  expect(code).toBe(1);
}, 120_000);

test("an expired secret is named with its fix", async () => {
  const expired = await startTenant("--vaults", "5", "--expired-secret");
  try {
    const { code, output } = await runScript("doctor", expired.variables);
    expect(output).toMatch(
      /WRONG +The product's own credential: The client secret of the API registration has expired\./,
    );
    expect(output).toContain("federated credential");
    expect(code).toBe(1);
  } finally {
    await expired.stop();
  }
}, 240_000);

test("half a configuration is named and nothing is asked", async () => {
  const { code, output } = await runScript("doctor", { AZURE_TENANT_ID: "7f9c2c3e-8a51-4d0f-9f43-0f6a5f2f1a11" });
  expect(output).toContain("AUTH_SPA_CLIENT_ID");
  expect(output).not.toMatch(/^ok/m);
  expect(code).toBe(2);
});
