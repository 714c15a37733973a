import { all, type Stage } from "../stage";

/** Microsoft.Insights: action groups, log alert rules, the activity log. */
export async function driveAlerting(stage: Stage): Promise<void> {
  await driveActionGroups(stage);
  await driveQueryRules(stage);
  await driveActivityLog(stage);
}

async function driveActionGroups({ clients: { monitor }, place, step, refused }: Stage): Promise<void> {
  const { actionGroups: groups } = monitor;
  const { resourceGroup: group } = place.vault;
  const name = "ag-conformance";
  const body = {
    location: "Global",
    groupShortName: "conform",
    enabled: true,
    tags: { made: "here" },
    emailReceivers: [{ name: "watch", emailAddress: "watch@contoso.test", useCommonAlertSchema: true }],
    webhookReceivers: [{ name: "hook", serviceUri: "https://hook.contoso.test/x", useCommonAlertSchema: true }],
  };
  await step("action groups: create", () => groups.createOrUpdate(group, name, body));
  await step("action groups: replace", () => groups.createOrUpdate(group, name, { ...body, enabled: false }));
  await step("action groups: patch", () => groups.update(group, name, { enabled: true, tags: { made: "twice" } }));
  await refused("action groups: create a wrong one", 400, () =>
    groups.createOrUpdate(group, "ag-wrong", { ...body, groupShortName: "much too long for this" }),
  );
  await step("action groups: get", () => groups.get(group, name));
  await refused("action groups: get one that is not there", 404, () => groups.get(group, "ag-nowhere"));
  await step("action groups: list", () => all(groups.listBySubscriptionId()));
  await step("action groups: list in the group", () => all(groups.listByResourceGroup(group)));
  await step("action groups: delete", () => groups.delete(group, name));
  await step("action groups: delete again", () => groups.delete(group, name));
}

async function driveQueryRules({ clients: { monitor }, place, step, refused }: Stage): Promise<void> {
  const { scheduledQueryRules: rules } = monitor;
  const { resourceGroup: group } = place.vault;
  const name = "rule-conformance";
  const rule = {
    location: "westeurope",
    tags: { made: "here" },
    displayName: "Reads of secrets",
    description: "For this run only.",
    severity: 2 as const,
    enabled: true,
    scopes: [place.workspace.id],
    evaluationFrequency: "PT5M",
    windowSize: "PT5M",
    criteria: {
      allOf: [
        {
          query: "AzureDiagnostics | where OperationName == 'SecretGet'",
          timeAggregation: "Count" as const,
          dimensions: [],
          operator: "GreaterThan" as const,
          threshold: 0,
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
        },
      ],
    },
    autoMitigate: false,
  };
  await step("query rules: create", () => rules.createOrUpdate(group, name, rule));
  await step("query rules: replace", () => rules.createOrUpdate(group, name, { ...rule, severity: 3 }));
  await step("query rules: patch", () => rules.update(group, name, { enabled: false, tags: { made: "twice" } }));
  await refused("query rules: create a wrong one", 400, () =>
    rules.createOrUpdate(group, "rule-wrong", { ...rule, windowSize: "PT1S" }),
  );
  await step("query rules: get", () => rules.get(group, name));
  await refused("query rules: get one that is not there", 404, () => rules.get(group, "rule-nowhere"));
  await step("query rules: list", () => all(rules.listBySubscription()));
  await step("query rules: list in the group", () => all(rules.listByResourceGroup(group)));
  await step("query rules: delete", () => rules.delete(group, name));
  await step("query rules: delete again", () => rules.delete(group, name));
}

async function driveActivityLog({ clients: { monitor }, place, step, refused, advance }: Stage): Promise<void> {
  // Rows of the activity log are minutes late.
  await advance(3_600_000);
  const since = "eventTimestamp ge '2026-11-02T00:00:00Z'";
  await step("activity log: list", () => all(monitor.activityLogs.list(since)));
  await step("activity log: list of a group, some fields", () =>
    all(
      monitor.activityLogs.list(`${since} and resourceGroupName eq '${place.vault.resourceGroup}'`, {
        select: "eventName,operationName,status,caller",
      }),
    ),
  );
  await refused("activity log: list without a time", 400, () => all(monitor.activityLogs.list("caller eq 'x'")));
}
