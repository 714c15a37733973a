import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { listAt, makeTenant, type TestTenant, textAt } from "./testing/tenant";

const V = "api-version=7.4";
let tenant: TestTenant;

beforeEach(async () => {
  tenant = await makeTenant();
});

const create = (name: string, body: Record<string, unknown>) =>
  tenant.send("POST", `/keys/${name}/create?${V}`, { body });
const digest = createHash("sha256").update("text").digest("base64url");

describe("keys", () => {
  test.each([
    [{ kty: "RSA" }, 256],
    [{ kty: "RSA", key_size: 3072 }, 384],
    [{ kty: "RSA", key_size: 4096 }, 512],
  ])("an RSA key %j has a modulus of its size and all six operations", async (body, bytes) => {
    const made = await create("pay", body);
    expect(made).toMatchObject({ status: 200, body: { key: { kty: "RSA", e: "AQAB" } } });
    expect(Buffer.from(textAt(made, "key.n"), "base64url")).toHaveLength(bytes);
    expect(listAt(made, "key.key_ops")).toHaveLength(6);
    expect(textAt(made, "key.kid")).toMatch(/^https:\/\/kv-pay\.vault\.azure\.net\/keys\/pay\/[0-9a-f]{32}$/);
  });

  test.each([
    ["P-256", 32],
    ["P-384", 48],
    ["P-521", 66],
    ["P-256K", 32],
  ])("an EC key on %s has its coordinates and signs only", async (crv, bytes) => {
    const made = await create("pay", { kty: "EC", crv });
    expect(Buffer.from(textAt(made, "key.x"), "base64url")).toHaveLength(bytes);
    expect(made).toMatchObject({ body: { key: { kty: "EC", crv, key_ops: ["sign", "verify"] } } });
  });

  test.each([
    [{}],
    [{ kty: "RSA", key_size: 1024 }],
    [{ kty: "RSA", crv: "P-256" }],
    [{ kty: "EC", crv: "P-999" }],
    [{ kty: "EC", key_ops: ["encrypt"] }],
    [{ kty: "RSA-HSM" }],
    [{ kty: "oct" }],
    [{ kty: "RSA", key_ops: ["fly"] }],
  ])("%j is refused", async (body) => {
    expect(await create("pay", body)).toMatchObject({ status: 400, body: { error: { code: "BadParameter" } } });
  });

  test("creating twice adds a version; deleting frees the name only after purge", async () => {
    await create("pay", { kty: "EC" });
    await create("pay", { kty: "EC" });
    expect(listAt(await tenant.send("GET", `/keys/pay/versions?${V}`))).toHaveLength(2);
    await tenant.send("DELETE", `/keys/pay?${V}`);
    expect(await create("pay", { kty: "EC" })).toMatchObject({ status: 409 });
    expect(await tenant.send("GET", `/deletedkeys/pay?${V}`)).toMatchObject({
      body: { key: { kty: "EC" }, recoveryId: "https://kv-pay.vault.azure.net/deletedkeys/pay" },
    });
    expect(await tenant.send("POST", `/deletedkeys/pay/recover?${V}`)).toMatchObject({ status: 200 });
    expect(await tenant.send("GET", `/keys/pay/?${V}`)).toMatchObject({ status: 200, body: { key: { kty: "EC" } } });
  });

  test("what one operation made, its counterpart accepts", async () => {
    await create("pay", { kty: "RSA" });
    const use = (operation: string, body: unknown) => tenant.send("POST", `/keys/pay//${operation}?${V}`, { body });
    const signature = textAt(await use("sign", { alg: "RS256", value: digest }), "value");
    expect(Buffer.from(signature, "base64url")).toHaveLength(256);
    expect(await use("verify", { alg: "RS256", digest, value: signature })).toMatchObject({ body: { value: true } });
    const other = createHash("sha256").update("other").digest("base64url");
    const wrong = await use("verify", { alg: "RS256", digest: other, value: signature });
    expect(wrong).toMatchObject({ body: { value: false } });
    const plain = Buffer.from("plain text").toString("base64url");
    for (const [one, two] of [
      ["encrypt", "decrypt"],
      ["wrapkey", "unwrapkey"],
    ] as const) {
      const value = textAt(await use(one, { alg: "RSA-OAEP", value: plain }), "value");
      expect(Buffer.from(value, "base64url")).toHaveLength(256);
      expect(textAt(await use(two, { alg: "RSA-OAEP", value }), "value")).toBe(plain);
    }
  });

  test("operations that the key lacks, or that its state forbids, are refused by name", async () => {
    await create("verify-only", { kty: "EC", key_ops: ["verify"] });
    const sign = (name: string, body: unknown = { alg: "ES256", value: digest }) =>
      tenant.send("POST", `/keys/${name}/sign?${V}`, { body });
    expect(await sign("verify-only")).toMatchObject({
      status: 403,
      body: { error: { code: "Forbidden", innererror: { code: "KeyOperationForbidden" } } },
    });
    await create("off", { kty: "EC", attributes: { enabled: false } });
    expect(await sign("off")).toMatchObject({ status: 403, body: { error: { innererror: { code: "KeyDisabled" } } } });
    await create("on", { kty: "EC" });
    expect(await sign("on", { alg: "RS256", value: digest })).toMatchObject({ status: 400 });
    expect(await sign("on", { alg: "ES256", value: "c2hvcnQ" })).toMatchObject({ status: 400 });
  });

  test("rotation adds a version of the same kind, and the rotation policy of an untouched key only notifies", async () => {
    await create("pay", { kty: "RSA", key_size: 3072 });
    const rotated = await tenant.send("POST", `/keys/pay/rotate?${V}`);
    expect(Buffer.from(textAt(rotated, "key.n"), "base64url")).toHaveLength(384);
    expect(listAt(await tenant.send("GET", `/keys/pay/versions?${V}`))).toHaveLength(2);
    expect(await tenant.send("GET", `/keys/pay/rotationpolicy?${V}`)).toMatchObject({
      body: { lifetimeActions: [{ action: { type: "Notify" } }] },
    });
  });

  test("creating keys is limited to 20 in ten seconds", async () => {
    for (let i = 0; i < 20; i++) await create("pay", { kty: "EC" });
    expect(await create("pay", { kty: "EC" })).toMatchObject({ status: 429 });
  });
});

describe("keys from outside", () => {
  const modulus = Buffer.alloc(256, 0xc3).toString("base64url");
  const key = { kty: "RSA", n: modulus, e: "AQAB", d: modulus };
  const bring = (name: string, body: Record<string, unknown>) => tenant.send("PUT", `/keys/${name}?${V}`, { body });

  test("an imported key is a key like any other, and its private part is not kept", async () => {
    expect(await bring("old", { key })).toMatchObject({ status: 200, body: { key: { kty: "RSA", n: modulus } } });
    expect(JSON.stringify([...tenant.context.model.objects.values()])).not.toContain('"d":');
    expect(await bring("old", { key })).toMatchObject({ status: 200 });
    expect(listAt(await tenant.send("GET", `/keys/old/versions?${V}`))).toHaveLength(2);
  });

  test.each([
    [{ ...key, d: undefined }, "private part"],
    [{ ...key, n: "AQAB" }, "modulus"],
    [{ kty: "EC", crv: "P-999", d: "AA", x: "AA", y: "AA" }, "P-999"],
    [{ kty: "EC", crv: "P-256", d: "AA", x: "AA", y: "AA" }, "not a point"],
    [{ kty: "oct", k: "AA" }, "EC or RSA"],
  ])("%j is refused", async (wrong, text) => {
    const answer = await bring("old", { key: wrong });
    expect(answer.status).toBe(400);
    expect(textAt(answer, "error.message")).toContain(text);
  });
});

describe("rotation policies", () => {
  const policy = (body: Record<string, unknown>) => tenant.send("PUT", `/keys/pay/rotationpolicy?${V}`, { body });

  test("one that is set is told back; until then there is the default", async () => {
    await create("pay", { kty: "EC" });
    expect(await tenant.send("GET", `/keys/pay/rotationpolicy?${V}`)).toMatchObject({
      body: { lifetimeActions: [{ trigger: { timeBeforeExpiry: "P30D" }, action: { type: "Notify" } }] },
    });
    const lifetimeActions = [{ trigger: { timeAfterCreate: "P90D" }, action: { type: "rotate" } }];
    expect((await policy({ lifetimeActions, attributes: { expiryTime: "P2Y" } })).status).toBe(200);
    expect(await tenant.send("GET", `/keys/pay/rotationpolicy?${V}`)).toMatchObject({
      body: {
        lifetimeActions: [{ trigger: { timeAfterCreate: "P90D" }, action: { type: "Rotate" } }],
        attributes: { expiryTime: "P2Y" },
      },
    });
  });

  test.each([
    { lifetimeActions: [{ trigger: { timeAfterCreate: "P6D" }, action: { type: "Rotate" } }] },
    { lifetimeActions: [{ trigger: { timeAfterCreate: "P30D" }, action: { type: "Notify" } }] },
    { lifetimeActions: [{ trigger: {}, action: { type: "Rotate" } }] },
    { lifetimeActions: [{ trigger: { timeAfterCreate: "soon" }, action: { type: "Rotate" } }] },
    { attributes: { expiryTime: "P27D" } },
  ])("%j is refused", async (body) => {
    await create("pay", { kty: "EC" });
    expect((await policy(body)).status).toBe(400);
  });
});
