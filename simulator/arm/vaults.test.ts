import { describe, expect, test } from "vitest";
import type { VaultObject } from "../model";
import { GROUP, makeArmTenant, NOON, RBAC_VAULT, SUBSCRIPTION, VAULT } from "./test-context";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;

function setUp() {
  const tenant = makeArmTenant();
  const owner = tenant.personWith(["*"], ROOT);
  const patch = (body: unknown, as = owner) => tenant.send(as, "PATCH", VAULT, body);
  return { tenant, owner, patch };
}

function secretOf(vaultId: string, name: string): VaultObject {
  const version = {
    version: "0".repeat(32),
    enabled: true,
    created: NOON,
    updated: NOON,
    tags: {},
    value: "s3cret-value",
  };
  return { vaultId, kind: "secret", name, versions: [version] };
}

describe("vaults", () => {
  test("a vault that was never switched shows no permission model, as old vaults do", async () => {
    const { tenant, owner } = setUp();
    const one = await tenant.send(owner, "GET", VAULT);
    expect(one.body.properties).toMatchObject({ vaultUri: "https://kv-one.vault.azure.net/", sku: { family: "A" } });
    expect(one.body.properties).not.toHaveProperty("enableRbacAuthorization");
    expect((await tenant.send(owner, "GET", RBAC_VAULT)).body.properties).toHaveProperty(
      "enableRbacAuthorization",
      true,
    );
  });

  test("a patch changes what it names and nothing else", async () => {
    const { tenant, patch } = setUp();
    const acls = { defaultAction: "Deny", bypass: "None", ipRules: [{ value: "203.0.113.0/24" }] };
    const { status, body } = await patch({ tags: { env: "prod" }, properties: { networkAcls: acls } });
    expect([status, body.tags]).toEqual([200, { env: "prod" }]);
    expect(body.properties?.networkAcls).toEqual({ ...acls, virtualNetworkRules: [] });
    await patch({ properties: { publicNetworkAccess: "disabled" } });
    expect(tenant.context.model.vaults.get(VAULT)).toMatchObject({
      tags: { env: "prod" },
      publicNetworkAccess: "Disabled",
    });
  });

  test("a patch cannot undo purge protection, change the retention, or carry what is not valid", async () => {
    const { tenant, patch } = setUp();
    await patch({ properties: { enablePurgeProtection: true } });
    const before = tenant.context.model.vaults.get(VAULT);
    for (const properties of [
      { enablePurgeProtection: false },
      { softDeleteRetentionInDays: 30 },
      { enableSoftDelete: false },
      { networkAcls: { defaultAction: "Maybe" } },
      { networkAcls: { defaultAction: "Deny", ipRules: [{ value: "everywhere" }] } },
      { publicNetworkAccess: "sometimes" },
    ]) {
      expect((await patch({ properties })).status).toBe(400);
    }
    expect((await patch({ tags: { "a<b": "x" } })).body.error?.code).toBe("InvalidTagNameCharacters");
    expect(tenant.context.model.vaults.get(VAULT)).toEqual(before);
  });

  test("purge protection does not take false, also where it was never on", async () => {
    const { patch } = setUp();
    const { status, body } = await patch({ properties: { enablePurgeProtection: false } });
    expect([status, body.error?.message]).toEqual([400, expect.stringContaining("irreversible")]);
  });

  test("the permission model changes only for who may assign roles", async () => {
    const { tenant, patch } = setUp();
    const contributor = tenant.personWith(["Microsoft.KeyVault/*"], ROOT);
    const refused = await patch({ properties: { enableRbacAuthorization: true } }, contributor);
    expect([refused.status, refused.body.error?.code]).toEqual([403, "InsufficientPermissions"]);
    expect((await patch({ properties: { enableRbacAuthorization: false } }, contributor)).status).toBe(200);
    expect((await patch({ properties: { enableRbacAuthorization: true } })).status).toBe(200);
  });

  test("delete keeps the vault recoverable and drops the role assignments on it", async () => {
    const { tenant, owner } = setUp();
    const app = tenant.person("app");
    tenant.assign(app, tenant.role({ dataActions: ["*"] }), `${RBAC_VAULT}/secrets/db`);
    expect((await tenant.send(owner, "DELETE", RBAC_VAULT)).status).toBe(200);
    expect((await tenant.send(owner, "DELETE", RBAC_VAULT)).status).toBe(204);
    expect((await tenant.send(owner, "GET", RBAC_VAULT)).status).toBe(404);
    expect([...tenant.context.model.roleAssignments.values()].map(({ principalId }) => principalId)).toEqual([
      owner.oid,
    ]);
    const { body } = await tenant.send(owner, "GET", `${ROOT}/providers/Microsoft.KeyVault/deletedVaults`);
    expect(body.value).toMatchObject([{ name: "kv-rbac", properties: { vaultId: RBAC_VAULT } }]);
    const one = `${ROOT}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-rbac`;
    expect((await tenant.send(owner, "GET", one)).body.properties?.scheduledPurgeDate).toBe(
      "2026-12-30T12:00:00.0000000Z",
    );
  });
});

describe("secrets and keys through ARM", () => {
  test("lists need only a control-plane right and hold no value", async () => {
    const { tenant } = setUp();
    tenant.context.model.objects.put(`${VAULT}/secrets/db`, secretOf(VAULT, "db"));
    tenant.context.model.objects.put(`${VAULT}/secrets/gone`, { ...secretOf(VAULT, "gone"), deletedAt: NOON });
    const reader = tenant.personWith(["*/read"], GROUP);
    const { body } = await tenant.send(reader, "GET", `${VAULT}/secrets`);
    expect(body.value).toMatchObject([{ name: "db", properties: { attributes: { enabled: true } } }]);
    expect(JSON.stringify(body)).not.toContain("s3cret-value");
    expect(JSON.stringify((await tenant.send(reader, "GET", `${VAULT}/secrets/DB`)).body)).not.toContain(
      "s3cret-value",
    );
    expect((await tenant.send(reader, "GET", `${VAULT}/secrets/gone`)).status).toBe(404);
    expect((await tenant.send(tenant.person("nobody"), "GET", `${VAULT}/secrets`)).status).toBe(403);
  });

  test("a key is made once; a second put leaves it alone whatever it asks for", async () => {
    const { tenant, owner } = setUp();
    const put = (properties: object) => tenant.send(owner, "PUT", `${VAULT}/keys/signing`, { properties });
    const first = await put({ kty: "RSA", keySize: 2048, attributes: { exp: 2_000_000_000 } });
    expect(first.status).toBe(200);
    expect(first.body.properties).toMatchObject({ kty: "RSA", keySize: 2048, attributes: { exp: 2_000_000_000 } });
    const second = await put({ kty: "EC", curveName: "P-256" });
    expect(second.body).toEqual(first.body);
    expect(tenant.context.model.objects.get(`${VAULT}/keys/signing`)?.versions).toHaveLength(1);
    const versions = await tenant.send(owner, "GET", `${VAULT}/keys/signing/versions`);
    expect(versions.body.value).toHaveLength(1);
  });

  test("a key is refused for a bad type, name or right, and while a deleted one holds the name", async () => {
    const { tenant, owner } = setUp();
    const status = async (name: string, properties: object, as = owner) =>
      (await tenant.send(as, "PUT", `${VAULT}/keys/${name}`, { properties })).status;
    expect(await status("bad_name", { kty: "RSA" })).toBe(400);
    expect(await status("k", { kty: "oct" })).toBe(400);
    expect(await status("k", { kty: "RSA-HSM" })).toBe(400);
    expect(await status("k", { kty: "RSA", keySize: 1024 })).toBe(400);
    expect(await status("k", { kty: "RSA" }, tenant.personWith(["*/read"], ROOT))).toBe(403);
    tenant.context.model.objects.put(`${VAULT}/keys/k`, {
      vaultId: VAULT,
      kind: "key",
      name: "k",
      versions: [],
      deletedAt: NOON,
      purgeAt: NOON + 1,
    });
    expect(await status("k", { kty: "RSA" })).toBe(409);
    tenant.advance(1);
    expect(await status("k", { kty: "RSA" })).toBe(200);
  });
});

describe("tags at a scope", () => {
  const TAGS = "/providers/Microsoft.Resources/tags/default";

  test("merge keeps other tags and the casing of a name; delete takes what it names", async () => {
    const { tenant, owner, patch } = setUp();
    await patch({ tags: { Env: "test", team: "pay" } });
    const change = (operation: string, tags: object) =>
      tenant.send(owner, "PATCH", `${VAULT}${TAGS}`, { operation, properties: { tags } });
    expect((await change("Merge", { env: "prod", cost: "7" })).body.properties?.tags).toEqual({
      Env: "prod",
      team: "pay",
      cost: "7",
    });
    expect((await change("Delete", { COST: "", team: "other" })).body.properties?.tags).toEqual({
      Env: "prod",
      team: "pay",
    });
    expect((await change("Replace", { only: "this" })).body.properties?.tags).toEqual({ only: "this" });
    expect((await tenant.send(owner, "GET", VAULT)).body.tags).toEqual({ only: "this" });
    expect((await change("Rename", {})).status).toBe(400);
  });

  test("writing tags needs the tag right, not the right to write the vault", async () => {
    const { tenant } = setUp();
    const vaultWriter = tenant.personWith(["Microsoft.KeyVault/*"], ROOT);
    const tagger = tenant.personWith(["Microsoft.Resources/tags/*"], ROOT);
    const body = { operation: "Merge", properties: { tags: { reviewed: "yes" } } };
    expect((await tenant.send(vaultWriter, "PATCH", `${VAULT}${TAGS}`, body)).status).toBe(403);
    expect((await tenant.send(tagger, "PATCH", `${VAULT}${TAGS}`, body)).status).toBe(200);
    expect((await tenant.send(tagger, "PATCH", `${GROUP}${TAGS}`, body)).status).toBe(200);
    expect(tenant.context.model.resourceGroups.get(GROUP)?.tags).toEqual({ reviewed: "yes" });
  });
});
