import { describe, expect, test } from "vitest";
import { makeArmTenant, SUBSCRIPTION, TENANT, VAULT } from "./test-context";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const WRITE = "Microsoft.KeyVault/vaults/accessPolicies/write";
const ALICE = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const BOB = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";

function entry(objectId: string, permissions: Record<string, string[]>, tenantId = TENANT) {
  return { tenantId, objectId, permissions };
}

function setUp(delay = 0) {
  const tenant = makeArmTenant({ delays: { grant: delay } });
  const granter = tenant.personWith([WRITE], ROOT);
  const change = (operation: string, ...accessPolicies: unknown[]) =>
    tenant.send(granter, "PUT", `${VAULT}/accessPolicies/${operation}`, { properties: { accessPolicies } });
  const vault = () => tenant.context.model.vaults.get(VAULT);
  return { tenant, change, vault };
}

describe("access policies", () => {
  test("add gives only what is missing and leaves others alone; the answer is the whole list", async () => {
    const { change, vault } = setUp();
    await change("add", entry(ALICE, { secrets: ["Get", "list"] }));
    const { status, body } = await change(
      "add",
      entry(ALICE, { secrets: ["get", "set"], keys: ["create"] }),
      entry(BOB, { keys: ["get"] }),
    );
    const expected = [
      entry(ALICE, { secrets: ["Get", "list", "set"], keys: ["create"] }),
      entry(BOB, { keys: ["get"] }),
    ];
    expect(status).toBe(200);
    expect(body.properties).toEqual({ accessPolicies: expected });
    expect(vault()?.accessPolicies).toEqual(expected);
  });

  test("remove takes exactly the given permissions and drops an entry that has none left", async () => {
    const { change, vault } = setUp();
    await change("add", entry(ALICE, { secrets: ["get", "set"], keys: ["create"] }), entry(BOB, { keys: ["get"] }));
    await change("remove", entry(ALICE, { secrets: ["set"], keys: ["create", "delete"] }));
    expect(vault()?.accessPolicies[0]).toEqual(entry(ALICE, { secrets: ["get"] }));
    await change("remove", entry(ALICE, { secrets: ["all"] }));
    expect(vault()?.accessPolicies).toEqual([entry(BOB, { keys: ["get"] })]);
    expect((await change("remove", entry(ALICE, { secrets: ["get"] }))).status).toBe(200);
  });

  test("replace puts the given entry in the place of the holder's own", async () => {
    const { change, vault } = setUp();
    await change("add", entry(ALICE, { secrets: ["get"] }), entry(BOB, { keys: ["get"] }));
    await change("replace", entry(ALICE, { keys: ["list"] }));
    expect(vault()?.accessPolicies).toEqual([entry(ALICE, { keys: ["list"] }), entry(BOB, { keys: ["get"] })]);
  });

  test("an unknown operation, permission or tenant, and a list that is too long, change nothing", async () => {
    const { change, vault } = setUp();
    const statuses = [
      await change("merge", entry(ALICE, { secrets: ["get"] })),
      await change("add", entry(ALICE, { secrets: ["read"] })),
      await change("add", entry("alice", { secrets: ["get"] })),
      await change("add", entry(ALICE, { secrets: ["get"] }, BOB)),
      await change("add", { objectId: ALICE }),
      await change(
        "add",
        ...Array.from({ length: 1025 }, (_, i) => entry(`aaaaaaaa-aaaa-4aaa-8aaa-${String(i).padStart(12, "0")}`, {})),
      ),
    ].map(({ status }) => status);
    expect(statuses).toEqual([400, 400, 400, 400, 400, 400]);
    expect(vault()?.accessPolicies).toEqual([]);
    expect(vault()?.policyHistory).toBeUndefined();
  });

  test("earlier lists are remembered while a change spreads, and not longer", async () => {
    const { tenant, change, vault } = setUp(1000);
    await change("add", entry(ALICE, { secrets: ["get"] }));
    tenant.advance(600);
    await change("add", entry(BOB, { secrets: ["get"] }));
    expect(vault()?.policyHistory?.map(({ accessPolicies }) => accessPolicies.length)).toEqual([0, 1]);
    tenant.advance(500);
    await change("remove", entry(BOB, { secrets: ["get"] }));
    expect(vault()?.policyHistory?.map(({ accessPolicies }) => accessPolicies.length)).toEqual([1, 2]);
  });

  test("the right is asked on the vault, and the write leaves its rows in the activity log", async () => {
    const { tenant, change } = setUp();
    const reader = tenant.personWith(["*/read"], ROOT);
    const body = { properties: { accessPolicies: [entry(ALICE, { secrets: ["get"] })] } };
    expect((await tenant.send(reader, "PUT", `${VAULT}/accessPolicies/add`, body)).status).toBe(403);
    const { headers } = await change("add", entry(ALICE, { secrets: ["get"] }));
    const rows = [...tenant.context.model.logRows.values()].filter(({ table }) => table === "AzureActivity");
    expect(rows.map(({ values }) => values.ActivityStatusValue)).toEqual(["Start", "Success"]);
    expect(rows[1]?.values).toMatchObject({
      OperationNameValue: "MICROSOFT.KEYVAULT/VAULTS/ACCESSPOLICIES/WRITE",
      _ResourceId: VAULT.toLowerCase(),
      CorrelationId: headers?.["x-ms-correlation-request-id"],
    });
  });
});
