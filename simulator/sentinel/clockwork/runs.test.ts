import { beforeAll, describe, expect, test } from "vitest";
import { sharedEngine } from "../../loganalytics/shared-engine";
import { clockworkTenant, HOUR, leftBy, MINUTE, START, STEADY } from "./testing/tenant";

const TOUCHED = "AzureActivity | where OperationName == 'touched'";
const FREQUENT = { query: TOUCHED, queryFrequency: "PT5M" };

// The parser takes seconds to start.
beforeAll(() => sharedEngine(clockworkTenant().context).warm(), 120_000);

describe("a near-real-time rule", () => {
  test("sees each row once, two minutes after the minute of its arrival", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("nrt", { query: TOUCHED });
    await tenant.advance(10_000);
    tenant.write("touched");
    tenant.write("passed by");
    const { ingestedAt } = [...tenant.context.model.logRows.values()].findLast(() => true) ?? { ingestedAt: 0 };
    const due = Math.ceil(ingestedAt / MINUTE) * MINUTE + 2 * MINUTE;
    await tenant.advance(due - 1 - tenant.context.now());
    expect(tenant.alerts()).toEqual([]);
    await tenant.advance(1);
    expect(tenant.alerts()).toMatchObject([
      { ruleId: "nrt", ruleKind: "NRT", eventCount: 1, processedAt: due, startTime: START + 10_000 },
    ]);
    await tenant.advance(24 * HOUR);
    expect(tenant.alerts()).toHaveLength(1);
  });

  test.each([
    [11, 1],
    [13, 0],
  ])("of rows that come %i hours late sees %i: none that is older than half a day", async (hours, alerts) => {
    const tenant = clockworkTenant({ delays: { ...STEADY, ingestionMin: hours * HOUR, ingestionMax: hours * HOUR } });
    tenant.putRule("nrt", { query: "AZKVAuditLogs | where OperationName == 'touched'" });
    await tenant.advance(5 * MINUTE);
    tenant.write("touched", {}, "AZKVAuditLogs");
    await tenant.advance(30 * HOUR);
    expect(tenant.alerts()).toHaveLength(alerts);
  });
});

describe("a scheduled rule", () => {
  test("misses for ever what arrives after its window, which a near-real-time one sees", async () => {
    const tenant = clockworkTenant({ delays: { ...STEADY, ingestionMin: 20 * MINUTE, ingestionMax: 20 * MINUTE } });
    const query = "AZKVAuditLogs | where OperationName == 'touched'";
    tenant.putRule("nrt", { query });
    tenant.putRule("scheduled", { ...FREQUENT, query });
    tenant.putRule("late", {
      query: `${query} | where ingestion_time() > ago(5m)`,
      queryFrequency: "PT5M",
      queryPeriod: "PT2H",
    });
    await tenant.advance(7 * MINUTE);
    tenant.write("touched", {}, "AZKVAuditLogs");
    await tenant.advance(3 * HOUR);
    expect(tenant.alerts().map(({ ruleId }) => ruleId)).toEqual(["nrt", "late"]);
  });

  test("reads the events of its period that ended five minutes before it runs", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("scheduled", FREQUENT);
    await tenant.advance(2 * MINUTE);
    tenant.write("touched");
    const run = START + 10 * MINUTE;
    await tenant.advance(run - 1 - tenant.context.now());
    expect(tenant.alerts()).toEqual([]);
    await tenant.advance(1);
    expect(tenant.alerts()).toMatchObject([
      {
        processedAt: run,
        extendedProperties: {
          "Query Start Time UTC": new Date(run - 10 * MINUTE).toISOString(),
          "Query End Time UTC": new Date(run - 5 * MINUTE).toISOString(),
          "Query Period": "00:05:00",
          "Trigger Operator": "Greater Than",
        },
      },
    ]);
    await tenant.advance(2 * HOUR);
    expect(tenant.alerts()).toHaveLength(1);
  });

  test.each([
    ["GreaterThan", 1, 2, [1, 0]],
    ["LessThan", 1, 2, [0, 1]],
    ["Equal", 0, 2, [0, 1]],
    ["NotEqual", 0, 2, [1, 0]],
  ] as const)(
    "with the trigger %s %i compares the number of results",
    async (triggerOperator, triggerThreshold, rows, expected) => {
      const tenant = clockworkTenant();
      tenant.putRule("scheduled", {
        query: TOUCHED,
        queryFrequency: "PT1H",
        queryPeriod: "PT1H",
        triggerOperator,
        triggerThreshold,
      });
      // The run at the start sees the hour before, in which nothing was.
      await tenant.advance(MINUTE);
      const before = tenant.alerts().length;
      for (let row = 0; row < rows; row++) tenant.write("touched", { Caller: String(row) });
      await tenant.advance(HOUR);
      const withRows = tenant.alerts().length - before;
      await tenant.advance(HOUR);
      expect([withRows, tenant.alerts().length - before - withRows]).toEqual(expected);
    },
  );

  test("begins at its start time", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("scheduled", {
      ...FREQUENT,
      triggerOperator: "Equal",
      startTimeUtc: new Date(START + HOUR).toISOString(),
    });
    await tenant.advance(HOUR - 1);
    expect(tenant.alerts()).toEqual([]);
    await tenant.advance(1);
    expect(tenant.alerts()).toHaveLength(1);
  });
});

describe("a rule", () => {
  test("rests after an alert while suppression is on", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("resting", { query: TOUCHED, suppressionEnabled: true, suppressionDuration: "PT30M" });
    tenant.putRule("awake", { query: TOUCHED });
    for (let minute = 0; minute < 60; minute += 10) {
      tenant.write("touched", { Caller: String(minute) });
      await tenant.advance(10 * MINUTE);
    }
    const of = (ruleId: string) => tenant.alerts().filter((alert) => alert.ruleId === ruleId);
    expect([of("awake").length, of("resting").length]).toEqual([6, 2]);
    const [first, second] = of("resting");
    expect((second?.processedAt ?? 0) - (first?.processedAt ?? 0)).toBeGreaterThanOrEqual(30 * MINUTE);
  });

  test("that is off sees nothing, and does not make up for it when it is on again", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("nrt", { query: TOUCHED });
    await tenant.advance(10 * MINUTE);
    tenant.putRule("nrt", { query: TOUCHED, enabled: false });
    await tenant.advance(MINUTE);
    tenant.write("touched", { Caller: "unseen" });
    await tenant.advance(HOUR);
    tenant.putRule("nrt", { query: TOUCHED });
    tenant.write("touched", { Caller: "seen" });
    await tenant.advance(HOUR);
    expect(tenant.alerts()).toHaveLength(1);
  });

  test("whose query keeps failing is switched off, and says why", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("broken", { query: "NoSuchTable | take 1", description: "Ours." });
    await tenant.advance(9 * MINUTE);
    const rule = () => tenant.context.model.alertRules.get(`${tenant.workspace.id}/broken`)?.properties;
    expect(rule()?.enabled).toBe(true);
    await tenant.advance(5 * MINUTE);
    expect(rule()).toMatchObject({ enabled: false, displayName: "AUTO DISABLED broken" });
    expect(rule()?.description).toMatch(/^AUTO DISABLED: .*NoSuchTable[\s\S]*Ours\.$/);
    expect(tenant.alerts()).toEqual([]);
  });

  test("sees nothing of a table that is not on the Analytics plan", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("nrt", { query: TOUCHED });
    tenant.context.model.workspaces.put(tenant.workspace.id, {
      ...tenant.workspace,
      tablePlans: { AzureActivity: "Basic" },
    });
    tenant.write("touched");
    await tenant.advance(HOUR);
    expect(tenant.alerts()).toEqual([]);
  });

  test("sees what another rule raised", async () => {
    const tenant = clockworkTenant();
    tenant.putRule("first", { query: TOUCHED });
    tenant.putRule("about-alerts", { query: "SecurityAlert | where AlertName == 'first'" });
    await tenant.advance(2 * HOUR);
    tenant.write("touched");
    await tenant.advance(24 * HOUR);
    expect(tenant.alerts().map(({ ruleId }) => ruleId)).toEqual(["first", "about-alerts"]);
  });
});

describe("the clockwork", () => {
  /** Rules of every kind that is looked ahead for, and some for which nothing can be foreseen. */
  const RULES: Record<string, Record<string, unknown>> = {
    decoys: {
      query: `let register = _GetWatchlist('HoneyTokens') | project Key = tolower(column_ifexists('TokenKey', '')) | distinct Key;
        union isfuzzy=true (AZKVAuditLogs | project TimeGenerated, Uri = RequestUri, VaultId = tolower(_ResourceId), OperationName),
          (AzureDiagnostics | where Category == 'AuditEvent' | project TimeGenerated, Uri = requestUri_s, VaultId = tolower(ResourceId), OperationName)
        | extend Key = strcat(VaultId, extract(@'(/(?:secrets|keys)/[^/?]+)', 1, tolower(Uri)))
        | join kind=inner register on Key | summarize Touches = count(), TimeGenerated = max(TimeGenerated) by Key`,
      eventGroupingSettings: { aggregationKind: "AlertPerResult" },
    },
    refused: { query: "AZKVAuditLogs | where HttpStatusCode == 403 | where TimeGenerated > ago(1h)" },
    many: { query: "AzureDiagnostics | summarize Calls = count() by CallerIPAddress | where Calls >= 5" },
    quiet: {
      query:
        "AzureDiagnostics | where OperationName == 'SecretSet' | join kind=leftanti (AZKVAuditLogs | where OperationName == 'SecretSet') on OperationName",
    },
    counted: { query: "AZKVAuditLogs | count | where Count > 6" },
    alerts: { query: "SecurityAlert | where AlertName != 'alerts'" },
    scheduled: {
      query: "AZKVAuditLogs | where OperationName == 'SecretSet' and ingestion_time() > ago(20m)",
      queryFrequency: "PT20M",
      queryPeriod: "PT3H",
    },
  };

  async function replay(step: number) {
    const tenant = clockworkTenant({ vaults: 40, delays: { ingestionLatePercent: 5 } });
    for (const [ruleId, properties] of Object.entries(RULES)) tenant.putRule(ruleId, properties);
    const end = START + 6 * HOUR;
    while (tenant.context.now() < end) await tenant.advance(Math.min(step, end - tenant.context.now()));
    return leftBy(tenant);
  }

  test("leaves the same whether it looks ahead or runs every run", { timeout: 120_000 }, async () => {
    const ahead = await replay(6 * HOUR);
    expect(new Set(ahead.alerts.map(({ ruleId }) => ruleId)).size).toBeGreaterThanOrEqual(5);
    expect(await replay(2 * MINUTE)).toEqual(ahead);
    expect(await replay(3 * HOUR)).toEqual(ahead);
  });
});
