import { beforeAll, describe, expect, test } from "vitest";
import { sharedEngine } from "../../loganalytics/shared-engine";
import type { Incident } from "../documents";
import { withStatus } from "../incident-status";
import { putIncident } from "../incident-store";
import { type ClockworkTenant, clockworkTenant, HOUR, MINUTE } from "./testing/tenant";

beforeAll(() => sharedEngine(clockworkTenant().context).warm(), 120_000);

/** As many rows as the caller of the row says, each with its number. */
const BURST = `AzureActivity | where OperationName == 'burst'
  | mv-expand Number = range(1, toint(Caller)) to typeof(int)
  | project TimeGenerated, Number, Who = strcat('user', Number, '@contoso.test'), Ip = '203.0.113.9', Group = Number % 2,
    Names = pack_array('a', 'b'), Level = iff(Number == 1, 'High', 'nonsense')`;

async function burst(tenant: ClockworkTenant, rows: number): Promise<void> {
  tenant.write("burst", { Caller: String(rows) });
  await tenant.advance(20 * MINUTE);
}

const EACH = { query: BURST, eventGroupingSettings: { aggregationKind: "AlertPerResult" } };
const ENTITIES = [
  { entityType: "Account", fieldMappings: [{ identifier: "Name", columnName: "Who" }] },
  { entityType: "IP", fieldMappings: [{ identifier: "Address", columnName: "Ip" }] },
];

describe("the alerts of one run", () => {
  test.each([
    ["nrt", {}, 30],
    ["scheduled", { queryFrequency: "PT15M", queryPeriod: "PT15M" }, 150],
  ])("of a rule that is %s are limited, and the last one stands for all rows", async (ruleId, schedule, most) => {
    const tenant = clockworkTenant();
    tenant.putRule(ruleId, { ...EACH, ...schedule });
    await burst(tenant, most);
    expect(tenant.alerts().map(({ eventCount }) => eventCount)).toEqual(Array(most).fill(1));
    await burst(tenant, most + 1);
    const counts = tenant
      .alerts()
      .slice(most)
      .map(({ eventCount }) => eventCount);
    expect(counts).toEqual([...Array(most - 1).fill(1), most + 1]);
    expect(new Set(tenant.alerts().map(({ systemAlertId }) => systemAlertId)).size).toBe(2 * most);
  });

  test("are one for all rows unless the rule says otherwise", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("nrt", { query: BURST });
    await burst(tenant, 40);
    expect(tenant.alerts()).toMatchObject([
      { eventCount: 40, extendedProperties: { "Event Grouping": "SingleAlert" } },
    ]);
  });

  test("hold at most 500 entities, shared by the mappings, and 2 KB of custom details", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("nrt", { query: BURST, entityMappings: ENTITIES, customDetails: { Who: "Who", Group: "Group" } });
    await burst(tenant, 700);
    const [alert] = tenant.alerts();
    expect(alert?.entities.filter(({ type }) => type === "account")).toHaveLength(250);
    expect(alert?.entities.filter(({ type }) => type === "ip")).toHaveLength(1);
    expect(alert?.entities[0]).toEqual({ type: "account", fields: { Name: "user1", UPNSuffix: "contoso.test" } });
    expect(alert?.customDetails.Who).toHaveLength(50);
    expect(alert?.customDetails.Group).toEqual(["1", "0"]);
    expect(Buffer.byteLength(JSON.stringify(alert?.customDetails))).toBeLessThanOrEqual(2048);
  });

  test("take their words from the result where the rule says so", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("nrt", {
      ...EACH,
      displayName: "Plain name",
      description: "Plain text",
      tactics: ["Discovery"],
      customDetails: { Names: "Names" },
      alertDetailsOverride: {
        alertDisplayNameFormat: "No {{Number}} by {{Who}}",
        alertDescriptionFormat: "{{Number}} {{Who}} {{Ip}} {{Group}}",
        alertSeverityColumnName: "Level",
        alertDynamicProperties: [{ alertProperty: "RemediationSteps", value: "Ip" }],
      },
    });
    await burst(tenant, 2);
    const common = { description: "Plain text", tactics: ["Discovery"], customDetails: { Names: ['["a","b"]'] } };
    expect(tenant.alerts()).toMatchObject([
      { ...common, displayName: "No 1 by user1@contoso.test", severity: "High" },
      { ...common, displayName: "No 2 by user2@contoso.test", severity: "Medium" },
    ]);
    const rows = [...tenant.context.model.logRows.values()].filter(({ table }) => table === "SecurityAlert");
    expect(rows[0]?.values).toMatchObject({
      AlertName: "No 1 by user1@contoso.test",
      AlertType: `${tenant.workspace.customerId}_nrt`,
      ProviderName: "ASI NRT Alerts",
      RemediationSteps: "203.0.113.9",
      Status: "New",
    });
    const extended = JSON.parse(String(rows[0]?.values.ExtendedProperties));
    expect(JSON.parse(extended["Custom Details"])).toEqual({ Names: ['["a","b"]'] });
    expect(extended).toMatchObject({ Query: BURST, "Analytic Rule Name": "Plain name" });
  });

  test("drop names that are nobody's, and what is empty", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("nrt", {
      query: "AzureActivity | where OperationName == 'named' | extend Nothing = ''",
      entityMappings: [
        { entityType: "Account", fieldMappings: [{ identifier: "Name", columnName: "Caller" }] },
        { entityType: "AzureResource", fieldMappings: [{ identifier: "ResourceId", columnName: "Nothing" }] },
      ],
    });
    for (const Caller of ["SYSTEM", "eve"]) tenant.write("named", { Caller });
    await tenant.advance(HOUR);
    const names = tenant.alerts().flatMap(({ entities }) => entities.map(({ fields }) => fields.Name));
    expect(names).toEqual(["eve"]);
  });
});

describe("incidents of alerts", () => {
  const grouping = (more: object) => ({
    incidentConfiguration: {
      createIncident: true,
      groupingConfiguration: {
        enabled: true,
        reopenClosedIncident: false,
        lookbackDuration: "PT5H",
        matchingMethod: "AllEntities",
        ...more,
      },
    },
  });

  async function incidentsFor(more: object, rows = 4) {
    const tenant = clockworkTenant();
    tenant.putRule("nrt", { ...EACH, entityMappings: ENTITIES, customDetails: { Group: "Group" }, ...more });
    await burst(tenant, rows);
    return tenant.incidents().map(({ alertIds }) => alertIds.length);
  }

  test("are one for each alert, unless they are grouped or not wanted", async () => {
    expect(await incidentsFor({})).toEqual([1, 1, 1, 1]);
    expect(await incidentsFor({ incidentConfiguration: { createIncident: false } })).toEqual([]);
    expect(await incidentsFor(grouping({}))).toEqual([1, 1, 1, 1]);
    expect(await incidentsFor(grouping({ matchingMethod: "AnyAlert" }))).toEqual([4]);
    expect(await incidentsFor(grouping({ matchingMethod: "Selected", groupByEntities: ["IP"] }))).toEqual([4]);
    expect(
      await incidentsFor(
        grouping({ matchingMethod: "Selected", groupByEntities: ["IP"], groupByCustomDetails: ["Group"] }),
      ),
    ).toEqual([2, 2]);
  });

  test("come after their delay, with a row for every change, and no alert beyond the 150th joins", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("nrt", { ...EACH, ...grouping({ matchingMethod: "AnyAlert" }) });
    for (let run = 0; run < 6; run++) {
      tenant.write("burst", { Caller: "30", Category: String(run) });
      await tenant.advance(10 * MINUTE);
    }
    expect(tenant.incidents().map(({ alertIds }) => alertIds.length)).toEqual([150, 30]);
    const [first] = tenant.incidents();
    const [alert] = tenant.alerts();
    expect((first?.createdAt ?? 0) - (alert?.processedAt ?? 0)).toBe(30_000);
    const rows = [...tenant.context.model.logRows.values()].filter(({ table }) => table === "SecurityIncident");
    expect(rows).toHaveLength(180);
  });

  async function closedThenTouched(reopenClosedIncident: boolean, defenderPortal = false): Promise<Incident[]> {
    const tenant = clockworkTenant();
    if (defenderPortal)
      tenant.context.model.workspaces.put(tenant.workspace.id, { ...tenant.workspace, defenderPortal });
    tenant.putRule("nrt", {
      query: BURST,
      description: "What to do.",
      ...grouping({ matchingMethod: "AnyAlert", reopenClosedIncident }),
    });
    await burst(tenant, 1);
    const [incident] = tenant.incidents();
    if (incident) putIncident(tenant.context, withStatus(tenant.context, incident, "Closed"));
    await burst(tenant, 2);
    return tenant.incidents();
  }

  test("that are closed stay closed unless the rule opens them again", async () => {
    expect(await closedThenTouched(false)).toMatchObject([{ status: "Closed" }, { status: "New" }]);
    expect(await closedThenTouched(true)).toMatchObject([{ status: "New", description: "What to do." }]);
  });

  test("of a workspace in the Defender portal come from there and cannot be opened again", async () => {
    const from = { providerName: "Microsoft XDR", description: "" };
    expect(await closedThenTouched(true, true)).toMatchObject([
      { ...from, status: "Closed" },
      { ...from, status: "New" },
    ]);
  });
});
