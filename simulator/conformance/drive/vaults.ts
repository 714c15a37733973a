import { all, type Stage } from "../stage";

/** Microsoft.KeyVault: vaults, their access policies, what they hold as ARM shows it, and deleted vaults. */
export async function driveVaults({ clients: { keyVaults: client }, place, step, refused }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.vault;

  await step("vaults: list in the subscription", () => all(client.vaults.listBySubscription({ top: 2 })));
  await step("vaults: list as resources", () => all(client.vaults.list({ top: 2 })));
  await step("vaults: list in the group", () => all(client.vaults.listByResourceGroup(group)));
  await step("vaults: get", () => client.vaults.get(group, name));
  await refused("vaults: get one that is not there", 404, () => client.vaults.get(group, "kv-nowhere-at-all"));
  await step("vaults: patch tags and network", () =>
    client.vaults.update(group, name, {
      tags: { reviewed: "yes" },
      properties: {
        publicNetworkAccess: "Enabled",
        networkAcls: {
          bypass: "AzureServices",
          defaultAction: "Allow",
          ipRules: [{ value: "203.0.113.0/24" }],
          virtualNetworkRules: [],
        },
      },
    }),
  );
  await refused("vaults: patch with a wrong retention", 400, () =>
    client.vaults.update(group, name, { properties: { softDeleteRetentionInDays: 3 } }),
  );

  const policy = (permissions: { secrets?: ("get" | "list")[]; keys?: ("get" | "list")[] }) => ({
    properties: { accessPolicies: [{ tenantId: place.tenantId, objectId: place.person, permissions }] },
  });
  await step("access policies: add", () =>
    client.vaults.updateAccessPolicy(group, name, "add", policy({ secrets: ["get", "list"], keys: ["get"] })),
  );
  await step("access policies: replace", () =>
    client.vaults.updateAccessPolicy(group, name, "replace", policy({ secrets: ["get"] })),
  );
  await step("access policies: remove", () =>
    client.vaults.updateAccessPolicy(group, name, "remove", policy({ secrets: ["get"] })),
  );

  await step("ARM keys: create", () =>
    client.keys.createIfNotExist(group, name, "made-by-arm", { properties: { kty: "RSA", keySize: 2048 } }),
  );
  await step("ARM keys: list", () => all(client.keys.list(group, name)));
  const key = await step("ARM keys: get", () => client.keys.get(group, name, "made-by-arm"));
  await step("ARM keys: list versions", () => all(client.keys.listVersions(group, name, "made-by-arm")));
  const version = key?.keyUriWithVersion?.split("/").pop() ?? "";
  await step("ARM keys: get a version", () => client.keys.getVersion(group, name, "made-by-arm", version));
  const secrets = await step("ARM secrets: list", () => all(client.secrets.list(group, name)));
  await step("ARM secrets: get", () => client.secrets.get(group, name, secrets?.[0]?.name ?? ""));
  await refused("ARM secrets: get one that is not there", 404, () => client.secrets.get(group, name, "nowhere"));
}

/** Private endpoints, and what Key Vault says of itself. */
export async function driveVaultEndpoints({ clients: { keyVaults: client }, place, step }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.privateVault;
  const { privateEndpointConnections: endpoints } = client;
  const connections = await step("private endpoints: list", () => all(endpoints.listByResource(group, name)));
  await step("private endpoints: get", () => endpoints.get(group, name, connections?.[0]?.name ?? ""));
  await step("private links: list", () => client.privateLinkResources.listByVault(group, name));
  await step("vaults: operations", () => all(client.operations.list()));
}

/** A vault from the free name to the purge, with a recovery in between. */
export async function driveVaultLife({ clients: { keyVaults: client }, place, step, refused, finish }: Stage) {
  const { resourceGroup: group } = place.vault;
  const [name, location] = ["kv-conformance-01", "westeurope"];
  const type = "Microsoft.KeyVault/vaults";
  const properties = {
    tenantId: place.tenantId,
    sku: { family: "A" as const, name: "standard" as const },
    enableRbacAuthorization: true,
    softDeleteRetentionInDays: 7,
    networkAcls: { bypass: "AzureServices" as const, defaultAction: "Deny" as const },
  };
  const slow = { updateIntervalInMs: 1 };
  await step("vaults: is the name free", () => client.vaults.checkNameAvailability({ name, type }));
  await step("vaults: is a taken name free", () =>
    client.vaults.checkNameAvailability({ name: place.vault.name, type }),
  );
  await step("vaults: create", () =>
    finish(client.vaults.createOrUpdate(group, name, { location, tags: { made: "here" }, properties }, slow)),
  );
  await step("vaults: replace", () =>
    finish(client.vaults.createOrUpdate(group, name, { location, tags: {}, properties }, slow)),
  );
  const { enableRbacAuthorization: _, ...undecided } = properties;
  await step("vaults: create without naming the permission model", () =>
    finish(
      client.vaults.createOrUpdate(
        group,
        "kv-conformance-02",
        { location, properties: { ...undecided, accessPolicies: [] } },
        slow,
      ),
    ),
  );
  await refused("vaults: create in a wrong place", 400, () =>
    finish(client.vaults.createOrUpdate(group, "kv-conformance-03", { location: "atlantis", properties }, slow)),
  );
  await step("vaults: delete", () => client.vaults.delete(group, name));
  await step("vaults: delete again", () => client.vaults.delete(group, name));
  await step("deleted vaults: list", () => all(client.vaults.listDeleted()));
  await step("deleted vaults: get", () => client.vaults.getDeleted(name, location));
  await refused("deleted vaults: get one that is not there", 404, () => client.vaults.getDeleted("kv-none", location));
  await step("deleted vaults: recover", () =>
    finish(
      client.vaults.createOrUpdate(
        group,
        name,
        { location, properties: { ...properties, createMode: "recover" } },
        slow,
      ),
    ),
  );
  await step("vaults: delete once more", () => client.vaults.delete(group, name));
  await step("deleted vaults: purge", () => finish(client.vaults.purgeDeleted(name, location, slow)));
}
