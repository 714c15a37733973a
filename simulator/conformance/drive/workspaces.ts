import { all, type Stage } from "../stage";

/** Microsoft.OperationalInsights: workspaces and their tables. */
export async function driveWorkspaces(stage: Stage): Promise<void> {
  const {
    clients: { workspaces: client },
    place,
    step,
    refused,
    finish,
  } = stage;
  const { resourceGroup: group, name } = place.workspace;
  await step("workspaces: list", () => all(client.workspaces.list()));
  await step("workspaces: list in the group", () => all(client.workspaces.listByResourceGroup(group)));
  await step("workspaces: get", () => client.workspaces.get(group, name));
  await refused("workspaces: get one that is not there", 404, () => client.workspaces.get(group, "law-nowhere"));
  await step("tables: list", () => all(client.tables.listByWorkspace(group, name)));
  await step("tables: get", () => client.tables.get(group, name, "AzureDiagnostics"));

  const made = "law-conformance";
  const slow = { updateIntervalInMs: 1 };
  await step("workspaces: create", () =>
    finish(
      client.workspaces.createOrUpdate(
        group,
        made,
        { location: "westeurope", tags: { made: "here" }, retentionInDays: 60 },
        slow,
      ),
    ),
  );
  await step("workspaces: patch", () => client.workspaces.update(group, made, { tags: { made: "twice" } }));
  for (const way of ["createOrUpdate", "update"] as const) {
    await step(`tables: ${way}`, () =>
      finish(client.tables[way](group, made, "AZKVAuditLogs", { plan: "Basic" }, slow)),
    );
  }
  await step("workspaces: delete", () => finish(client.workspaces.delete(group, made, slow)));
}
