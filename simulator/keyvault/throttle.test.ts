import { beforeEach, describe, expect, test } from "vitest";
import { OPERATIONS } from "./operations";
import { makeTenant, type TestTenant } from "./testing/tenant";
import { takeFromBudget } from "./throttle";

const V = "api-version=7.4";
let tenant: TestTenant;

beforeEach(async () => {
  tenant = await makeTenant();
});

const DIGEST = Buffer.alloc(32, 7).toString("base64url");

const sign = (key: string) => tenant.send("POST", `/keys/${key}/sign?${V}`, { body: { alg: "RS256", value: DIGEST } });

/** Answers until one is refused, at most `limit`; all at one moment. */
async function untilRefused(limit: number, send: () => ReturnType<TestTenant["send"]>) {
  for (let taken = 0; taken < limit; taken++) {
    const answer = await send();
    if (answer.status === 429) return { taken, answer };
  }
  return { taken: limit, answer: undefined };
}

describe("limits of the data plane in ten seconds", () => {
  test("twenty new keys, and then Retry-After says when", async () => {
    let number = 0;
    const { taken, answer } = await untilRefused(30, () =>
      tenant.send("POST", `/keys/key-${number++}/create?${V}`, { body: { kty: "EC" } }),
    );
    expect(taken).toBe(20);
    expect(answer).toMatchObject({
      headers: { "retry-after": "10" },
      body: { error: { code: "Throttled", innererror: { code: "VaultRequestTypeLimitReached" } } },
    });
    tenant.advance(10_000);
    expect((await tenant.send("POST", `/keys/later/create?${V}`, { body: { kty: "EC" } })).status).toBe(200);
  });

  test("larger keys use up the same sum faster", async () => {
    await tenant.send("POST", `/keys/large/create?${V}`, { body: { kty: "RSA", key_size: 4096 } });
    expect(await untilRefused(600, () => sign("large"))).toMatchObject({ taken: 500 });
  });

  test("a subscription has five times as much in a region, and refused requests leave it alone", async () => {
    const vaults = [0, 1, 2, 3, 4, 5].map((number) => `kv-pay-${number}`);
    const vault = tenant.context.model.vaults.get(tenant.vault.id) ?? tenant.vault;
    for (const name of vaults) {
      const id = vault.id.replace(/[^/]+$/, name);
      tenant.context.model.vaults.put(id, {
        ...vault,
        id,
        name,
        enableRbacAuthorization: false,
        accessPolicies: all(),
      });
    }
    const set = OPERATIONS.find(({ name }) => name === "SecretSet");
    for (const name of vaults.slice(0, 5)) {
      const id = vault.id.replace(/[^/]+$/, name);
      for (let number = 0; number < 300; number++)
        if (set) takeFromBudget(tenant.context, { ...vault, id, name }, set, "one");
    }
    const last = { body: { value: "x" }, host: "kv-pay-5.vault.azure.net" };
    expect(await tenant.send("PUT", `/secrets/one?${V}`, last)).toMatchObject({
      status: 429,
      body: { error: { innererror: { code: "SubscriptionRequestTypeLimitReached" } } },
    });
  });
});

function all() {
  return [
    { tenantId: tenant.context.identity.tenantId, objectId: tenant.officer.oid, permissions: { secrets: ["all"] } },
  ];
}
