import { all, type Stage } from "../stage";

/** Microsoft.Insights: diagnostic settings of a vault and their categories. */
export async function driveDiagnostics({ clients: { monitor }, place, step, refused }: Stage): Promise<void> {
  const { id } = place.vault;
  const name = "conformance";
  // The world's own setting sends the same rows to the same place, which Azure allows only once.
  const [present] =
    (await step("diagnostic settings: list at first", () => all(monitor.diagnosticSettings.list(id)))) ?? [];
  await step("diagnostic settings: delete the present one", () =>
    monitor.diagnosticSettings.delete(id, present?.name ?? "none"),
  );
  await step("diagnostic settings: create", () =>
    monitor.diagnosticSettings.createOrUpdate(id, name, {
      workspaceId: place.workspace.id,
      logAnalyticsDestinationType: "Dedicated",
      logs: [{ categoryGroup: "audit", enabled: true }],
      metrics: [{ category: "AllMetrics", enabled: true }],
    }),
  );
  await step("diagnostic settings: get", () => monitor.diagnosticSettings.get(id, name));
  await step("diagnostic settings: list", () => all(monitor.diagnosticSettings.list(id)));
  await refused("diagnostic settings: get one that is not there", 404, () =>
    monitor.diagnosticSettings.get(id, "nowhere"),
  );
  const categories = await step("diagnostic categories: list", () => all(monitor.diagnosticSettingsCategory.list(id)));
  await step("diagnostic categories: get", () =>
    monitor.diagnosticSettingsCategory.get(id, categories?.[0]?.name ?? ""),
  );
  // A subscription has the same routes, and a form of its own.
  const { subscription } = place;
  await step("activity settings: list", () => all(monitor.diagnosticSettings.list(subscription)));
  await step("activity settings: create", () =>
    monitor.diagnosticSettings.createOrUpdate(subscription, name, {
      storageAccountId: `${place.workspace.id.split("/providers/")[0]}/providers/Microsoft.Storage/storageAccounts/archive`,
      logs: [{ category: "Administrative", enabled: true }],
    }),
  );
  await step("activity settings: get", () => monitor.diagnosticSettings.get(subscription, name));
  await step("activity settings: delete", () => monitor.diagnosticSettings.delete(subscription, name));
  await step("diagnostic settings: delete another", async () => {
    const setting = { workspaceId: place.workspace.id, metrics: [{ category: "AllMetrics", enabled: true }] };
    await monitor.diagnosticSettings.createOrUpdate(place.privateVault.id, name, setting);
    await monitor.diagnosticSettings.delete(place.privateVault.id, name);
  });
}
