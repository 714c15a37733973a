import { all, type Stage } from "../stage";

/** Subscriptions, resource groups and the tags at a scope. */
export async function driveContainers({ clients, place, step, refused }: Stage): Promise<void> {
  const { subscriptions, resources } = clients;
  const { resourceGroup: group, id } = place.vault;
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
