import { expect } from "vitest";
import { readBoard } from "@/lib/coverage/board";
import type { TestFleet } from "./test-fleet";

/** Makes a vault that sends its log nowhere, in a resource group of its own. Returns its id as Azure spells it. */
export async function makeVault(
  { tenant, admin }: Pick<TestFleet, "tenant" | "admin">,
  group: string,
  name: string,
): Promise<string> {
  const { vaults } = await readBoard(admin);
  const at = `/subscriptions/${vaults[0]?.subscriptionId}/resourceGroups/${group}`;
  const id = `${at}/providers/Microsoft.KeyVault/vaults/${name}`;
  const { token = "" } = (await admin.asUser.credential.getToken("https://management.azure.com/.default")) ?? {};
  const put = async (path: string, body: unknown) => {
    const answer = await fetch(`${tenant.url}${encodeURI(path)}`, {
      method: "PUT",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "x-forwarded-host": "management.azure.com",
      },
      body: JSON.stringify(body),
    });
    expect([path, answer.ok, await answer.text()]).toEqual([path, true, expect.anything()]);
  };
  await put(`${at}?api-version=2021-04-01`, { location: "westeurope" });
  await put(`${id}?api-version=2023-07-01`, {
    location: "westeurope",
    properties: {
      tenantId: tenant.service.config.tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      accessPolicies: [],
    },
  });
  return id;
}
