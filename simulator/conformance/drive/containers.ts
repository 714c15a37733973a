import { all, type Stage } from "../stage";

/** Subscriptions, resource groups, providers and the tags at a scope. */
export async function driveContainers(stage: Stage): Promise<void> {
  const {
    clients: { subscriptions, resources },
    place,
    step,
    refused,
  } = stage;
  const { resourceGroup: group } = place.vault;
  await step("subscriptions: list", () => all(subscriptions.subscriptions.list()));
  await step("subscriptions: get", () => subscriptions.subscriptions.get(place.subscriptionId));
  await refused("subscriptions: get one that is not there", 404, () =>
    subscriptions.subscriptions.get("00000000-0000-4000-8000-00000000dead"),
  );
  await step("groups: list", () => all(resources.resourceGroups.list()));
  await step("groups: get", () => resources.resourceGroups.get(group));
  await step("groups: is there", () => resources.resourceGroups.checkExistence(group));
  await step("groups: is not there", () => resources.resourceGroups.checkExistence("rg-nowhere"));
  await refused("groups: get one that is not there", 404, () => resources.resourceGroups.get("rg-nowhere"));

  await driveProviders(stage);
  await driveGroupLife(stage);
  await driveTags(stage);
}

/** What else ARM answers for itself: tenants, places, providers and their resources. */
async function driveProviders({ clients: { subscriptions, resources }, place, step }: Stage): Promise<void> {
  const { providers } = resources;
  await step("tenants: list", () => all(subscriptions.tenants.list()));
  await step("locations: list", () => all(subscriptions.subscriptions.listLocations(place.subscriptionId)));
  await step("providers: list in the tenant", () => all(providers.listAtTenantScope()));
  await step("providers: get in the tenant", () => providers.getAtTenantScope("Microsoft.KeyVault"));
  await step("providers: list", () => all(providers.list()));
  await step("providers: get", () => providers.get("Microsoft.KeyVault"));
  await step("providers: register", () => providers.register("Microsoft.KeyVault"));
  await step("resources: list vaults", () =>
    all(resources.resources.list({ filter: "resourceType eq 'Microsoft.KeyVault/vaults'", top: 3 })),
  );
  await step("resources: list in the group", () =>
    all(resources.resources.listByResourceGroup(place.vault.resourceGroup)),
  );
}

async function driveGroupLife({ clients: { resources }, step, finish }: Stage): Promise<void> {
  const { resourceGroups: groups } = resources;
  const name = "rg-conformance";
  const tags = { made: "here" };
  await step("groups: create", () => groups.createOrUpdate(name, { location: "westeurope", tags }));
  await step("groups: update", () => groups.createOrUpdate(name, { location: "westeurope" }));
  await step("groups: patch", () => groups.update(name, { tags }));
  await step("groups: delete", () => finish(groups.delete(name, { updateIntervalInMs: 1 })));
}

async function driveTags({ clients: { resources }, place, step }: Stage): Promise<void> {
  const { id } = place.vault;
  const { tagsOperations: tags } = resources;
  await step("tags: replace all", () =>
    tags.createOrUpdateAtScope(id, { properties: { tags: { owner: "somebody", stage: "test" } } }).pollUntilDone(),
  );
  for (const operation of ["Merge", "Replace", "Delete"]) {
    await step(`tags: ${operation}`, () =>
      tags.updateAtScope(id, { operation, properties: { tags: { owner: "somebody" } } }).pollUntilDone(),
    );
  }
  await step("tags: get", () => tags.getAtScope(id));
  await step("tags: delete", () => tags.deleteAtScope(id).pollUntilDone());
}
