import { all, type Stage } from "../stage";

/** Microsoft.SecurityInsights: watchlists, rules, onboarding. */
export async function driveSentinel(stage: Stage): Promise<void> {
  await driveWatchlists(stage);
  await driveAlertRules(stage);
  const {
    clients: { sentinel },
    place,
    step,
  } = stage;
  const { resourceGroup: group, name } = place.workspace;
  await step("onboarding: list", () => sentinel.sentinelOnboardingStates.list(group, name));
  await step("onboarding: get", () => sentinel.sentinelOnboardingStates.get(group, name, "default"));
  await step("onboarding: create", () =>
    sentinel.sentinelOnboardingStates.create(group, name, "default", {
      sentinelOnboardingStateParameter: { customerManagedKey: false },
    }),
  );
}

async function driveWatchlists({ clients: { sentinel }, place, step, refused, advance }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.workspace;
  const alias = "conformance";
  const item = "c0f0a11e-2222-4222-8222-000000000001";
  await step("watchlists: create from CSV", () =>
    sentinel.watchlists.createOrUpdate(group, name, alias, {
      displayName: "Conformance",
      description: "A list of this run.",
      provider: "Contoso",
      source: "Local file",
      itemsSearchKey: "name",
      contentType: "text/csv",
      numberOfLinesToSkip: 0,
      rawContent: "name,place\none,here\ntwo,there\n",
    }),
  );
  await advance(60_000);
  await step("watchlists: get", () => sentinel.watchlists.get(group, name, alias));
  await step("watchlists: list", () => all(sentinel.watchlists.list(group, name)));
  await refused("watchlists: get one that is not there", 404, () => sentinel.watchlists.get(group, name, "nowhere"));
  await step("watchlist items: create", () =>
    sentinel.watchlistItems.createOrUpdate(group, name, alias, item, {
      itemsKeyValue: { name: "three", place: "elsewhere" },
      entityMapping: {},
    }),
  );
  await step("watchlist items: update", () =>
    sentinel.watchlistItems.createOrUpdate(group, name, alias, item, {
      itemsKeyValue: { name: "three", place: "nowhere" },
    }),
  );
  await step("watchlist items: get", () => sentinel.watchlistItems.get(group, name, alias, item));
  await step("watchlist items: list", () => all(sentinel.watchlistItems.list(group, name, alias)));
  await step("watchlist items: delete", () => sentinel.watchlistItems.delete(group, name, alias, item));
  await step("watchlists: delete", () => sentinel.watchlists.delete(group, name, alias));
}

/** What the rules of this run find: one row, whatever the world's traffic is. */
const QUERY = [
  "union isfuzzy=true AzureDiagnostics, AZKVAuditLogs",
  "| take 1",
  "| project TimeGenerated, Address = '203.0.113.77', Person = '{person}', Vault = '{vault}'",
].join("\n");

async function driveAlertRules({ clients: { sentinel }, place, step, refused, advance }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.workspace;
  const common = {
    displayName: "A vault was read",
    description: "For this run only.",
    severity: "Medium",
    enabled: true,
    query: QUERY.replace("{person}", place.person).replace("{vault}", place.vault.id),
    suppressionDuration: "PT5H",
    suppressionEnabled: false,
    tactics: ["CredentialAccess"],
    techniques: ["T1555"],
    entityMappings: [
      { entityType: "IP", fieldMappings: [{ identifier: "Address", columnName: "Address" }] },
      { entityType: "Account", fieldMappings: [{ identifier: "AadUserId", columnName: "Person" }] },
      { entityType: "AzureResource", fieldMappings: [{ identifier: "ResourceId", columnName: "Vault" }] },
    ],
    incidentConfiguration: {
      createIncident: true,
      groupingConfiguration: {
        enabled: true,
        reopenClosedIncident: false,
        lookbackDuration: "PT5H",
        matchingMethod: "AllEntities",
      },
    },
  };
  const scheduled = "c0f0a11e-3333-4333-8333-000000000001";
  const nrt = "c0f0a11e-3333-4333-8333-000000000002";
  const rule = await step("alert rules: create a scheduled one", () =>
    sentinel.alertRules.createOrUpdate(group, name, scheduled, {
      kind: "Scheduled",
      ...common,
      queryFrequency: "PT5M",
      queryPeriod: "PT5H",
      triggerOperator: "GreaterThan",
      triggerThreshold: 0,
      eventGroupingSettings: { aggregationKind: "SingleAlert" },
      customDetails: { Address: "Address" },
    }),
  );
  await step("alert rules: create a near-real-time one", () =>
    sentinel.alertRules.createOrUpdate(group, name, nrt, { kind: "NRT", ...common }),
  );
  await step("alert rules: update", () =>
    sentinel.alertRules.createOrUpdate(group, name, nrt, { kind: "NRT", ...common, severity: "High" }),
  );
  await refused("alert rules: create a wrong one", 400, () =>
    sentinel.alertRules.createOrUpdate(group, name, nrt, { kind: "NRT", ...common, query: "" }),
  );
  // The scheduled rule runs, and its alerts become incidents.
  await advance(1_800_000);
  await step("alert rules: get", () => sentinel.alertRules.get(group, name, rule?.name ?? scheduled));
  await step("alert rules: get the near-real-time one", () => sentinel.alertRules.get(group, name, nrt));
  await step("alert rules: list", () => all(sentinel.alertRules.list(group, name)));
  await driveRuleActions({ group, name, rule: scheduled }, { clients: { sentinel }, place, step, refused });
  await step("alert rules: delete", () => sentinel.alertRules.delete(group, name, nrt));
  await refused("alert rules: get one that is not there", 404, () => sentinel.alertRules.get(group, name, nrt));
}

/** Playbooks of a rule, the templates that rules are made from, and what Sentinel says of itself. */
async function driveRuleActions(
  { group, name, rule }: { group: string; name: string; rule: string },
  { clients: { sentinel }, place, step, refused }: Pick<Stage, "place" | "step" | "refused"> & SentinelOnly,
): Promise<void> {
  const { actions, alertRuleTemplates: templates } = sentinel;
  const action = "c0f0a11e-3333-4333-8333-000000000003";
  const logicAppResourceId = `${place.subscription}/resourceGroups/${group}/providers/Microsoft.Logic/workflows/respond`;
  const triggerUri = "https://prod-1.westeurope.logic.azure.com/workflows/respond/triggers/alert/paths/invoke";
  const put = () =>
    actions.createOrUpdate(group, name, rule, action, { logicAppResourceId, triggerUri: `${triggerUri}?sig=x` });
  await step("rule actions: create", put);
  await step("rule actions: update", put);
  await step("rule actions: get", () => actions.get(group, name, rule, action));
  await step("rule actions: list", () => all(actions.listByAlertRule(group, name, rule)));
  await step("rule actions: delete", () => actions.delete(group, name, rule, action));
  await refused("rule actions: get one that is not there", 404, () => actions.get(group, name, rule, action));
  const known = await step("rule templates: list", () => all(templates.list(group, name)));
  await step("rule templates: get each", async () => {
    for (const template of known ?? []) await templates.get(group, name, template.name ?? "");
  });
  await step("sentinel: operations", () => all(sentinel.operations.list()));
}

interface SentinelOnly {
  clients: Pick<Stage["clients"], "sentinel">;
}
