import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { authenticate } from "@/lib/auth/token";
import type { AzureAccess } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { callCounts } from "./counter";
import { listDiagnosticSettings, putAuditSetting } from "./diagnostics";
import { permissionsAt, permissionsOf } from "./permissions";
import { permits } from "./permits.pure";
import { queryResourceGraph } from "./resource-graph";
import { parseVaultId } from "./resource-id.pure";
import { createRoleAssignment, deleteRoleAssignment, getRoleAssignment } from "./role-assignments";
import { endRole, giveRoleUntil, prolongRole } from "./role-schedules";
import { type RunningTenant, startTenant } from "./testing/tenant";
import { nameOf, objectsOf, openVault, type TrueVault, vaultsOf, vaultThat } from "./testing/world";
import { addAccessPolicy, getVault, listKeysByArm, listSecretsByArm, removeAccessPolicy } from "./vaults";

const KIM = "kim@contoso.test";
const ADAM = "adam@contoso.test";

let tenant: RunningTenant;
let collector: AzureAccess;
let adam: AzureAccess;
let vaults: TrueVault[];

beforeAll(async () => {
  tenant = await startTenant("--vaults", "60", "--fast", "--no-throttle", "--delay-grant", "300");
  collector = tenant.identity("collector");
  adam = (await tenant.signIn(ADAM)).azure;
  vaults = await vaultsOf(tenant);
});
afterAll(() => tenant?.stop());

describe("who calls", () => {
  test("a person's browser token is valid for the product and acts for them in Azure", async () => {
    const { token, azure } = await tenant.signIn(KIM);
    const user = await authenticate(tenant.config, token);
    expect(user).toMatchObject({ upn: KIM, roles: ["KeyVault.Owner"] });
    const mine = await queryResourceGraph(azure, "resources | project id", z.object({ id: z.string() }));
    const all = await queryResourceGraph(adam, "resources | project id", z.object({ id: z.string() }));
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.length).toBeLessThan(all.length);
  });

  test("a token of Azure's own is not one for the product", async () => {
    const arm = await adam.credential.getToken("https://management.azure.com/.default");
    await expect(authenticate(tenant.config, arm?.token)).rejects.toMatchObject({ failure: { code: "signed_out" } });
  });

  test("tokens on behalf of a person are kept, not fetched for every call", async () => {
    await adam.credential.getToken("https://management.azure.com/.default");
    const before = callCounts().entra;
    await adam.credential.getToken("https://management.azure.com/.default");
    expect(callCounts().entra).toBe(before);
  });

  test("a managed identity gets tokens from its own endpoint", async () => {
    const token = await collector.credential.getToken("https://vault.azure.net/.default");
    expect(token?.token.split(".")).toHaveLength(3);
  });
});

describe("vaults", () => {
  test.each([true, false])("ARM shows a vault with its permission model (rbac: %s)", async (rbac) => {
    const id = openVault(vaults, rbac);
    const vault = await getVault(collector, id);
    expect(vault).toMatchObject({
      id,
      permissionModel: rbac ? "rbac" : "policies",
      createdAt: expect.any(Date),
      network: "public",
      tenantId: tenant.config.tenantId,
      uri: `https://${nameOf(id)}.vault.azure.net`,
    });
  });

  test("networks are told apart", async () => {
    const network = async (wanted: (vault: TrueVault) => boolean) =>
      (await getVault(collector, vaultThat(vaults, wanted))).network;
    expect(await network(({ publicNetworkAccess }) => publicNetworkAccess === "Disabled")).toBe("private");
    expect(await network((v) => v.publicNetworkAccess === "Enabled" && v.networkAcls?.defaultAction === "Deny")).toBe(
      "firewall",
    );
  });

  test("secrets and keys can be listed without the data plane, with all that they carry", async () => {
    const ids = [...new Set(vaults.map((vault) => parseVaultId(vault.id)))];
    const stored = await objectsOf(tenant);
    const seen = { expires: 0, tags: 0, contentType: 0, keys: 0 };
    for (const id of ids.slice(0, 20)) {
      if (!id) throw new Error("not an id");
      const listed = [...(await listSecretsByArm(adam, id)), ...(await listKeysByArm(adam, id))];
      const there = stored.filter((object) => object.vaultId.toLowerCase() === id && !object.deletedAt);
      expect(listed.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual(
        there
          .filter(({ kind }) => kind !== "certificate")
          .map(({ kind, name }) => `${kind} ${name}`)
          .sort(),
      );
      for (const { kind, name, enabled, created, updated, notBefore, expires, contentType, tags, key } of listed) {
        const latest = there.find((one) => one.kind === kind && one.name === name)?.versions.at(-1);
        const second = (at: number | undefined) =>
          at === undefined ? undefined : new Date(Math.floor(at / 1_000) * 1_000);
        expect({ enabled, created, updated, notBefore, expires, contentType, tags }).toEqual({
          enabled: latest?.enabled,
          created: second(latest?.created),
          updated: second(latest?.updated),
          notBefore: second(latest?.notBefore),
          expires: second(latest?.expires),
          contentType: latest?.contentType,
          tags: latest?.tags,
        });
        if (kind === "key") expect(key).toMatchObject({ type: latest?.jwk?.kty, curve: latest?.jwk?.crv });
        else expect(key).toBeUndefined();
        seen.expires += Number(expires !== undefined);
        seen.tags += Number(Object.keys(tags).length > 0);
        seen.contentType += Number(contentType !== undefined);
        seen.keys += Number(kind === "key");
      }
    }
    // The world has some of each, so the comparison above was one.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  });

  test("an unknown vault is not found, in words", async () => {
    const id = parseVaultId(openVault(vaults, true).replace(/[^/]+$/, "no-such-vault"));
    if (!id) throw new Error("not an id");
    const error = await getVault(adam, id).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ failure: { code: "not_found", message: expect.stringContaining("read the vault") } });
  });

  test("permissions are added to and taken from an access policy, and nothing else changes", async () => {
    const id = openVault(vaults, false);
    const { tenantId } = tenant.config;
    const objectId = tenant.config.identities.planter.objectId.toLowerCase();
    const before = await getVault(collector, id);
    const entry = { tenantId, objectId, secrets: ["set", "list"], keys: ["create"] };
    const granter = tenant.identity("granter");
    await addAccessPolicy(granter, id, entry);
    const given = (await getVault(collector, id)).accessPolicies.find((policy) => policy.objectId === objectId);
    expect([...(given?.secrets ?? [])].sort()).toEqual(["list", "set"]);
    await removeAccessPolicy(granter, id, entry);
    const after = (await getVault(collector, id)).accessPolicies.filter(
      ({ secrets, keys }) => secrets.length + keys.length > 0,
    );
    expect(after).toEqual(before.accessPolicies);
  });
});

describe("rights", () => {
  test("ARM tells what the caller may do, which differs by person", async () => {
    const kim = (await tenant.signIn(KIM)).azure;
    const id = openVault(vaults, true);
    const write = "Microsoft.KeyVault/vaults/secrets/write";
    expect(permits(await permissionsAt(adam, id), write, "control")).toBe(true);
    const own = await queryResourceGraph(
      kim,
      "resources | where type =~ 'microsoft.keyvault/vaults' | project id",
      z.object({ id: z.string() }),
    );
    const answers = await Promise.all(
      own.map(async (row) => permits(await permissionsAt(kim, row.id), write, "control")),
    );
    // Contributor on some of the vaults that Kim sees, reader on others.
    expect(new Set(answers)).toEqual(new Set([true, false]));
  });

  test("a person's rights can be read without the person", async () => {
    const { token } = await tenant.signIn(ADAM);
    const { oid } = await authenticate(tenant.config, token);
    const permissions = await permissionsOf(collector, openVault(vaults, true), oid);
    expect(permits(permissions, "Microsoft.KeyVault/vaults/write", "control")).toBe(true);
    expect(await permissionsOf(collector, openVault(vaults, true), randomUUID())).toEqual([]);
  });

  test("a role is given once, found, and taken back once", async () => {
    const granter = tenant.identity("granter");
    const assignment = {
      name: randomUUID(),
      scope: openVault(vaults, true),
      roleDefinitionId: tenant.config.plantRoleId,
      principalId: tenant.config.identities.planter.objectId.toLowerCase(),
    };
    expect(await getRoleAssignment(adam, assignment)).toBeUndefined();
    expect(await createRoleAssignment(granter, assignment)).toBe("created");
    expect(await createRoleAssignment(granter, { ...assignment, name: randomUUID() })).toBe("existed");
    expect(await getRoleAssignment(adam, assignment)).toEqual(assignment);
    expect(await deleteRoleAssignment(granter, assignment)).toBe("deleted");
    expect(await deleteRoleAssignment(granter, assignment)).toBe("absent");
  });

  test("a time-bound role is given once, prolonged, and taken back once; what another request gave is left alone", async () => {
    const granter = tenant.identity("granter");
    const role = {
      request: randomUUID(),
      scope: openVault(vaults, true),
      roleDefinitionId: tenant.config.plantRoleId,
      principalId: tenant.config.identities.planter.objectId,
    };
    const inMinutes = (minutes: number) => ({ from: new Date(), until: new Date(Date.now() + minutes * 60_000) });
    const ends = async () => {
      const Assignment = z.looseObject({ schedule: z.object({ endsAt: z.number() }).optional() });
      const all = await tenant.collection("roleAssignments", Assignment);
      return all.flatMap(({ schedule }) => (schedule ? [schedule.endsAt - Date.now() > 50 * 60_000] : []));
    };
    expect(await giveRoleUntil(granter, role, inMinutes(40))).toBe("given");
    expect(await giveRoleUntil(granter, role, inMinutes(40))).toBe("ours");
    const other = { ...role, request: randomUUID() };
    expect(await giveRoleUntil(granter, other, inMinutes(40))).toBe("held");
    expect(await endRole(granter, other, randomUUID())).toBe("absent");
    expect(await endRole(granter, role, randomUUID())).toBe("too early");
    expect(await ends()).toEqual([false]);
    const extension = { as: randomUUID(), ...inMinutes(60) };
    expect(await prolongRole(granter, role, extension)).toBe("prolonged");
    expect(await prolongRole(granter, role, extension)).toBe("prolonged");
    expect(await ends()).toEqual([true]);
    const end = randomUUID();
    await vi.waitFor(async () => expect(await endRole(granter, role, end)).toBe("ended"), { timeout: 10_000 });
    expect(await ends()).toEqual([]);
    await expect(endRole(granter, role, end)).rejects.toMatchObject({ failure: { code: "conflict" } });
    expect(await endRole(granter, role, randomUUID())).toBe("absent");
    expect(await prolongRole(granter, role, { as: randomUUID(), ...inMinutes(60) })).toBe("absent");
  });

  test("the granting identity cannot give any other role", async () => {
    const owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
    const attempt = createRoleAssignment(tenant.identity("granter"), {
      name: randomUUID(),
      scope: openVault(vaults, true),
      roleDefinitionId: owner,
      principalId: tenant.config.identities.planter.objectId,
    });
    await expect(attempt).rejects.toMatchObject({ failure: { code: "forbidden" } });
  });
});

describe("logging settings", () => {
  test("the audit log is switched on, and read back", async () => {
    const Setting = z.looseObject({ vaultId: z.string() });
    const logged = (await tenant.collection("diagnosticSettings", Setting)).map(({ vaultId }) => vaultId.toLowerCase());
    const id = vaultThat(vaults, (vault) => !logged.includes(vault.id.toLowerCase()));
    const workspaceResourceId = tenant.config.workspace.resourceId;
    const put = await putAuditSetting(adam, id, { name: "security-audit", workspaceResourceId });
    const expected = {
      name: "security-audit",
      workspaceId: workspaceResourceId.toLowerCase(),
      table: "AZKVAuditLogs",
      audit: true,
    };
    expect(put).toEqual(expected);
    expect(await listDiagnosticSettings(collector, id)).toEqual([expected]);
    await expect(putAuditSetting(adam, id, { name: "another", workspaceResourceId })).rejects.toMatchObject({
      failure: { code: "conflict" },
    });
  });
});

describe("Resource Graph", () => {
  const Row = z.object({ id: z.string(), name: z.string() });
  const query = "resources | where type =~ 'microsoft.keyvault/vaults' | project id, name | order by id asc";

  test("shows all vaults that the caller may read", async () => {
    const rows = await queryResourceGraph(collector, query, Row);
    expect(rows.map(({ id }) => id.toLowerCase()).sort()).toEqual(vaults.map(({ id }) => id.toLowerCase()).sort());
  });

  test("stays inside the subscriptions that were named", async () => {
    const subscriptionId = openVault(vaults, true).split("/")[2] ?? "";
    const rows = await queryResourceGraph(collector, query, Row, { subscriptions: [subscriptionId] });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ id }) => id.toLowerCase().startsWith(`/subscriptions/${subscriptionId}/`))).toBe(true);
  });
});
