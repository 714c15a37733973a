import { beforeEach, describe, expect, test } from "vitest";
import { listAt, makeTenant, type TestTenant, textAt } from "./testing/tenant";

const V = "api-version=7.4";
let tenant: TestTenant;

beforeEach(async () => {
  tenant = await makeTenant();
});

const set = (name: string, body: Record<string, unknown> = { value: "one" }) =>
  tenant.send("PUT", `/secrets/${name}?${V}`, { body });

describe("secrets", () => {
  test("a set value is read back by name, case-insensitively, and by version", async () => {
    const made = await set("Smtp-Relay", { value: "one", contentType: "text/plain", tags: { app: "mail" } });
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({
      value: "one",
      id: expect.stringMatching(/^https:\/\/kv-pay\.vault\.azure\.net\/secrets\/Smtp-Relay\/[0-9a-f]{32}$/),
      contentType: "text/plain",
      tags: { app: "mail" },
      attributes: {
        enabled: true,
        created: Date.UTC(2026, 9, 1, 12) / 1000,
        updated: Date.UTC(2026, 9, 1, 12) / 1000,
        recoveryLevel: "Recoverable+Purgeable",
        recoverableDays: 90,
      },
    });
    const first = textAt(made, "id");
    await set("smtp-relay", { value: "two" });
    expect(await tenant.send("GET", `/secrets/SMTP-relay/?${V}`)).toMatchObject({ body: { value: "two" } });
    const byVersion = await tenant.send("GET", `/secrets/smtp-relay/${first.split("/").pop()}?${V}`);
    expect(byVersion).toMatchObject({ body: { value: "one" } });
    expect(await tenant.send("GET", `/secrets/smtp-relay/versions?${V}`)).toMatchObject({
      body: { value: [{}, {}], nextLink: null },
    });
  });

  test.each([
    ["a name with an underscore", "/secrets/DB_PASSWORD", { value: "x" }],
    ["a name of 128 characters", `/secrets/${"a".repeat(128)}`, { value: "x" }],
    ["no value", "/secrets/a", {}],
    ["a value above 25 KB", "/secrets/a", { value: "x".repeat(25 * 1024 + 1) }],
    [
      "sixteen tags",
      "/secrets/a",
      { value: "x", tags: Object.fromEntries([..."abcdefghijklmnop"].map((k) => [k, k])) },
    ],
    ["an expiry before the start", "/secrets/a", { value: "x", attributes: { nbf: 2000, exp: 1000 } }],
    ["a number as value", "/secrets/a", { value: 5 }],
  ])("%s is refused as BadParameter", async (_what, path, body) => {
    const answer = await tenant.send("PUT", `${path}?${V}`, { body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "BadParameter" } } });
    expect(tenant.context.model.objects.size).toBe(0);
  });

  test.each([
    [`/secrets?${V}&${V}`, "(7.4,7.4)"],
    [`/secrets?${V}&maxresults=1&maxresults=2`, "maxresults"],
  ])("a parameter that is given twice is refused: %s", async (path, named) => {
    const answer = await tenant.send("GET", path);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: "BadParameter", message: expect.stringContaining(named) } },
    });
  });

  test.each([["/secrets/a"], ["/secrets/a?api-version=6.9"]])(
    "a request without a known api-version is refused: %s",
    async (path) => {
      expect(await tenant.send("GET", path)).toMatchObject({ status: 400, body: { error: { code: "BadParameter" } } });
    },
  );

  test("an unknown secret is SecretNotFound, a disabled one SecretDisabled, an expired one is given out", async () => {
    expect(await tenant.send("GET", `/secrets/none/?${V}`)).toMatchObject({
      status: 404,
      body: { error: { code: "SecretNotFound" } },
    });
    await set("off", { value: "x", attributes: { enabled: false } });
    expect(await tenant.send("GET", `/secrets/off/?${V}`)).toMatchObject({
      status: 403,
      body: { error: { code: "Forbidden", innererror: { code: "SecretDisabled" } } },
    });
    await set("old", { value: "x", attributes: { exp: 1000 } });
    expect(await tenant.send("GET", `/secrets/old/?${V}`)).toMatchObject({ status: 200, body: { value: "x" } });
  });

  test("an update changes attributes and tags of one version and never shows the value", async () => {
    const made = await set("a", { value: "x", attributes: { exp: 4_000_000_000 } });
    const version = textAt(made, "id").split("/").pop();
    tenant.advance(5000);
    const body = { attributes: { enabled: false }, tags: { b: "c" }, contentType: "text/plain" };
    const updated = await tenant.send("PATCH", `/secrets/a/${version}?${V}`, { body });
    expect(updated).toMatchObject({
      status: 200,
      body: { attributes: { enabled: false, exp: 4_000_000_000 }, tags: { b: "c" }, contentType: "text/plain" },
    });
    expect(updated.body).not.toHaveProperty("value");
  });

  test("lists come in pages of 25 on the vault's own host and hold no value", async () => {
    for (let i = 0; i < 60; i++) await set(`name-${String(i).padStart(2, "0")}`);
    const names: string[] = [];
    let url = `/secrets?${V}`;
    for (let page = 0; page < 3; page++) {
      const answer = await tenant.send("GET", url);
      const items = listAt(answer);
      expect(JSON.stringify(items)).not.toContain('"value"');
      for (const item of items) names.push(textAt({ body: item }, "id"));
      expect(items).toHaveLength(page < 2 ? 25 : 10);
      if (page === 2) expect(answer.body).toMatchObject({ nextLink: null });
      else {
        const nextLink = textAt(answer, "nextLink");
        expect(nextLink).toMatch(/^https:\/\/kv-pay\.vault\.azure\.net\/secrets\?api-version=7\.4&/);
        expect(nextLink).not.toContain("name-");
        url = nextLink.slice("https://kv-pay.vault.azure.net".length);
      }
    }
    expect(new Set(names).size).toBe(60);
    expect(await tenant.send("GET", `/secrets?${V}&maxresults=26`)).toMatchObject({ status: 400 });
    expect(listAt(await tenant.send("GET", `/secrets?${V}&maxresults=3`))).toHaveLength(3);
  });

  test("a deleted name is blocked until purge, listed apart, and can be recovered", async () => {
    await set("a");
    const deleted = await tenant.send("DELETE", `/secrets/a?${V}`);
    expect(deleted).toMatchObject({
      status: 200,
      body: {
        recoveryId: "https://kv-pay.vault.azure.net/deletedsecrets/a",
        deletedDate: Date.UTC(2026, 9, 1, 12) / 1000,
      },
    });
    expect(deleted.body).not.toHaveProperty("value");
    expect(await tenant.send("GET", `/secrets/a/?${V}`)).toMatchObject({ status: 404 });
    expect(await set("A")).toMatchObject({
      status: 409,
      body: { error: { code: "Conflict", innererror: { code: "ObjectIsDeletedButRecoverable" } } },
    });
    expect(await tenant.send("GET", `/deletedsecrets?${V}`)).toMatchObject({ body: { value: [{}] } });
    expect(await tenant.send("POST", `/deletedsecrets/a/recover?${V}`)).toMatchObject({ status: 200 });
    expect(await tenant.send("GET", `/secrets/a/?${V}`)).toMatchObject({ body: { value: "one" } });
    await tenant.send("DELETE", `/secrets/a?${V}`);
    expect(await tenant.send("DELETE", `/deletedsecrets/a?${V}`)).toEqual(
      expect.objectContaining({ status: 204, body: undefined }),
    );
    expect(await tenant.send("GET", `/deletedsecrets/a?${V}`)).toMatchObject({ status: 404 });
    expect(await set("a")).toMatchObject({ status: 200 });
  });

  test("retention ends a deletion by itself; purge protection forbids ending it earlier", async () => {
    tenant.changeVault({ enablePurgeProtection: true, softDeleteRetentionInDays: 7 });
    const made = await set("a");
    expect(made.body).toMatchObject({ attributes: { recoveryLevel: "CustomizedRecoverable", recoverableDays: 7 } });
    await tenant.send("DELETE", `/secrets/a?${V}`);
    expect(await tenant.send("DELETE", `/deletedsecrets/a?${V}`)).toMatchObject({ status: 403 });
    tenant.advance(7 * 86_400_000);
    expect(await tenant.send("GET", `/deletedsecrets/a?${V}`)).toMatchObject({ status: 404 });
    expect(await set("a")).toMatchObject({ status: 200 });
  });

  test("a backup is opaque and is restored with its versions, but not over a name that is taken", async () => {
    await set("a", { value: "first" });
    await set("a", { value: "second" });
    const value = textAt(await tenant.send("POST", `/secrets/a/backup?${V}`), "value");
    expect(Buffer.from(value, "base64url").toString("latin1")).not.toContain("second");
    const restore = () => tenant.send("POST", `/secrets/restore?${V}`, { body: { value } });
    expect(await restore()).toMatchObject({ status: 409, body: { error: { code: "Conflict" } } });
    await tenant.send("DELETE", `/secrets/a?${V}`);
    await tenant.send("DELETE", `/deletedsecrets/a?${V}`);
    expect(await restore()).toMatchObject({ status: 200 });
    expect(await tenant.send("GET", `/secrets/a/?${V}`)).toMatchObject({ body: { value: "second" } });
    const wrong = { body: { value: "bm90IGEgYmFja3VwIGF0IGFsbCwganVzdCBzb21lIHRleHQ" } };
    expect(await tenant.send("POST", `/secrets/restore?${V}`, wrong)).toMatchObject({ status: 400 });
  });

  test("creating secrets is limited to 300 in ten seconds and says when to come back", async () => {
    for (let i = 0; i < 300; i++) await set("a");
    const refused = await set("a");
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "Throttled" } } });
    expect(refused.headers?.["retry-after"]).toBe("10");
    expect(await tenant.send("GET", `/secrets/a/?${V}`)).toMatchObject({ status: 200 });
    tenant.advance(10_000);
    expect(await set("a")).toMatchObject({ status: 200 });
  });
});
