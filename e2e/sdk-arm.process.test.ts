import { randomUUID } from "node:crypto";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { MonitorClient } from "@azure/arm-monitor";
import { OperationalInsightsManagementClient } from "@azure/arm-operationalinsights";
import { ResourceGraphClient } from "@azure/arm-resourcegraph";
import { ResourceManagementClient } from "@azure/arm-resources";
import { SecurityInsights } from "@azure/arm-securityinsight";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { truthOf } from "./harness/simulated-truth";
import { type SimulatorProcess, startSimulator } from "./harness/simulator";

/*
 * The unmodified management clients against the simulated control plane, with the tokens of the tenant's own managed
 * identities: what each may do comes back in the client's types, what it may not as the client's error.
 */

let simulator: SimulatorProcess;
let tenant: Awaited<ReturnType<ReturnType<typeof truthOf>["tenant"]>>;
let vaults: Awaited<ReturnType<ReturnType<typeof truthOf>["vaults"]>>;

beforeAll(async () => {
  simulator = await startSimulator("--vaults", "120", "--seed", "1", "--fast");
  const truth = truthOf(simulator.url);
  tenant = await truth.tenant();
  vaults = await truth.vaults();
});

afterAll(() => simulator?.stop());

/** The tenant's own list of decoys; here only a watchlist with rows in it. */
const alias = () => z.string().parse(tenant.watchlistAlias);

const idOf = (name: string) => tenant.identities[name] ?? expect.fail(`no identity ${name}`);
const as = (name: string) => simulator.identity(idOf(name).clientId);
const options = () => ({ httpClient: simulator.httpClient, retryOptions: { maxRetries: 0 } });

function partsOf(id: string) {
  const [, subscription = "", , group = "", , , , name = ""] = id.split("/").filter(Boolean);
  return { subscription, group, name };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function vaultOf(model: "rbac" | "policy") {
  const found = vaults.find((vault) => (vault.enableRbacAuthorization === true) === (model === "rbac"));
  return found?.id ?? expect.fail(`no ${model} vault`);
}

describe("reading as the collector", () => {
  test("vaults: paged list, get, and a refused write in ARM's words", async () => {
    const id = vaultOf("policy");
    const { subscription, group, name } = partsOf(id);
    const client = new KeyVaultManagementClient(as("collector"), subscription, options());
    const listed = await all(client.vaults.listBySubscription({ top: 10 }));
    const expected = vaults.filter((vault) => partsOf(vault.id).subscription === subscription);
    expect(listed.map((vault) => vault.id?.toLowerCase()).sort()).toEqual(
      expected.map((vault) => vault.id.toLowerCase()).sort(),
    );
    const got = await client.vaults.get(group, name);
    expect(got.properties.vaultUri).toBe(`https://${name}.vault.azure.net/`);
    await expect(client.vaults.update(group, name, { tags: {} })).rejects.toMatchObject({
      statusCode: 403,
      code: "AuthorizationFailed",
    });
    await expect(client.vaults.get(group, `${name}-none`)).rejects.toMatchObject({
      statusCode: 404,
      code: "ResourceNotFound",
    });
  });

  test("secrets and keys are listed without values", async () => {
    const { subscription, group, name } = partsOf(vaultOf("rbac"));
    const client = new KeyVaultManagementClient(as("collector"), subscription, options());
    const secrets = await all(client.secrets.list(group, name));
    expect(secrets.length).toBeGreaterThan(0);
    for (const secret of secrets) expect(secret.properties.value).toBeUndefined();
    await all(client.keys.list(group, name));
  });

  test("diagnostic settings, workspaces with their tables, groups", async () => {
    const { resourceId } = tenant.workspace;
    const { subscription, group, name } = partsOf(resourceId);
    const monitor = new MonitorClient(as("collector"), options());
    const counts = await Promise.all(
      vaults.slice(0, 20).map(async ({ id }) => (await all(monitor.diagnosticSettings.list(id))).length),
    );
    expect(Math.max(...counts)).toBeGreaterThan(0);
    const workspaces = new OperationalInsightsManagementClient(as("collector"), subscription, options());
    expect((await workspaces.workspaces.get(group, name)).customerId).toBe(tenant.workspace.customerId);
    const tables = await all(workspaces.tables.listByWorkspace(group, name));
    expect(tables.find((table) => table.name === "AzureDiagnostics")?.plan).toBe("Analytics");
    const resources = new ResourceManagementClient(as("collector"), subscription, options());
    expect((await all(resources.resourceGroups.list())).length).toBeGreaterThan(0);
    const tags = await resources.tagsOperations.getAtScope(vaultOf("rbac"));
    expect(tags.name).toBe("default");
  });

  test("Resource Graph leads through all pages", async () => {
    const client = new ResourceGraphClient(as("collector"), options());
    const seen: unknown[] = [];
    let skipToken: string | undefined;
    do {
      const page = await client.resources({
        query: "resources | where type == 'microsoft.keyvault/vaults' | project id, name | order by id asc",
        options: { top: 50, ...(skipToken === undefined ? {} : { skipToken }) },
      });
      seen.push(...(Array.isArray(page.data) ? page.data : expect.fail("no rows")));
      skipToken = page.skipToken;
      expect(page.totalRecords).toBe(vaults.length);
    } while (skipToken !== undefined);
    expect(seen).toHaveLength(vaults.length);
  });

  test("permissions and role assignments at a vault", async () => {
    const { subscription, group, name } = partsOf(vaultOf("rbac"));
    const client = new AuthorizationManagementClient(as("collector"), subscription, options());
    const own = await all(client.permissions.listForResource(group, "Microsoft.KeyVault", "", "vaults", name));
    expect(own.flatMap((permission) => permission.actions ?? [])).toContain("*/read");
    const above = await all(client.roleAssignments.listForScope(vaultOf("rbac"), { filter: "atScope()" }));
    expect(above.map((assignment) => assignment.principalId)).toContain(idOf("collector").objectId);
  });
});

describe("granting as the granter", () => {
  test("a policy entry for the planter is added and taken away again, others stay", async () => {
    const id = vaultOf("policy");
    const { subscription, group, name } = partsOf(id);
    const client = new KeyVaultManagementClient(as("granter"), subscription, options());
    const before = (await client.vaults.get(group, name)).properties.accessPolicies ?? [];
    const entry = {
      tenantId: tenant.tenantId,
      objectId: idOf("planter").objectId,
      permissions: { secrets: ["set" as const] },
    };
    const change = (kind: "add" | "remove") =>
      client.vaults.updateAccessPolicy(group, name, kind, { properties: { accessPolicies: [entry] } });
    const added = await change("add");
    expect(added.properties.accessPolicies).toHaveLength(before.length + 1);
    const removed = await change("remove");
    expect(removed.properties.accessPolicies).toEqual(before);
  });

  test("the plant role may be given to the planter and to nobody else", async () => {
    const scope = vaultOf("rbac");
    const { subscription } = partsOf(scope);
    const client = new AuthorizationManagementClient(as("granter"), subscription, options());
    const roleDefinitionId = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${tenant.plantRoleId}`;
    const give = (principal: string, name: string) =>
      client.roleAssignments.create(scope, name, {
        roleDefinitionId,
        principalId: idOf(principal).objectId,
        principalType: "ServicePrincipal",
      });
    const name = randomUUID();
    expect((await give("planter", name)).principalId).toBe(idOf("planter").objectId);
    await expect(give("planter", randomUUID())).rejects.toMatchObject({
      statusCode: 409,
      code: "RoleAssignmentExists",
    });
    await expect(give("drill", randomUUID())).rejects.toMatchObject({ statusCode: 403, code: "AuthorizationFailed" });
    expect((await client.roleAssignments.delete(scope, name))?.name).toBe(name);
    await client.roleAssignments.delete(scope, name);
  });
});

describe("registering as the registrar", () => {
  test("watchlist items are put, listed and deleted; the rules of the tenant are listed", async () => {
    const { subscription, group, name } = partsOf(tenant.workspace.resourceId);
    const client = new SecurityInsights(as("registrar"), subscription, options());
    const list = await client.watchlists.get(group, name, alias());
    const searchKey = list.itemsSearchKey ?? expect.fail("no search key");
    const before = (await all(client.watchlistItems.list(group, name, alias()))).length;
    const id = randomUUID();
    const put = (value: string) =>
      client.watchlistItems.createOrUpdate(group, name, alias(), id, {
        itemsKeyValue: { [searchKey]: value },
      });
    await put("one");
    expect((await put("two")).itemsKeyValue).toEqual({ [searchKey]: "two" });
    expect(await all(client.watchlistItems.list(group, name, alias()))).toHaveLength(before + 1);
    await client.watchlistItems.delete(group, name, alias(), id);
    expect(await all(client.watchlistItems.list(group, name, alias()))).toHaveLength(before);
    await all(client.alertRules.list(group, name));
    expect((await client.sentinelOnboardingStates.get(group, name, "default")).name).toBe("default");
  });

  test("a new list takes CSV; a near-real-time rule is made and a wrong one refused", async () => {
    const { subscription, group, name } = partsOf(tenant.workspace.resourceId);
    const client = new SecurityInsights(as("registrar"), subscription, options());
    await client.watchlists.createOrUpdate(group, name, "second-list", {
      displayName: "Second",
      provider: "Contoso",
      source: "Local file",
      itemsSearchKey: "name",
      contentType: "text/csv",
      rawContent: 'name,note\na,"with, comma"\nb,',
      numberOfLinesToSkip: 0,
    });
    const items = await all(client.watchlistItems.list(group, name, "second-list"));
    expect(items.map((item) => item.itemsKeyValue)).toEqual(
      expect.arrayContaining([
        { name: "a", note: "with, comma" },
        { name: "b", note: "" },
      ]),
    );
    await client.watchlists.delete(group, name, "second-list");

    const rule = {
      kind: "NRT" as const,
      displayName: "Touched",
      enabled: true,
      severity: "High",
      query: "AzureActivity | where OperationNameValue == ''",
      suppressionEnabled: false,
      suppressionDuration: "PT1H",
    };
    const made = await client.alertRules.createOrUpdate(group, name, "sdk-rule", rule);
    expect(made.kind).toBe("NRT");
    await expect(client.alertRules.createOrUpdate(group, name, "sdk-rule", { ...rule, query: "" })).rejects.toThrow();
    await client.alertRules.delete(group, name, "sdk-rule");
  });
});
