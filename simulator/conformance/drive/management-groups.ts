import { all, type Stage } from "../stage";

/** Microsoft.Management: the tree of management groups and the subscriptions in it. */
export async function driveManagementGroups({ clients, place, step, refused }: Stage): Promise<void> {
  const { managementGroups: groups, managementGroupSubscriptions: subscriptions } = clients.managementGroups;
  const listed = await step("management groups: list", () => all(groups.list()));
  await step("management groups: get", () => groups.get(place.tenantId));
  await step("management groups: get with what is below", () =>
    groups.get(place.tenantId, { expand: "children", recurse: true }),
  );
  await refused("management groups: get one that is not there", 404, () => groups.get("mg-nowhere"));
  await step("management groups: descendants", () => all(groups.listDescendants(place.tenantId)));
  await step("management groups: subscriptions", async () => {
    for (const { name = "" } of listed ?? []) {
      const below = await all(subscriptions.listSubscriptionsUnderManagementGroup(name));
      if (below[0]?.name) await subscriptions.getSubscription(name, below[0].name);
    }
  });
}
