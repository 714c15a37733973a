import { beforeAll, describe, expect, test } from "vitest";
import { makeArmTenant, WORKSPACE } from "../arm/test-context";
import { sharedEngine } from "../loganalytics/shared-engine";
import { durationOf } from "./rule-rules";

const RULES = `${WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules`;
const NRT = {
  displayName: "Secret touched",
  enabled: true,
  severity: "High",
  query: "AzureDiagnostics | where OperationName == 'SecretGet'",
  suppressionEnabled: false,
  suppressionDuration: "PT1H",
};
const SCHEDULED = {
  ...NRT,
  queryFrequency: "PT5M",
  queryPeriod: "P1D",
  triggerOperator: "GreaterThan",
  triggerThreshold: 0,
};

const grouping = (more: object) => ({
  createIncident: true,
  groupingConfiguration: {
    enabled: true,
    reopenClosedIncident: false,
    lookbackDuration: "PT5H",
    matchingMethod: "Selected",
    ...more,
  },
});

// The parser checks every rule; starting it takes seconds.
beforeAll(() => sharedEngine(makeArmTenant().context).warm(), 120_000);

function setUp() {
  const tenant = makeArmTenant();
  const contributor = tenant.personWith(["Microsoft.SecurityInsights/*"], WORKSPACE);
  const put = (kind: string, properties: object, more: { id?: string; etag?: string } = {}) =>
    tenant.send(contributor, "PUT", `${RULES}/${more.id ?? "rule-1"}`, {
      kind,
      properties,
      ...(more.etag ? { etag: more.etag } : {}),
    });
  return { tenant, contributor, put };
}

describe("analytics rules", () => {
  test("both kinds are made, listed, changed and deleted", async () => {
    const { tenant, contributor, put } = setUp();
    expect((await put("NRT", NRT)).status).toBe(201);
    expect((await put("Scheduled", SCHEDULED, { id: "rule-2" })).status).toBe(201);
    const changed = await put("NRT", { ...NRT, enabled: false });
    expect([changed.status, changed.body.kind, changed.body.properties?.enabled]).toEqual([200, "NRT", false]);
    expect((await tenant.send(contributor, "GET", RULES)).body.value).toHaveLength(2);
    expect((await tenant.send(contributor, "DELETE", `${RULES}/rule-2`)).status).toBe(200);
    expect((await tenant.send(contributor, "DELETE", `${RULES}/rule-2`)).status).toBe(204);
    expect((await tenant.send(contributor, "GET", `${RULES}/rule-2`)).status).toBe(404);
  });

  test("a near-real-time rule with a frequency is refused", async () => {
    const { put } = setUp();
    const refused = await put("NRT", { ...NRT, queryFrequency: "PT5M" });
    expect(refused.status).toBe(400);
    expect(String(refused.body.error?.message)).toContain("queryFrequency");
  });

  test("what the service would refuse is refused, and no rule is there afterwards", async () => {
    const { tenant, put } = setUp();
    const bad: [string, object][] = [
      ["Fusion", NRT],
      ["NRT", { ...NRT, severity: "Critical" }],
      ["NRT", { ...NRT, query: "" }],
      ["NRT", { ...NRT, query: "x".repeat(10_001) }],
      ["NRT", { ...NRT, query: "union * | take 1" }],
      ["NRT", { ...NRT, suppressionDuration: "one hour" }],
      ["NRT", { ...NRT, tactics: ["Sneaking"] }],
      [
        "NRT",
        {
          ...NRT,
          entityMappings: Array.from({ length: 11 }, () => ({
            entityType: "IP",
            fieldMappings: [{ identifier: "Address", columnName: "x" }],
          })),
        },
      ],
      ["Scheduled", NRT],
      ["Scheduled", { ...SCHEDULED, queryFrequency: "PT1M" }],
      ["Scheduled", { ...SCHEDULED, queryFrequency: "P2D" }],
      ["Scheduled", { ...SCHEDULED, triggerThreshold: "0" }],
      ["Scheduled", { ...SCHEDULED, queryFrequency: "PT30M", queryPeriod: "P2D" }],
      ["Scheduled", { ...SCHEDULED, startTimeUtc: "tomorrow" }],
      ["NRT", { ...NRT, alertDetailsOverride: { alertDisplayNameFormat: "{{A}} {{B}} {{C}} {{D}}" } }],
      ["NRT", { ...NRT, alertDetailsOverride: { alertDynamicProperties: [{ alertProperty: "Mood", value: "A" }] } }],
      ["NRT", { ...NRT, incidentConfiguration: grouping({}) }],
      ["NRT", { ...NRT, incidentConfiguration: grouping({ groupByEntities: ["IP"] }) }],
      ["NRT", { ...NRT, incidentConfiguration: grouping({ groupByCustomDetails: ["Decoys"] }) }],
      ["NRT", { ...NRT, incidentConfiguration: grouping({ groupByAlertDetails: ["Colour"] }) }],
      [
        "NRT",
        { ...NRT, incidentConfiguration: grouping({ groupByAlertDetails: ["Severity"], lookbackDuration: "P8D" }) },
      ],
    ];
    for (const [kind, properties] of bad)
      expect((await put(kind, properties)).status, JSON.stringify(properties).slice(0, 200)).toBe(400);
    expect(tenant.context.model.alertRules.size).toBe(0);
  });

  test("an old etag is a conflict, and a rule cannot change its kind", async () => {
    const { put } = setUp();
    const made = await put("NRT", {
      ...NRT,
      customDetails: { Decoys: "id_s" },
      incidentConfiguration: grouping({ groupByCustomDetails: ["Decoys"] }),
      alertDetailsOverride: { alertDisplayNameFormat: "{{ResultType}} {{id_s}} {{Category}} {{ResultType}}" },
    });
    expect(made.status).toBe(201);
    expect((await put("NRT", NRT, { etag: '"old"' })).status).toBe(409);
    expect((await put("NRT", NRT, { etag: String(made.body.etag) })).status).toBe(200);
    expect((await put("Scheduled", SCHEDULED)).status).toBe(400);
  });

  test("at most 50 near-real-time rules are enabled, and 100 are there", async () => {
    const { put } = setUp();
    for (let i = 0; i < 50; i++) expect((await put("NRT", NRT, { id: `r${i}` })).status).toBe(201);
    expect((await put("NRT", NRT, { id: "r50" })).status).toBe(400);
    for (let i = 50; i < 100; i++)
      expect((await put("NRT", { ...NRT, enabled: false }, { id: `r${i}` })).status).toBe(201);
    expect((await put("NRT", { ...NRT, enabled: false }, { id: "r100" })).status).toBe(400);
    expect((await put("NRT", NRT, { id: "r49" })).status).toBe(200);
  });

  test.each([
    ["AzureDiagnostic | take 1", "Failed to run the analytics rule query. One of the tables does not exist."],
    ["AzureDiagnostics | where Colour == 'x'", /^Failed to run the analytics rule query\. .*'Colour'/],
    ["AzureDiagnostics | where (", /^Failed to run the analytics rule query\. /],
    ["AzureDiagnostics | nonsense", /^Failed to run the analytics rule query\. /],
  ])("a query that the workspace cannot run is refused: %s", async (query, message) => {
    const { tenant, put } = setUp();
    for (const answer of [await put("NRT", { ...NRT, query }), await put("Scheduled", { ...SCHEDULED, query })]) {
      expect([answer.status, answer.body.error?.code]).toEqual([400, "BadRequest"]);
      expect(answer.body.error?.message).toEqual(
        typeof message === "string" ? message : expect.stringMatching(message),
      );
    }
    expect(tenant.context.model.alertRules.size).toBe(0);
  });

  const mapping = (entityType: string, identifier: string, columnName: string) => ({
    entityMappings: [{ entityType, fieldMappings: [{ identifier, columnName }] }],
  });

  test.each([
    [mapping("IP", "Address", "CallerIpAddress"), "Error in EntityMappings: The given column 'CallerIpAddress' does"],
    [{ customDetails: { Decoy: "Decoy" } }, "Error in CustomDetails: The given column 'Decoy' does"],
    [
      { alertDetailsOverride: { alertDescriptionFormat: "by {{ Who }}" } },
      "Error in AlertDetailsOverride: The given column 'Who' does",
    ],
    [
      { alertDetailsOverride: { alertSeverityColumnName: "Severity" } },
      "Error in AlertDetailsOverride: The given column 'Severity' does",
    ],
    [
      { alertDetailsOverride: { alertDynamicProperties: [{ alertProperty: "AlertLink", value: "Link" }] } },
      "Error in AlertDetailsOverride: The given column 'Link' does",
    ],
    [mapping("Bogus", "Address", "CallerIPAddress"), "'entityMappings.0.entityType'"],
    [mapping("ip", "Address", "CallerIPAddress"), "'entityMappings.0.entityType'"],
    [mapping("IP", "Nope", "CallerIPAddress"), "Error in EntityMappings: The given identifier 'Nope'"],
  ])("%j does not fit the query or its entity", async (more, message) => {
    const { put } = setUp();
    const { status, body } = await put("NRT", { ...NRT, ...more });
    expect([status, body.error?.message]).toEqual([400, expect.stringContaining(message)]);
  });

  test("what fits goes in, and columns that depend on the data are taken on trust", async () => {
    const { put } = setUp();
    expect((await put("NRT", { ...NRT, ...mapping("IP", "Address", "CallerIPAddress") })).status).toBe(201);
    const unpacked = "AZKVAuditLogs | evaluate bag_unpack(Identity)";
    const open = { ...NRT, query: unpacked, ...mapping("Account", "AadUserId", "anything") };
    expect((await put("NRT", open, { id: "open" })).status).toBe(201);
  });

  test("two rules that wait for the parser at once are both counted", async () => {
    const { put } = setUp();
    for (let i = 0; i < 49; i++) await put("NRT", NRT, { id: `r${i}` });
    const query = (name: string) => `AzureDiagnostics | where OperationName == '${name}' | take 7`;
    const both = await Promise.all(["a", "b"].map((id) => put("NRT", { ...NRT, query: query(id) }, { id })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 400]);
  });

  test("durations are read in days, hours, minutes and seconds", () => {
    expect(durationOf("P1DT2H3M4S")).toBe(((26 * 60 + 3) * 60 + 4) * 1000);
    expect([durationOf("P"), durationOf("PT"), durationOf("1H"), durationOf("P1W")]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
