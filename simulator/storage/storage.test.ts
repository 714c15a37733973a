import { describe, expect, test } from "vitest";
import { GROUP, makeArmTenant, SUBSCRIPTION } from "../arm/test-context";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/stappdata01`;
const BODY = { sku: { name: "Standard_LRS" }, kind: "StorageV2", location: "westeurope" };

function setUp() {
  const tenant = makeArmTenant();
  const owner = tenant.personWith(["*"], ROOT);
  const send = (method: string, path: string, body?: unknown, as = owner) => tenant.send(as, method, path, body);
  const keys = async (as = owner) => (await send("POST", `${ACCOUNT}/listKeys`, undefined, as)).body.keys;
  return { tenant, owner, send, keys };
}

describe("storage accounts", () => {
  test("an account lives from put to delete, and its name is taken meanwhile", async () => {
    const { send } = setUp();
    expect((await send("PUT", ACCOUNT, BODY)).body.properties).toMatchObject({
      provisioningState: "Succeeded",
      allowSharedKeyAccess: true,
      minimumTlsVersion: "TLS1_2",
    });
    const patched = await send("PATCH", ACCOUNT, { tags: { a: "b" }, properties: { allowSharedKeyAccess: false } });
    expect(patched.body).toMatchObject({ tags: { a: "b" }, properties: { allowSharedKeyAccess: false } });
    const list = await send("GET", `${ROOT}/providers/Microsoft.Storage/storageAccounts`);
    expect(list.body.value).toMatchObject([{ name: "stappdata01" }]);
    const free = { name: "stappdata01", type: "Microsoft.Storage/storageAccounts" };
    const check = `${ROOT}/providers/Microsoft.Storage/checkNameAvailability`;
    expect((await send("POST", check, free)).body).toMatchObject({ nameAvailable: false, reason: "AlreadyExists" });
    const elsewhere = ACCOUNT.replace("rg-app", "rg-app-two");
    expect((await send("PUT", elsewhere, BODY)).body.error?.code).toBe("StorageAccountAlreadyTaken");
    expect((await send("DELETE", ACCOUNT)).status).toBe(200);
    expect((await send("DELETE", ACCOUNT)).status).toBe(204);
    expect((await send("POST", check, free)).body).toEqual({ nameAvailable: true });
  });

  test("a key made anew differs, the other stays, and both are the same at every reading", async () => {
    const { send, keys } = setUp();
    await send("PUT", ACCOUNT, BODY);
    const before = await keys();
    expect(await keys()).toEqual(before);
    const regenerated = await send("POST", `${ACCOUNT}/regenerateKey`, { keyName: "key2" });
    expect(regenerated.body.keys?.[0]).toEqual(before?.[0]);
    expect(regenerated.body.keys?.[1]?.value).not.toEqual(before?.[1]?.value);
    expect(await keys()).toEqual(regenerated.body.keys);
    for (const keyName of ["key3", "__proto__", "", 1]) {
      expect((await send("POST", `${ACCOUNT}/regenerateKey`, { keyName })).status).toBe(400);
    }
  });

  test("keys lie in no document and no log row", async () => {
    const { tenant, send, keys } = setUp();
    await send("PUT", ACCOUNT, BODY);
    const value = String((await keys())?.[0]?.value);
    const { storageAccounts, logRows } = tenant.context.model;
    expect(JSON.stringify([[...storageAccounts.values()], [...logRows.values()]])).not.toContain(value);
    expect([...logRows.values()].map(({ values }) => values.OperationNameValue)).toContain(
      "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION",
    );
  });

  test("reading an account is not reading its keys; the key operator may do just that", async () => {
    const { tenant, send, keys } = setUp();
    await send("PUT", ACCOUNT, BODY);
    const reader = tenant.personWith(["*/read"], ROOT);
    expect((await send("GET", ACCOUNT, undefined, reader)).status).toBe(200);
    expect((await send("POST", `${ACCOUNT}/listKeys`, undefined, reader)).status).toBe(403);
    const operator = tenant.personWith(
      ["Microsoft.Storage/storageAccounts/listkeys/action", "Microsoft.Storage/storageAccounts/regeneratekey/action"],
      GROUP,
    );
    expect(await keys(operator)).toHaveLength(2);
    expect((await send("GET", ACCOUNT, undefined, operator)).status).toBe(403);
  });

  test("refuses what no account can be", async () => {
    const { send } = setUp();
    for (const wrong of [
      "{",
      "null",
      { ...BODY, sku: { name: "Golden" } },
      { ...BODY, kind: "Shed" },
      { ...BODY, location: "moon" },
    ]) {
      expect((await send("PUT", ACCOUNT, wrong)).status).toBe(400);
    }
    expect((await send("PUT", ACCOUNT.replace("stappdata01", "St-App"), BODY)).body.error?.code).toBe(
      "AccountNameInvalid",
    );
  });
});
