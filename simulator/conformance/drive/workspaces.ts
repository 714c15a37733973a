import { all, type Stage } from "../stage";

/** Microsoft.OperationalInsights: workspaces and their tables. */
export async function driveWorkspaces({ clients: { workspaces: client }, place, step, refused }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.workspace;
  await step("workspaces: list", () => all(client.workspaces.list()));
  await step("workspaces: list in the group", () => all(client.workspaces.listByResourceGroup(group)));
  await step("workspaces: get", () => client.workspaces.get(group, name));
  await refused("workspaces: get one that is not there", 404, () => client.workspaces.get(group, "law-nowhere"));
  await step("tables: list", () => all(client.tables.listByWorkspace(group, name)));
  await step("tables: get", () => client.tables.get(group, name, "AzureDiagnostics"));
}
