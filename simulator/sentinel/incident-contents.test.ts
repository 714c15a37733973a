import { describe, expect, test } from "vitest";
import { WORKSPACE } from "../arm/test-context";
import { openIncident } from "./incident-changes";
import { newIncident } from "./incident-store";
import { addAlert, INCIDENTS, makeIncidentTenant, PLAIN } from "./testing/incidents";

describe("what belongs to an incident", () => {
  test("comments are written, changed, listed and deleted, and each changes the incident", async () => {
    const { tenant, responder, put, get, rows } = makeIncidentTenant();
    await put("one", PLAIN);
    const write = (name: string, message: string, etag?: unknown) =>
      tenant.send(responder, "PUT", `${INCIDENTS}/one/comments/${name}`, { etag, properties: { message } });
    const first = await write("c1", "first");
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      type: "Microsoft.SecurityInsights/Incidents/Comments",
      properties: { message: "first", author: { objectId: responder.oid, userPrincipalName: responder.upn } },
    });
    tenant.advance(1000);
    expect((await write("c2", "second")).status).toBe(201);
    expect((await write("c1", "first, better", first.body.etag)).status).toBe(200);
    expect((await write("c1", "too late", first.body.etag)).status).toBe(409);
    const { body } = await tenant.send(responder, "GET", `${INCIDENTS}/one/comments`);
    expect(body.value).toMatchObject([{ name: "c2" }, { name: "c1", properties: { message: "first, better" } }]);
    expect((await get("one")).body.properties?.additionalData?.commentsCount).toBe(2);
    expect((await tenant.send(responder, "DELETE", `${INCIDENTS}/one/comments/c2`)).status).toBe(200);
    expect((await tenant.send(responder, "DELETE", `${INCIDENTS}/one/comments/c2`)).status).toBe(204);
    expect((await tenant.send(responder, "GET", `${INCIDENTS}/one/comments/c2`)).status).toBe(404);
    expect(rows()).toHaveLength(5);
    expect(rows().at(-1)?.Comments).toMatchObject([{ message: "first, better", author: { name: responder.name } }]);
    expect((await write("c3", "x".repeat(30_001))).status).toBe(400);
    for (let i = 0; i < 99; i++) expect((await write(`m${i}`, "x".repeat(30))).status).toBe(201);
    expect((await write("m99", "one too many")).status).toBe(400);
  });

  test("alerts and their entities, each entity once", async () => {
    const { tenant, responder } = makeIncidentTenant();
    const user = { type: "account", fields: { AadUserId: "6f", Name: "ada", UPNSuffix: "contoso.test" } };
    const vault = { type: "azure-resource", fields: { ResourceId: "/subscriptions/s1/resourceGroups/g/x/kv-one" } };
    const app = { type: "cloud-application", fields: { AppId: "9d1d2b7e-0000-4000-8000-000000000001" } };
    addAlert(tenant, "a1", { entities: [user, { type: "ip", fields: { Address: "203.0.113.7" } }] });
    addAlert(tenant, "a2", { entities: [user, vault, app, { type: "constructor", fields: { X: "1" } }] });
    const call = tenant.call(responder, "GET", INCIDENTS);
    const { name } = openIncident(
      call,
      newIncident(call, {
        workspaceId: WORKSPACE,
        title: "T",
        severity: "High",
        alertIds: ["a1", "a2"],
        ruleIds: ["rule-1"],
      }),
    );
    const alerts = await tenant.send(responder, "POST", `${INCIDENTS}/${name}/alerts`);
    expect(alerts.body.value).toMatchObject([
      { kind: "SecurityAlert", properties: { systemAlertId: "a1", productComponentName: "NRT Alerts" } },
      { properties: { systemAlertId: "a2" } },
    ]);
    const { body } = await tenant.send(responder, "POST", `${INCIDENTS}/${name}/entities`);
    expect(body.entities).toMatchObject([
      { kind: "Account", properties: { accountName: "ada", aadUserId: "6f", upnSuffix: "contoso.test" } },
      { kind: "Ip", properties: { address: "203.0.113.7", friendlyName: "203.0.113.7" } },
      { kind: "AzureResource", properties: { subscriptionId: "s1", friendlyName: "kv-one" } },
      { kind: "CloudApplication", properties: { additionalData: { AppId: app.fields.AppId } } },
    ]);
    expect(body.metaData).toEqual([
      { entityKind: "Account", count: 1 },
      { entityKind: "Ip", count: 1 },
      { entityKind: "AzureResource", count: 1 },
      { entityKind: "CloudApplication", count: 1 },
    ]);
    const whole = await tenant.send(responder, "GET", `${INCIDENTS}/${name}`);
    expect(whole.body.properties).toMatchObject({
      relatedAnalyticRuleIds: [`${WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules/rule-1`],
      additionalData: { alertsCount: 2, tactics: ["CredentialAccess"], techniques: ["T1555"] },
    });
    const stable = await tenant.send(responder, "GET", `${INCIDENTS}/${name}?api-version=2024-03-01`);
    expect(stable.body.properties?.additionalData).not.toHaveProperty("techniques");
  });

  test("bookmarks and alerts are tied and untied by relations", async () => {
    const { tenant, responder, put, get } = makeIncidentTenant();
    await put("one", PLAIN);
    addAlert(tenant, "a1");
    const provider = `${WORKSPACE}/providers/Microsoft.SecurityInsights`;
    const bookmark = `${provider}/Bookmarks/0f8fad5b-d9cb-469f-a165-70867728950e`;
    const made = await tenant.send(responder, "PUT", bookmark, {
      properties: { displayName: "Look", query: "AzureActivity", labels: ["x"], eventTime: "2026-10-01T11:00:00Z" },
    });
    expect(made).toMatchObject({ status: 200, body: { properties: { created: "2026-10-01T12:00:00.0000000+00:00" } } });
    const tie = (name: string, relatedResourceId: string) =>
      tenant.send(responder, "PUT", `${INCIDENTS}/one/relations/${name}`, { properties: { relatedResourceId } });
    const tied = await tie("r1", bookmark);
    expect(tied).toMatchObject({
      status: 200,
      body: {
        type: "Microsoft.SecurityInsights/Incidents/relations",
        properties: { relatedResourceType: "Microsoft.SecurityInsights/Bookmarks" },
      },
    });
    expect((await get("one")).body.etag).toBe(tied.body.etag);
    expect((await tie("a1", `${provider}/Entities/a1`)).status).toBe(200);
    expect((await tie("r2", `${provider}/Bookmarks/nowhere`)).status).toBe(400);
    expect((await tie("r2", "/subscriptions/elsewhere")).status).toBe(400);
    expect((await get("one")).body.properties?.additionalData).toMatchObject({ alertsCount: 1, bookmarksCount: 1 });
    expect((await tenant.send(responder, "GET", `${INCIDENTS}/one/relations`)).body.value).toHaveLength(2);
    expect((await tenant.send(responder, "POST", `${INCIDENTS}/one/bookmarks`)).body.value).toMatchObject([
      { kind: "Bookmark", properties: { displayName: "Look", friendlyName: "Look" } },
    ]);
    expect((await tenant.send(responder, "GET", bookmark)).body.properties?.incidentInfo).toMatchObject({
      incidentId: "one",
      relationName: "r1",
    });
    expect((await tenant.send(responder, "DELETE", `${INCIDENTS}/one/relations/r1`)).status).toBe(200);
    expect((await tenant.send(responder, "DELETE", `${INCIDENTS}/one/relations/a1`)).status).toBe(200);
    expect((await tenant.send(responder, "DELETE", `${INCIDENTS}/one/relations/a1`)).status).toBe(204);
    expect((await get("one")).body.properties?.additionalData).toMatchObject({ alertsCount: 0, bookmarksCount: 0 });
  });

  test("tasks, in the versions that have them", async () => {
    const { tenant, responder, put } = makeIncidentTenant();
    await put("one", PLAIN);
    const task = `${INCIDENTS}/one/tasks/t1?api-version=2024-03-01`;
    const body = { properties: { title: "Call the owner", status: "New" } };
    expect((await tenant.send(responder, "PUT", task, body)).status).toBe(201);
    expect((await tenant.send(responder, "PUT", task, { properties: { title: "x", status: "Done" } })).status).toBe(
      400,
    );
    expect(
      (await tenant.send(responder, "PUT", task, { properties: { title: "Call the owner", status: "Completed" } }))
        .status,
    ).toBe(200);
    const listed = await tenant.send(responder, "GET", `${INCIDENTS}/one/tasks?api-version=2024-03-01`);
    expect(listed.body.value).toMatchObject([{ properties: { status: "Completed" } }]);
    expect((await tenant.send(responder, "GET", `${INCIDENTS}/one/tasks`)).body.error?.code).toBe(
      "NoRegisteredProviderFound",
    );
  });
});
