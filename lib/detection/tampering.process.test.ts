import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { kqlString } from "@/lib/azure/kql-literal.pure";
import { queryLogs } from "@/lib/azure/logs";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { expandRule } from "./expand";
import { UNFILLED } from "./parameters";
import { expectedRow, published, type RegisterCase, VAULT } from "./testing/golden";

/* The rule's own text over activity rows made for each case, evaluated by the simulated workspace. */

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await startTenant("--vaults", "3", "--seed", "1");
});

afterAll(() => tenant?.stop());

const SOMEBODY = "bbbbbbbb-0000-4000-8000-00000000000b";
const OWN = {
  ...UNFILLED,
  registrar: "aaaaaaaa-0000-4000-8000-000000000001",
  granter: "aaaaaaaa-0000-4000-8000-000000000002",
  product: "aaaaaaaa-0000-4000-8000-000000000003",
  workspace:
    "/subscriptions/99999999-2222-4333-8444-555555555555/resourcegroups/rg-soc/providers/microsoft.operationalinsights/workspaces/law-soc",
};
const SENTINEL = `${OWN.workspace}/providers/Microsoft.SecurityInsights`;
const RULE = "5c1f7a52-0f4e-4a0e-9d0b-7a3b1de5a6c1";

interface ActivityCase {
  action: string;
  scope: string;
  oid?: string;
  appId?: string;
  outcome?: string;
  /** Only the vault's id as the row's own, as some providers have it. */
  resourceId?: string;
  longClaims?: boolean;
  subscription?: string;
}

const Row = z.object({
  Severity: z.string(),
  ResourceId: z.string(),
  ResourceName: z.string(),
  Changes: z.array(z.string()),
  Caller: z.string(),
  ThroughProduct: z.boolean(),
  Count: z.number(),
});

const COLUMNS: readonly (keyof RegisterCase)[] = ["ResourceId", "HoneyToken", "Properties", "TokenKey", "State"];

function alerts(activity: readonly ActivityCase[], register: readonly RegisterCase[] = [published()]) {
  const rows = activity.map((one, place) => {
    const {
      action,
      scope,
      oid = SOMEBODY,
      appId = "",
      outcome = "Success",
      resourceId = scope,
      longClaims,
      subscription = "",
    } = one;
    const name = longClaims ? "http://schemas.microsoft.com/identity/claims/objectidentifier" : "oid";
    const claims = JSON.stringify({ [name]: oid, appid: appId });
    const cells = [
      action.toUpperCase(),
      outcome,
      resourceId.toLowerCase(),
      "mallory@contoso.test",
      "203.0.113.9",
      `c${place}`,
      subscription,
    ];
    return `datetime(2026-11-22T12:00:00Z),${cells.map(kqlString).join(",")},dynamic(${claims}),dynamic(${JSON.stringify({ entity: scope })})`;
  });
  const kql = [
    `let AzureActivity = datatable(TimeGenerated: datetime, OperationNameValue: string, ActivityStatusValue: string, _ResourceId: string, Caller: string, CallerIpAddress: string, CorrelationId: string, SubscriptionId: string, Claims_d: dynamic, Properties_d: dynamic)[${rows.join(",\n")}];`,
    `let published = datatable(${COLUMNS.map((column) => `${column}: string`).join(", ")})[${register.map((row) => COLUMNS.map((column) => kqlString(row[column] ?? "")).join(",")).join(",\n")}];`,
    expandRule("honeytoken-tampering", "NRT", OWN).query.replaceAll("_GetWatchlist('HoneyTokens')", "published"),
  ].join("\n");
  return queryLogs(tenant.service.azure.collector, tenant.service.config.workspace.customerId, { kql }, Row);
}

const SETTING = `${VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit`;
const deleted: ActivityCase = { action: "Microsoft.Insights/diagnosticSettings/delete", scope: SETTING };
const written: ActivityCase = { action: "Microsoft.Insights/diagnosticSettings/write", scope: SETTING };
const listed: ActivityCase = {
  action: "Microsoft.SecurityInsights/watchlists/delete",
  scope: `${SENTINEL}/Watchlists/HoneyTokens/WatchlistItems/1`,
};
const policies: ActivityCase = { action: "Microsoft.KeyVault/vaults/accessPolicies/write", scope: VAULT };
const TABLE = "Microsoft.OperationalInsights/workspaces/tables/write";

const VAULT_SUB = "11111111-2222-4333-8444-555555555555";
const WORKSPACE_SUB = "99999999-2222-4333-8444-555555555555";
const OTHER_SUB = "77777777-2222-4333-8444-555555555555";
const logOf = (subscription: string) =>
  `/subscriptions/${subscription}/providers/Microsoft.Insights/diagnosticSettings/to-soc`;
const workspaceLog = `${OWN.workspace}/providers/Microsoft.Insights/diagnosticSettings/audit`;
const logDeleted: ActivityCase = { action: deleted.action, scope: logOf(VAULT_SUB) };
const collectionRule: ActivityCase = {
  action: "Microsoft.Insights/dataCollectionRules/write",
  scope: `/subscriptions/${WORKSPACE_SUB}/resourceGroups/rg-x/providers/Microsoft.Insights/dataCollectionRules/dcr-1`,
};
const INCIDENT = "Microsoft.SecurityInsights/incidents/delete";

describe("every form of tampering is seen", () => {
  test.each<[string, ActivityCase, string]>([
    ["a setting deleted", deleted, "High"],
    ["a setting deleted, in a row of the vault's own id", { ...deleted, resourceId: VAULT }, "High"],
    ["a setting written", written, "Medium"],
    ["the vault written", { action: "Microsoft.KeyVault/vaults/write", scope: VAULT }, "Medium"],
    ["the vault in capitals", { action: "Microsoft.KeyVault/vaults/write", scope: VAULT.toUpperCase() }, "Medium"],
    ["access policies written", policies, "Medium"],
    ["the vault deleted", { action: "Microsoft.KeyVault/vaults/delete", scope: VAULT }, "High"],
    [
      "the vault purged",
      {
        action: "Microsoft.KeyVault/locations/deletedVaults/purge/action",
        scope:
          "/subscriptions/11111111-2222-4333-8444-555555555555/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-Shop",
      },
      "High",
    ],
    ["the register deleted or a row of it", listed, "High"],
    ["the register written", { ...listed, action: "Microsoft.SecurityInsights/watchlists/write" }, "High"],
    [
      "the register written, in a row that names only the workspace's provider",
      { action: "Microsoft.SecurityInsights/watchlists/write", scope: SENTINEL },
      "High",
    ],
    [
      "a rule of ours written",
      { action: "Microsoft.SecurityInsights/alertRules/write", scope: `${SENTINEL}/alertRules/${RULE}` },
      "Medium",
    ],
    [
      "a rule of ours deleted",
      { action: "Microsoft.SecurityInsights/alertRules/delete", scope: `${SENTINEL}/alertRules/${RULE.toUpperCase()}` },
      "High",
    ],
    [
      "an automation rule written",
      { action: "Microsoft.SecurityInsights/automationRules/write", scope: `${SENTINEL}/automationRules/x` },
      "Medium",
    ],
    ["a table written", { action: TABLE, scope: `${OWN.workspace}/tables/AZKVAuditLogs` }, "Medium"],
    [
      "the workspace deleted",
      { action: "Microsoft.OperationalInsights/workspaces/delete", scope: OWN.workspace },
      "High",
    ],
    ["the log setting of a honeytoken's subscription deleted", logDeleted, "High"],
    ["the log setting of the workspace's subscription deleted", { ...logDeleted, scope: logOf(WORKSPACE_SUB) }, "High"],
    ["the same in a row of the subscription's id", { ...logDeleted, scope: `/subscriptions/${VAULT_SUB}` }, "High"],
    ["the log setting of a subscription written", { ...logDeleted, action: written.action }, "Medium"],
    ["the log setting of the workspace deleted", { ...logDeleted, scope: workspaceLog }, "High"],
    ["the log setting of the workspace written", { ...written, scope: workspaceLog }, "Medium"],
    [
      "the workspace written",
      { action: "Microsoft.OperationalInsights/workspaces/write", scope: OWN.workspace },
      "Medium",
    ],
    ["a data collection rule written", collectionRule, "Medium"],
    ["an incident deleted", { action: INCIDENT, scope: `${SENTINEL}/Incidents/1` }, "High"],
    [
      "Sentinel taken off the workspace",
      { action: "Microsoft.SecurityInsights/onboardingStates/delete", scope: `${SENTINEL}/onboardingStates/default` },
      "High",
    ],
    ["claims under their long names", { ...deleted, longClaims: true }, "High"],
    ["one that was refused", { ...deleted, outcome: "Failure" }, "Medium"],
  ])("%s", async (_what, activity, Severity) => {
    expect(await alerts([activity])).toMatchObject([{ Severity, Caller: SOMEBODY, Count: 1, ThroughProduct: false }]);
  });
});

test.each<[string, ActivityCase]>([
  ["a setting of a vault without a honeytoken", { ...deleted, scope: SETTING.replace("kv-Shop", "kv-Other") }],
  ["another list", { ...listed, scope: `${SENTINEL}/Watchlists/VIP/WatchlistItems/1` }],
  ["a list of the same name in another workspace", { ...listed, scope: listed.scope.replace("law-soc", "law-other") }],
  [
    "a rule that is not ours",
    { action: "Microsoft.SecurityInsights/alertRules/write", scope: `${SENTINEL}/alertRules/x` },
  ],
  ["a table that no rule of ours reads", { action: TABLE, scope: `${OWN.workspace}/tables/Heartbeat` }],
  ["the log setting of a subscription without a honeytoken", { ...logDeleted, scope: logOf(OTHER_SUB) }],
  [
    "a setting of something else in a honeytoken's subscription",
    {
      ...deleted,
      scope: `/subscriptions/${VAULT_SUB}/resourceGroups/rg-x/providers/Microsoft.Web/sites/a/providers/Microsoft.Insights/diagnosticSettings/x`,
    },
  ],
  ["the log setting of another workspace", { ...deleted, scope: workspaceLog.replace("law-soc", "law-soc-2") }],
  [
    "another workspace written",
    { action: "Microsoft.OperationalInsights/workspaces/write", scope: `${OWN.workspace}-2` },
  ],
  [
    "a data collection rule elsewhere",
    { ...collectionRule, scope: collectionRule.scope.replace(WORKSPACE_SUB, OTHER_SUB) },
  ],
  ["an incident deleted elsewhere", { action: INCIDENT, scope: `${SENTINEL}/Incidents/1`.replace("law-soc", "law-b") }],
  ["an incident written", { action: "Microsoft.SecurityInsights/incidents/write", scope: `${SENTINEL}/Incidents/1` }],
  ["tags", { action: "Microsoft.Resources/tags/write", scope: VAULT }],
  ["the beginning of a call", { ...deleted, outcome: "Start" }],
  ["the register, written by the identity that publishes it", { ...listed, oid: OWN.registrar }],
  ["access policies, written by the identity that gives rights", { ...policies, oid: OWN.granter }],
])("%s raises nothing", async (_what, activity) => {
  expect(await alerts([activity])).toEqual([]);
});

test.each<[string, ActivityCase]>([
  ["the registrar writes a setting", { ...written, oid: OWN.registrar }],
  ["the granter changes the register", { ...listed, oid: OWN.granter }],
  ["the registrar writes access policies", { ...policies, oid: OWN.registrar }],
  ["nobody known changes the register", { ...listed, oid: "" }],
])("our own identities are let pass only in what they are for: %s", async (_what, activity) => {
  expect(await alerts([activity])).toHaveLength(1);
});

describe("through the product", () => {
  test("a setting and a rule of ours are told, and only told", async () => {
    const rule = { action: "Microsoft.SecurityInsights/alertRules/write", scope: `${SENTINEL}/alertRules/${RULE}` };
    const found = await alerts([
      { ...written, appId: OWN.product },
      { ...rule, appId: OWN.product },
    ]);
    expect(found).toMatchObject([
      { Severity: "Informational", ThroughProduct: true },
      { Severity: "Informational", ThroughProduct: true },
    ]);
  });

  test("what it never does is no less severe in its name, and a write beside it is not covered", async () => {
    expect(await alerts([{ ...deleted, appId: OWN.product }])).toMatchObject([{ Severity: "High" }]);
    expect(await alerts([{ ...written, appId: OWN.product }, deleted])).toMatchObject([
      { Severity: "High", ThroughProduct: false },
    ]);
  });
});

test("what tells of a subscription's log names the subscription, beside what was done to a vault in it", async () => {
  const found = await alerts([logDeleted, deleted]);
  expect(found.map(({ ResourceId, ResourceName }) => `${ResourceName} ${ResourceId}`).toSorted()).toEqual([
    `kv-shop ${VAULT.toLowerCase()}`,
    `subscription ${VAULT_SUB} /subscriptions/${VAULT_SUB}`,
  ]);
});

test("a row without a resource id is that of its subscription", async () => {
  expect(await alerts([{ ...logDeleted, scope: "", subscription: VAULT_SUB.toUpperCase() }])).toMatchObject([
    { Severity: "High", ResourceId: `/subscriptions/${VAULT_SUB}` },
  ]);
  expect(await alerts([{ ...logDeleted, scope: "", subscription: OTHER_SUB }])).toEqual([]);
});

test("the product never writes such a setting: its name lowers nothing there", async () => {
  const bySettings = { ...logDeleted, action: written.action, appId: OWN.product };
  expect(await alerts([bySettings])).toMatchObject([{ Severity: "Medium", ThroughProduct: false }]);
});

test("an exception that names the vault is no honeytoken in it", async () => {
  expect(await alerts([deleted], [expectedRow({ TokenKey: VAULT.toLowerCase(), ResourceId: VAULT })])).toEqual([]);
});

test("a list of the older four-column form tells the vaults too", async () => {
  expect(await alerts([deleted], [published({ TokenKey: "", State: "" })])).toHaveLength(1);
});
