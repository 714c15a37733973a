import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { authenticate } from "@/lib/auth/token";
import type { AzureAccess } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { azureErrorOf } from "./azure-error";
import { callCounts } from "./counter";
import { listDiagnosticSettings, putAuditSetting } from "./diagnostics";
import { createKeyOnce, listDeletedKeys, listDeletedSecrets, listKeys, listSecrets, setSecretOnce } from "./key-vault";
import { queryLogs, queryLogsBatch } from "./logs";
import { permissionsAt, permissionsOf } from "./permissions";
import { permits } from "./permits.pure";
import { queryResourceGraph } from "./resource-graph";
import { parseVaultId, type VaultId } from "./resource-id.pure";
import { createRoleAssignment, deleteRoleAssignment, getRoleAssignment } from "./role-assignments";
import { listAlertRules } from "./rules";
import { listTablePlans } from "./tables";
import { type RunningTenant, startTenant } from "./testing/tenant";
import { addAccessPolicy, getVault, listKeyNamesByArm, listSecretNamesByArm, removeAccessPolicy } from "./vaults";
import { deleteWatchlistItem, ensureWatchlist, getWatchlist, listWatchlistItems, putWatchlistItem } from "./watchlists";

const KIM = "kim@contoso.test";
const ADAM = "adam@contoso.test";

const Vault = z.looseObject({
  id: z.string(),
  name: z.string(),
  enableRbacAuthorization: z.boolean().optional(),
  publicNetworkAccess: z.string(),
  networkAcls: z.looseObject({ defaultAction: z.string() }).optional(),
});
const StoredObject = z.looseObject({ vaultId: z.string(), kind: z.string(), name: z.string() });

let tenant: RunningTenant;
let collector: AzureAccess;
let adam: AzureAccess;
let vaults: z.infer<typeof Vault>[];

beforeAll(async () => {
  tenant = await startTenant("--vaults", "60", "--fast", "--no-throttle", "--delay-grant", "300");
  collector = tenant.identity("collector");
  adam = (await tenant.signIn(ADAM)).azure;
  vaults = await tenant.collection("vaults", Vault);
});
afterAll(() => tenant?.stop());

/** The id of an open vault of this permission model. */
function openVault(rbac: boolean, skip = 0): VaultId {
  const found = vaults.filter(
    (vault) =>
      (vault.enableRbacAuthorization === true) === rbac &&
      vault.publicNetworkAccess === "Enabled" &&
      vault.networkAcls?.defaultAction !== "Deny",
  )[skip];
  const id = parseVaultId(found?.id ?? "");
  if (!id) throw new Error("The world has no such vault.");
  return id;
}

const nameOf = (id: VaultId) => id.split("/").at(-1) ?? "";

/** Until it works, for at most 10 seconds: rights take a moment to reach the data plane. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

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
    const id = openVault(rbac);
    const vault = await getVault(collector, id);
    expect(vault).toMatchObject({
      id,
      permissionModel: rbac ? "rbac" : "policies",
      network: "public",
      tenantId: tenant.config.tenantId,
      uri: `https://${nameOf(id)}.vault.azure.net`,
    });
  });

  test("networks are told apart", async () => {
    const network = async (wanted: (vault: z.infer<typeof Vault>) => boolean) =>
      (await getVault(collector, parseVaultId(vaults.find(wanted)?.id ?? "") ?? openVault(true))).network;
    expect(await network(({ publicNetworkAccess }) => publicNetworkAccess === "Disabled")).toBe("private");
    expect(await network((v) => v.publicNetworkAccess === "Enabled" && v.networkAcls?.defaultAction === "Deny")).toBe(
      "firewall",
    );
  });

  test("names can be listed without the data plane", async () => {
    const id = openVault(false);
    const stored = await tenant.collection("objects", StoredObject.extend({ deletedAt: z.number().optional() }));
    const names = (kind: string) =>
      stored
        .filter((object) => object.vaultId.toLowerCase() === id && object.kind === kind && !object.deletedAt)
        .map(({ name }) => name)
        .sort();
    expect((await listSecretNamesByArm(adam, id)).sort()).toEqual(names("secret"));
    expect((await listKeyNamesByArm(adam, id)).sort()).toEqual(names("key"));
  });

  test("an unknown vault is not found, in words", async () => {
    const id = parseVaultId(openVault(true).replace(/[^/]+$/, "no-such-vault"));
    if (!id) throw new Error("not an id");
    const error = await getVault(adam, id).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ failure: { code: "not_found", message: expect.stringContaining("read the vault") } });
  });

  test("permissions are added to and taken from an access policy, and nothing else changes", async () => {
    const id = openVault(false);
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
    const id = openVault(true);
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
    const permissions = await permissionsOf(collector, openVault(true), oid);
    expect(permits(permissions, "Microsoft.KeyVault/vaults/write", "control")).toBe(true);
    expect(await permissionsOf(collector, openVault(true), randomUUID())).toEqual([]);
  });

  test("a role is given once, found, and taken back once", async () => {
    const granter = tenant.identity("granter");
    const assignment = {
      name: randomUUID(),
      scope: openVault(true),
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

  test("the granting identity cannot give any other role", async () => {
    const owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
    const attempt = createRoleAssignment(tenant.identity("granter"), {
      name: randomUUID(),
      scope: openVault(true),
      roleDefinitionId: owner,
      principalId: tenant.config.identities.planter.objectId,
    });
    await expect(attempt).rejects.toMatchObject({ failure: { code: "forbidden" } });
  });
});

describe("the data plane", () => {
  test("refuses a writer without a right, and says which kind of refusal it is", async () => {
    const error = await setSecretOnce(tenant.identity("planter"), nameOf(openVault(true)), {
      name: "orders-queue-connection",
      value: "v",
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: { code: "forbidden" } });
    expect(azureErrorOf(error)?.codes).toContain("ForbiddenByRbac");
    expect(JSON.stringify(error)).not.toContain("orders-queue");
  });

  test("a granted writer sets a secret and creates a key, once, and the lists show them", async () => {
    const id = openVault(true, 1);
    const vault = nameOf(id);
    const assignment = {
      name: randomUUID(),
      scope: id,
      roleDefinitionId: tenant.config.plantRoleId,
      principalId: tenant.config.identities.planter.objectId,
    };
    await createRoleAssignment(tenant.identity("granter"), assignment);
    const planter = tenant.identity("planter");
    const expires = new Date(Date.now() + 86_400_000 * 365);
    const secret = await eventually(() =>
      setSecretOnce(planter, vault, {
        name: "orders-queue-connection",
        value: "v",
        contentType: "text/plain",
        expires,
        tags: { team: "orders" },
      }),
    );
    expect(secret.version).toMatch(/^[0-9a-f]{32}$/);
    const key = await createKeyOnce(planter, vault, { name: "orders-signing", kty: "RSA", size: 2048 });
    expect(key.version).toMatch(/^[0-9a-f]{32}$/);
    const listed = (await listSecrets(planter, vault)).find(({ name }) => name === "orders-queue-connection");
    expect(listed).toMatchObject({
      enabled: true,
      contentType: "text/plain",
      tags: { team: "orders" },
      managed: false,
    });
    expect(Math.abs((listed?.expires?.getTime() ?? 0) - expires.getTime())).toBeLessThan(1000);
    expect((await listKeys(planter, vault)).map(({ name }) => name)).toContain("orders-signing");
    await deleteRoleAssignment(tenant.identity("granter"), assignment);
  });

  test("a client keeps the vault's challenge: the second list costs one call a page", async () => {
    const vault = nameOf(openVault(true));
    await listSecrets(collector, vault).catch(() => []);
    const before = callCounts().keyVault;
    await listSecrets(collector, vault).catch(() => []);
    expect(callCounts().keyVault - before).toBe(1);
  });

  test("deleted names are listed too", async () => {
    const deleted = (
      await tenant.collection("objects", StoredObject.extend({ deletedAt: z.number().optional() }))
    ).find(({ deletedAt, kind }) => deletedAt !== undefined && kind === "secret");
    const id = parseVaultId(deleted?.vaultId ?? "") ?? openVault(true);
    const names = await listDeletedSecrets(collector, nameOf(id)).then(
      (all) => all.map(({ name }) => name),
      (error: unknown) => (error instanceof AppError && error.failure.code === "forbidden" ? "forbidden" : "failed"),
    );
    expect(names === "forbidden" || names.includes(deleted?.name ?? "")).toBe(true);
    await expect(listDeletedKeys(collector, nameOf(id)).catch(() => [])).resolves.toBeInstanceOf(Array);
  });
});

describe("logging settings", () => {
  test("the audit log is switched on, and read back", async () => {
    const Setting = z.looseObject({ vaultId: z.string() });
    const logged = (await tenant.collection("diagnosticSettings", Setting)).map(({ vaultId }) => vaultId.toLowerCase());
    const id = parseVaultId(vaults.find((vault) => !logged.includes(vault.id.toLowerCase()))?.id ?? "");
    if (!id) throw new Error("The world has no vault without logging.");
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

describe("Sentinel", () => {
  const workspace = () => tenant.config.workspace.resourceId;
  const alias = () => tenant.config.watchlistAlias;

  test("the register's rows are written under our own ids, changed and removed", async () => {
    const registrar = tenant.identity("registrar");
    expect(await getWatchlist(registrar, workspace(), alias())).toMatchObject({ alias: alias() });
    const id = randomUUID();
    const fields = {
      ResourceProvider: "Microsoft.KeyVault",
      ResourceId: openVault(true),
      HoneyToken: "x",
      State: "planting",
    };
    const before = await listWatchlistItems(registrar, workspace(), alias());
    await putWatchlistItem(registrar, workspace(), alias(), id, fields);
    await putWatchlistItem(registrar, workspace(), alias(), id, { ...fields, State: "live" });
    const after = await listWatchlistItems(registrar, workspace(), alias());
    expect(after).toHaveLength(before.length + 1);
    expect(after.find((item) => item.id.toLowerCase() === id)?.fields).toMatchObject({ ...fields, State: "live" });
    expect(await deleteWatchlistItem(registrar, workspace(), alias(), id)).toBe("deleted");
    expect(await listWatchlistItems(registrar, workspace(), alias())).toHaveLength(before.length);
  });

  test("a missing watchlist is told, and made once", async () => {
    const registrar = tenant.identity("registrar");
    expect(await getWatchlist(registrar, workspace(), "Elsewhere")).toBeUndefined();
    expect(await ensureWatchlist(registrar, workspace(), "Elsewhere", ["TokenKey", "State"])).toBe("created");
    expect(await ensureWatchlist(registrar, workspace(), "Elsewhere", ["TokenKey", "State"])).toBe("existed");
    expect(await listWatchlistItems(registrar, workspace(), "Elsewhere")).toEqual([]);
  });

  test("rules and table plans are listed", async () => {
    expect(await listAlertRules(collector, workspace())).toBeInstanceOf(Array);
    const plans = await listTablePlans(collector, workspace());
    expect(plans).toContainEqual({ name: "AzureDiagnostics", plan: "Analytics" });
  });
});

describe("logs", () => {
  const workspace = () => tenant.config.workspace.customerId;
  const Row = z.object({ TimeGenerated: z.iso.datetime(), OperationName: z.string() });

  test("typed parameters reach the query as values, whatever they hold", async () => {
    const hostile = `" | take 0 // \\ ' \n`;
    const rows = await queryLogs(
      collector,
      workspace(),
      {
        kql: "print text = given, list = many, when = since, most = n, on = flag",
        parameters: { given: hostile, many: [hostile, "b"], since: new Date(1_700_000_000_000), n: 42, flag: true },
      },
      z.object({
        text: z.string(),
        list: z.array(z.string()),
        when: z.string(),
        most: z.number(),
        on: z.union([z.boolean(), z.number()]),
      }),
    );
    expect(rows).toEqual([
      { text: hostile, list: [hostile, "b"], when: "2023-11-14T22:13:20.000Z", most: 42, on: expect.anything() },
    ]);
  });

  test("rows come as objects in the shape that was asked for", async () => {
    const query = { kql: "AzureDiagnostics | project TimeGenerated, OperationName | take n", parameters: { n: 5 } };
    const rows = await queryLogs(collector, workspace(), query, Row);
    expect(rows).toHaveLength(5);
  });

  test("several queries are one call, in the order asked, and one failing leaves the others", async () => {
    const before = callCounts().logs;
    const [first, broken, last] = await queryLogsBatch(collector, workspace(), [
      { kql: "print a = 1", schema: z.object({ a: z.number() }) },
      { kql: "NoSuchTable | take 1", schema: Row },
      { kql: "print b = who", parameters: { who: "x" }, schema: z.object({ b: z.string() }) },
    ]);
    expect(callCounts().logs - before).toBe(1);
    expect(first).toEqual({ ok: true, rows: [{ a: 1 }] });
    expect(last).toEqual({ ok: true, rows: [{ b: "x" }] });
    expect(broken.ok).toBe(false);
  });

  test("a person without a right on the workspace is refused", async () => {
    const kim = (await tenant.signIn(KIM)).azure;
    await expect(queryLogs(kim, workspace(), { kql: "print 1" }, z.unknown())).rejects.toMatchObject({
      failure: { code: "forbidden" },
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
    const subscriptionId = openVault(true).split("/")[2] ?? "";
    const rows = await queryResourceGraph(collector, query, Row, { subscriptions: [subscriptionId] });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ id }) => id.toLowerCase().startsWith(`/subscriptions/${subscriptionId}/`))).toBe(true);
  });
});
