import type { Stage } from "../stage";

/** The Log Analytics query API and Azure Resource Graph. */
export async function driveQueries({ clients, place, step, refused, raw }: Stage): Promise<void> {
  const { logs, resourceGraph } = clients;
  const { customerId } = place.workspace;
  const month = { duration: "P30D" };
  const query = "AzureDiagnostics | take 5 | project TimeGenerated, OperationName, ResultType, DurationMs";
  await step("logs: query", () =>
    logs.queryWorkspace(customerId, query, month, { includeQueryStatistics: true, includeVisualization: true }),
  );
  await refused("logs: query that is wrong", 400, () => logs.queryWorkspace(customerId, "NoSuchTable | take", month));
  await step("logs: several queries", () =>
    logs.queryBatch([
      { workspaceId: customerId, query, timespan: month },
      { workspaceId: customerId, query: "print now()", timespan: month },
    ]),
  );
  await step("logs: query by GET", () =>
    raw(
      "GET",
      `https://api.loganalytics.io/v1/workspaces/${customerId}/query?query=${encodeURIComponent("print one = 1")}`,
    ),
  );
  await step("logs: query about a resource", () => logs.queryResource(place.vault.id, query, month));
  await refused("logs: query about a resource that is not there", 404, () =>
    logs.queryResource(`${place.vault.id}x`, query, month),
  );
  await step("logs: query about a resource by GET", () =>
    raw(
      "GET",
      `https://api.loganalytics.io/v1${place.vault.id}/query?query=${encodeURIComponent("AZKVAuditLogs | count")}`,
    ),
  );

  const vaults = "resources | where type == 'microsoft.keyvault/vaults' | project id, name, location, tags";
  await step("resource graph: query by pages", async () => {
    const first = await resourceGraph.resources({ query: `${vaults} | order by id asc`, options: { top: 5 } });
    return resourceGraph.resources({
      query: `${vaults} | order by id asc`,
      options: { top: 5, skipToken: first.skipToken ?? "" },
    });
  });
  await step("resource graph: query for a table", () =>
    resourceGraph.resources({
      query: "resources | summarize count() by type",
      subscriptions: [place.subscriptionId],
      options: { resultFormat: "table" },
    }),
  );
  await refused("resource graph: query that is wrong", 400, () =>
    resourceGraph.resources({ query: "resources | wher" }),
  );
}
