import { beforeEach, describe, expect, test } from "vitest";
import { listAt, makeTenant, type TestTenant, textAt } from "./testing/tenant";

const V = "api-version=7.5";
let tenant: TestTenant;

beforeEach(async () => {
  tenant = await makeTenant();
  await tenant.send("POST", `/keys/www-contoso-com/create?${V}`, { body: { kty: "RSA" } });
  await tenant.send("PUT", `/secrets/www-contoso-com?${V}`, {
    body: { value: "x", contentType: "application/x-pem-file" },
  });
  await tenant.send("POST", `/keys/plain/create?${V}`, { body: { kty: "RSA" } });
  for (const [key, object] of [...tenant.context.model.objects.entries()])
    if (object.name !== "plain") tenant.context.model.objects.put(key, { ...object, managed: true });
});

describe("certificates", () => {
  test("a managed key and secret of one name are a certificate, a key alone is none", async () => {
    const list = await tenant.send("GET", `/certificates?${V}`);
    expect(listAt(list)).toEqual([
      expect.objectContaining({ id: "https://kv-pay.vault.azure.net/certificates/www-contoso-com" }),
    ]);
    expect((await tenant.send("GET", `/certificates/plain?${V}`)).status).toBe(404);
  });

  test("the bundle points to its key and its secret, by name and by version", async () => {
    const latest = await tenant.send("GET", `/certificates/WWW-contoso-com/?${V}`);
    const version = textAt(latest, "id").split("/").pop() ?? "";
    expect(textAt(latest, "kid")).toBe(`https://kv-pay.vault.azure.net/keys/www-contoso-com/${version}`);
    expect(latest).toMatchObject({
      body: { contentType: "application/x-pem-file", policy: { x509_props: { subject: "CN=www.contoso.com" } } },
    });
    expect(await tenant.send("GET", `/certificates/www-contoso-com/${version}?${V}`)).toMatchObject({
      body: latest.body,
    });
    expect((await tenant.send("GET", `/certificates/www-contoso-com/${"0".repeat(32)}?${V}`)).status).toBe(404);
    expect(listAt(await tenant.send("GET", `/certificates/www-contoso-com/versions?${V}`))).toHaveLength(1);
    expect(await tenant.send("GET", `/certificates/www-contoso-com/policy?${V}`)).toMatchObject({
      body: { key_props: { kty: "RSA", key_size: 2048 } },
    });
  });
});
