import { describe, expect, test } from "vitest";
import { makeArmTenant, WORKSPACE } from "../arm/test-context";

const PROVIDER = `${WORKSPACE}/providers/Microsoft.SecurityInsights`;
const VERSION = "api-version=2022-09-01-preview";

function setUp() {
  const tenant = makeArmTenant();
  const contributor = tenant.personWith(["Microsoft.SecurityInsights/*"], WORKSPACE);
  const send = (method: string, path: string, body?: unknown) =>
    tenant.send(contributor, method, `${PROVIDER}/${path}`, body);
  return { tenant, contributor, send };
}

const RULE = {
  kind: "NRT",
  properties: {
    displayName: "Secret touched",
    enabled: true,
    severity: "High",
    query: "AzureDiagnostics",
    suppressionEnabled: false,
    suppressionDuration: "PT1H",
    alertRuleTemplateName: "884be6e7-e568-418e-9c12-89229865ffde",
  },
};

describe("what surrounds the rules", () => {
  test("templates are listed, and count the rules made of them", async () => {
    const { send } = setUp();
    const { body } = await send("GET", "alertRuleTemplates");
    expect(body.value).toHaveLength(3);
    await send("PUT", "alertRules/r1", RULE);
    expect(await send("GET", `alertRuleTemplates/${RULE.properties.alertRuleTemplateName}`)).toMatchObject({
      status: 200,
      body: { kind: "Scheduled", properties: { status: "Installed", alertRulesCreatedByTemplateCount: 1 } },
    });
    expect((await send("GET", "alertRuleTemplates/constructor")).status).toBe(404);
  });

  test("actions of a rule go with it, and never show the callback address", async () => {
    const { tenant, send } = setUp();
    const properties = {
      logicAppResourceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/tell",
      triggerUri: "https://prod-1.logic.azure.com/workflows/0a1b/triggers/manual/paths/invoke?sig=hidden",
    };
    expect((await send("PUT", "alertRules/r1/actions/a1", { properties })).status).toBe(404);
    await send("PUT", "alertRules/r1", RULE);
    const made = await send("PUT", "alertRules/r1/actions/a1", { properties });
    expect(made).toMatchObject({ status: 201, body: { properties: { workflowId: "0a1b" } } });
    expect(JSON.stringify([...tenant.context.model.ruleActions.entries(), made.body])).not.toContain("hidden");
    expect((await send("GET", "alertRules/r1/actions")).body.value).toHaveLength(1);
    expect((await send("PUT", "alertRules/r1/actions/a2", { properties: { triggerUri: "x" } })).status).toBe(400);
    await send("DELETE", "alertRules/r1");
    expect(tenant.context.model.ruleActions.size).toBe(0);
  });

  test("the provider names its operations", async () => {
    const { tenant } = setUp();
    const path = `/providers/Microsoft.SecurityInsights/operations?${VERSION}`;
    const { status, body } = await tenant.send(tenant.person("anybody"), "GET", path);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain("Microsoft.SecurityInsights/watchlists/write");
  });
});

describe("watchlists by version", () => {
  const list = { displayName: "List", provider: "P", itemsSearchKey: "name" };

  test("stable versions take two words for the source", async () => {
    const { send } = setUp();
    const put = (version: string, more: object) =>
      send("PUT", `watchlists/list-one?api-version=${version}`, { properties: { ...list, ...more } });
    expect((await put("2024-03-01", {})).status).toBe(400);
    expect((await put("2024-03-01", { source: "file.csv" })).status).toBe(400);
    expect((await put("2024-03-01", { source: "Local file" })).status).toBe(201);
    expect((await put("2022-09-01-preview", { source: "file.csv" })).status).toBe(200);
  });

  test("a large upload from storage is refused by name", async () => {
    const { send } = setUp();
    const refused = await send("PUT", "watchlists/list-one", {
      properties: { ...list, source: "Remote storage", sasUri: "https://x.blob.core.windows.net/a?sig=b" },
    });
    expect([refused.status, String(refused.body.error?.message)]).toEqual([400, expect.stringContaining("sasUri")]);
  });

  test("who changed a list last is named beside who made it", async () => {
    const { tenant, contributor, send } = setUp();
    await send("PUT", "watchlists/list-one", { properties: { ...list, labels: ["decoys"] } });
    const other = tenant.personWith(["Microsoft.SecurityInsights/*"], WORKSPACE);
    const { body } = await tenant.send(other, "PUT", `${PROVIDER}/watchlists/list-one`, { properties: list });
    expect(body.properties).toMatchObject({
      createdBy: { objectId: contributor.oid },
      updatedBy: { objectId: other.oid },
      created: "2026-10-01T12:00:00.0000000+00:00",
    });
  });

  test("an item keeps which of its columns name entities", async () => {
    const { send } = setUp();
    await send("PUT", "watchlists/list-one", { properties: list });
    const item = "watchlists/list-one/watchlistItems/0f8fad5b-d9cb-469f-a165-70867728950e";
    const properties = { itemsKeyValue: { name: "a" }, entityMapping: { name: "Account" } };
    await send("PUT", item, { properties });
    expect((await send("GET", item)).body.properties).toMatchObject(properties);
    const huge = { itemsKeyValue: { name: "a" }, entityMapping: { name: "x".repeat(20_000) } };
    expect((await send("PUT", item, { properties: huge })).status).toBe(400);
  });
});
