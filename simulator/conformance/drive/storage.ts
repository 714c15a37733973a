import { all, type Stage } from "../stage";

/** Microsoft.Storage: accounts and their keys. */
export async function driveStorage({ clients: { storage }, place, step, refused, finish }: Stage): Promise<void> {
  const { storageAccounts: accounts } = storage;
  const { resourceGroup: group } = place.vault;
  const name = "stconformance01";
  const create = {
    location: "westeurope",
    sku: { name: "Standard_LRS" },
    kind: "StorageV2",
    tags: { made: "here" },
    accessTier: "Hot" as const,
    minimumTlsVersion: "TLS1_2",
    allowBlobPublicAccess: false,
  };
  await step("storage: is the name free", () =>
    accounts.checkNameAvailability({ name, type: "Microsoft.Storage/storageAccounts" }),
  );
  await step("storage: create", () => finish(accounts.create(group, name, create, { updateIntervalInMs: 1 })));
  await step("storage: is a taken name free", () =>
    accounts.checkNameAvailability({ name, type: "Microsoft.Storage/storageAccounts" }),
  );
  await step("storage: get", () => accounts.getProperties(group, name));
  await refused("storage: get one that is not there", 404, () => accounts.getProperties(group, "stnowhere"));
  await step("storage: list", () => all(accounts.list()));
  await step("storage: list in the group", () => all(accounts.listByResourceGroup(group)));
  await step("storage: patch", () => accounts.update(group, name, { tags: { made: "twice" } }));
  await step("storage: list keys", () => accounts.listKeys(group, name));
  await step("storage: regenerate a key", () => accounts.regenerateKey(group, name, { keyName: "key1" }));
  await refused("storage: regenerate a wrong key", 400, () => accounts.regenerateKey(group, name, { keyName: "key9" }));
  await step("storage: delete", () => accounts.delete(group, name));
  await step("storage: delete again", () => accounts.delete(group, name));
}
