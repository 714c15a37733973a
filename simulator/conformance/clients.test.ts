import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { MonitorClient } from "@azure/arm-monitor";
import { ResourceManagementClient } from "@azure/arm-resources";
import { SecurityCenter } from "@azure/arm-security";
import { StorageManagementClient } from "@azure/arm-storage";
import { beforeAll, describe, expect, test } from "vitest";
import { type TestTenant, testTenant } from "../test-tenant";
import { worldIds } from "../world/ids";
import { CREDENTIAL, sdkOptions } from "./testing/in-process";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await testTenant({ throttle: false });
  // The clock of the test stands still, so what takes time would never end.
  tenant.context.settings.delays.resourceGraph = 0;
});

async function collect<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

function setUp() {
  const { context } = tenant;
  const { subscriptions, personas } = worldIds(context);
  const administrator = context.model.principals.get(personas.administrator);
  if (!administrator) throw new Error("The world has an administrator.");
  const options = sdkOptions(context, administrator);
  const subscriptionId = subscriptions[0] ?? "";
  return { context, options, subscriptionId };
}

describe("the unmodified clients of Azure", () => {
  test("Defender: every list of the default world has something in it", async () => {
    const { options, subscriptionId, context } = setUp();
    const client = new SecurityCenter(CREDENTIAL, subscriptionId, options);
    const scope = `/subscriptions/${subscriptionId}`;
    const pricings = (await client.pricings.list()).value;
    expect(pricings.find(({ name }) => name === "KeyVaults")).toMatchObject({
      pricingTier: "Standard",
      subPlan: "PerKeyVault",
    });
    expect((await collect(client.assessments.list(scope))).length).toBeGreaterThan(20);
    expect((await collect(client.assessmentsMetadata.list())).length).toBeGreaterThan(5);
    expect((await collect(client.secureScores.list()))[0]).toMatchObject({ name: "ascScore" });
    expect((await collect(client.secureScoreControls.list())).length).toBeGreaterThan(3);
    expect((await collect(client.secureScoreControlDefinitions.list())).length).toBeGreaterThan(3);
    expect((await collect(client.alertsSuppressionRules.list()))[0]).toMatchObject({ state: "Enabled" });
    expect((await collect(client.automations.list()))[0]).toMatchObject({ isEnabled: true });
    expect((await collect(client.settings.list())).length).toBe(3);
    const alerts = [];
    const findings = [];
    for (const id of worldIds(context).subscriptions) {
      const there = new SecurityCenter(CREDENTIAL, id, options);
      alerts.push(...(await collect(there.alerts.list())));
      findings.push(...(await collect(there.subAssessments.listAll(`/subscriptions/${id}`))));
    }
    expect(alerts.length).toBeGreaterThan(4);
    expect(alerts[0]).toMatchObject({ vendorName: "Microsoft", isIncident: false });
    expect(alerts[0]?.entities?.[0]).toMatchObject({ type: "azure-resource" });
    expect(findings.length).toBeGreaterThan(0);
  });

  test("Defender: an alert is dismissed and activated again", async () => {
    const { options, context } = setUp();
    const alert = [...context.model.defenderAlerts.values()].find(({ status }) => status === "Active");
    if (!alert) throw new Error("The world has an active alert.");
    const client = new SecurityCenter(CREDENTIAL, alert.subscriptionId, options);
    await client.alerts.updateSubscriptionLevelStateToDismiss(alert.location, alert.name);
    expect((await client.alerts.getSubscriptionLevel(alert.location, alert.name)).status).toBe("Dismissed");
    await client.alerts.updateSubscriptionLevelStateToActivate(alert.location, alert.name);
    expect((await client.alerts.getSubscriptionLevel(alert.location, alert.name)).status).toBe("Active");
  });

  test("Key Vault: a vault is made, deleted, found among the deleted, recovered and purged", async () => {
    const { options, subscriptionId, context } = setUp();
    const client = new KeyVaultManagementClient(CREDENTIAL, subscriptionId, options);
    const properties = {
      tenantId: context.identity.tenantId,
      sku: { family: "A" as const, name: "standard" as const },
    };
    const poll = { updateIntervalInMs: 1 };
    const body = { location: "westeurope", properties };
    const made = await client.vaults.createOrUpdate("rg-platform", "kv-fresh-01", body, poll);
    expect(made.properties).toMatchObject({ provisioningState: "Succeeded", enableRbacAuthorization: true });
    expect((await collect(client.vaults.list())).map(({ name }) => name)).toContain("kv-fresh-01");
    expect(
      await client.vaults.checkNameAvailability({ name: "kv-fresh-01", type: "Microsoft.KeyVault/vaults" }),
    ).toMatchObject({ nameAvailable: false, reason: "AlreadyExists" });
    await client.vaults.delete("rg-platform", "kv-fresh-01");
    expect((await collect(client.vaults.listDeleted())).map(({ name }) => name)).toContain("kv-fresh-01");
    await client.vaults.createOrUpdate(
      "rg-platform",
      "kv-fresh-01",
      { ...body, properties: { ...properties, createMode: "recover" } },
      poll,
    );
    expect((await client.vaults.get("rg-platform", "kv-fresh-01")).properties.provisioningState).toBe("Succeeded");
    await client.vaults.delete("rg-platform", "kv-fresh-01");
    await client.vaults.purgeDeleted("kv-fresh-01", "westeurope", poll);
    expect((await collect(client.vaults.listDeleted())).map(({ name }) => name)).not.toContain("kv-fresh-01");
    expect((await collect(client.operations.list())).length).toBeGreaterThan(10);
  });

  test("Resources: groups, resources and providers are listed and a group lives and dies", async () => {
    const { options, subscriptionId } = setUp();
    const client = new ResourceManagementClient(CREDENTIAL, subscriptionId, options);
    const group = await client.resourceGroups.createOrUpdate("rg-short-lived", { location: "West Europe" });
    expect(group).toMatchObject({ location: "westeurope", properties: { provisioningState: "Succeeded" } });
    expect((await client.resourceGroups.checkExistence("rg-short-lived")).body).toBe(true);
    await client.resourceGroups.delete("rg-short-lived", { updateIntervalInMs: 1 });
    expect((await client.resourceGroups.checkExistence("rg-short-lived")).body).toBe(false);
    const types = new Set((await collect(client.resources.list())).map(({ type }) => type));
    expect([...types]).toEqual(
      expect.arrayContaining(["Microsoft.KeyVault/vaults", "Microsoft.Storage/storageAccounts"]),
    );
    const filtered = await collect(client.resources.list({ filter: "resourceType eq 'Microsoft.KeyVault/vaults'" }));
    expect(new Set(filtered.map(({ type }) => type))).toEqual(new Set(["Microsoft.KeyVault/vaults"]));
    const providers = await collect(client.providers.list());
    expect(providers.find(({ namespace }) => namespace === "Microsoft.KeyVault")?.registrationState).toBe("Registered");
  });

  test("Storage: keys are read and one of them is made anew", async () => {
    const { options, subscriptionId } = setUp();
    const client = new StorageManagementClient(CREDENTIAL, subscriptionId, options);
    const [account] = await collect(client.storageAccounts.list());
    const group = account?.id?.split("/")[4] ?? "";
    const name = account?.name ?? "";
    const before = (await client.storageAccounts.listKeys(group, name)).keys ?? [];
    const after = (await client.storageAccounts.regenerateKey(group, name, { keyName: "key1" })).keys ?? [];
    expect(after.map(({ keyName }) => keyName)).toEqual(["key1", "key2"]);
    expect(after[0]?.value).not.toBe(before[0]?.value);
    expect(after[1]?.value).toBe(before[1]?.value);
    expect(Buffer.from(after[0]?.value ?? "", "base64")).toHaveLength(64);
  });

  test("Monitor: action groups, log alert rules and the activity log", async () => {
    const { options, subscriptionId, context } = setUp();
    const client = new MonitorClient(CREDENTIAL, subscriptionId, options);
    const group = await client.actionGroups.createOrUpdate("rg-security", "ag-night", {
      location: "Global",
      groupShortName: "night",
      enabled: true,
      emailReceivers: [{ name: "mail", emailAddress: "night@contoso.test" }],
    });
    expect(group).toMatchObject({ groupShortName: "night", enabled: true });
    expect((await collect(client.actionGroups.listBySubscriptionId())).length).toBeGreaterThan(2);
    expect((await collect(client.scheduledQueryRules.listBySubscription())).length).toBeGreaterThan(1);
    tenant.advance(20 * 60_000);
    const since = new Date(context.now() - 3_600_000).toISOString();
    const events = await collect(
      client.activityLogs.list(`eventTimestamp ge '${since}' and resourceGroupName eq 'rg-security'`),
    );
    expect(events.map(({ operationName }) => operationName?.value)).toContain("Microsoft.Insights/actionGroups/write");
  });
});
