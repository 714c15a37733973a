import { all, type Stage } from "../stage";

/** Microsoft.KeyVault: vaults, their access policies, what they hold as ARM shows it, and deleted vaults. */
export async function driveVaults({ clients: { keyVaults: client }, place, step, refused }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.vault;

  await step("vaults: list in the subscription", () => all(client.vaults.listBySubscription({ top: 2 })));
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

/** Last of all: the vault goes, and shows among the deleted ones. */
export async function driveDeletedVaults({ clients: { keyVaults: client }, place, step }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.vault;
  const vault = await step("vaults: get before the end", () => client.vaults.get(group, name));
  await step("vaults: delete", () => client.vaults.delete(group, name));
  await step("vaults: delete again", () => client.vaults.delete(group, name));
  await step("deleted vaults: list", () => all(client.vaults.listDeleted()));
  await step("deleted vaults: get", () => client.vaults.getDeleted(name, vault?.location ?? ""));
}
