import { describe, expect, test } from "vitest";
import { handleArm } from "../arm/service";
import { WORKSPACE } from "../arm/test-context";
import { openIncident } from "./incident-changes";
import { newIncident } from "./incident-store";
import { addAlert, INCIDENTS, makeIncidentTenant, PLAIN } from "./testing/incidents";

describe("an incident", () => {
  test("is made, read, changed and deleted, with a row for each change", async () => {
    const { tenant, responder, put, get, rows } = makeIncidentTenant();
    const made = await put("one", PLAIN);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: `${WORKSPACE}/providers/Microsoft.SecurityInsights/Incidents/one`,
      type: "Microsoft.SecurityInsights/Incidents",
      properties: {
        incidentNumber: 1,
        providerName: "Azure Sentinel",
        providerIncidentId: "1",
        createdTimeUtc: "2026-10-01T12:00:00.0000000Z",
        owner: { objectId: null, email: null, assignedTo: null, userPrincipalName: null, ownerType: null },
        additionalData: { alertsCount: 0, bookmarksCount: 0, commentsCount: 0, alertProductNames: [], tactics: [] },
      },
    });
    tenant.advance(60_000);
    const changed = await put("one", { ...PLAIN, severity: "High", status: "Active" });
    expect(changed.status).toBe(200);
    expect(changed.body.etag).not.toBe(made.body.etag);
    expect((await get("ONE")).body).toEqual(changed.body);
    expect(rows()).toMatchObject([
      { IncidentName: "one", IncidentNumber: 1, Severity: "Medium", Status: "New", ModifiedBy: responder.upn },
      {
        Severity: "High",
        Status: "Active",
        CreatedTime: "2026-10-01T12:00:00.0000000Z",
        FirstModifiedTime: "2026-10-01T12:01:00.0000000Z",
        LastModifiedTime: "2026-10-01T12:01:00.0000000Z",
      },
    ]);
    expect(await tenant.send(responder, "DELETE", `${INCIDENTS}/one`)).toMatchObject({ status: 200, body: {} });
    expect((await tenant.send(responder, "DELETE", `${INCIDENTS}/one`)).status).toBe(204);
    expect((await get("one")).status).toBe(404);
    expect((await put("one", PLAIN)).body.properties?.incidentNumber).toBe(2);
  });

  test("an old etag in the body is 409, in If-Match 412; without one the last writer wins", async () => {
    const { tenant, responder, put } = makeIncidentTenant();
    const made = await put("one", PLAIN);
    expect((await put("one", PLAIN, { etag: made.body.etag })).status).toBe(200);
    expect(await put("one", PLAIN, { etag: made.body.etag })).toMatchObject({
      status: 409,
      body: { error: { code: "Conflict", message: "Newer version of resource 'one' exists. Data was not saved" } },
    });
    const call = tenant.call(responder, "PUT", `${INCIDENTS}/one?api-version=2022-09-01-preview`, {
      properties: PLAIN,
    });
    const request = { ...call.request, headers: { "if-match": '"old"' } };
    expect(await handleArm({ ...call, request })).toMatchObject({
      status: 412,
      body: { error: { code: "PreconditionFailed" } },
    });
    expect((await put("one", PLAIN)).status).toBe(200);
  });

  test("closing needs a classification with its reason, and reopening takes both away", async () => {
    const { put, rows } = makeIncidentTenant();
    const close = (more: object) => put("one", { ...PLAIN, status: "Closed", ...more });
    expect((await close({})).status).toBe(400);
    expect((await close({ classification: "TruePositive" })).status).toBe(400);
    expect((await close({ classification: "TruePositive", classificationReason: "IncorrectAlertLogic" })).status).toBe(
      400,
    );
    expect(rows()).toEqual([]);
    const closed = await close({
      classification: "BenignPositive",
      classificationReason: "SuspiciousButExpected",
      classificationComment: "A drill.",
    });
    expect(closed.body.properties).toMatchObject({
      classification: "BenignPositive",
      classificationComment: "A drill.",
    });
    const reopened = await put("one", { ...PLAIN, status: "Active", classification: "BenignPositive" });
    expect(reopened.body.properties).not.toHaveProperty("classification");
    expect(rows().map((row) => [row.Status, row.Classification, row.ClosedTime])).toEqual([
      ["Closed", "BenignPositive", "2026-10-01T12:00:00.0000000Z"],
      ["Active", undefined, undefined],
    ]);
    expect((await close({ classification: "Undetermined" })).status).toBe(200);
  });

  test("an owner whom the directory knows is filled in, and what a PUT leaves out is gone", async () => {
    const { tenant, put } = makeIncidentTenant();
    const ada = tenant.person("ada");
    const filled = {
      objectId: ada.oid,
      email: ada.upn,
      assignedTo: "ada",
      userPrincipalName: ada.upn,
      ownerType: "User",
    };
    const labels = [{ labelName: "decoy" }, { labelName: "decoy" }];
    const owned = await put("one", { ...PLAIN, description: "Why.", owner: { objectId: ada.oid }, labels });
    expect(owned.body.properties).toMatchObject({
      owner: filled,
      labels: [{ labelName: "decoy", labelType: "User" }],
      description: "Why.",
    });
    expect((await put("one", { ...PLAIN, owner: { email: ada.upn } })).body.properties?.owner).toEqual(filled);
    const stranger = await put("one", { ...PLAIN, owner: { assignedTo: "Somebody" } });
    expect(stranger.body.properties?.owner).toMatchObject({
      assignedTo: "Somebody",
      objectId: null,
      ownerType: "Unknown",
    });
    const bare = await put("one", PLAIN);
    expect(bare.body.properties).toMatchObject({ labels: [], owner: { objectId: null } });
    expect(bare.body.properties).not.toHaveProperty("description");
  });

  test("what does not fit is refused, and nothing is there afterwards", async () => {
    const { tenant, responder, put, list } = makeIncidentTenant();
    const bad = [
      { severity: "Medium", status: "New" },
      { ...PLAIN, title: "" },
      { ...PLAIN, severity: "Critical" },
      { ...PLAIN, status: "Resolved" },
      { ...PLAIN, owner: { objectId: "not-a-guid" } },
      { ...PLAIN, labels: [{}] },
      { ...PLAIN, firstActivityTimeUtc: "yesterday" },
      { ...PLAIN, lastActivityTimeUtc: "0001-01-01T00:00:00Z" },
      { ...PLAIN, lastActivityTimeUtc: "9999-12-31T23:59:59-23:00" },
    ];
    for (const properties of bad) expect((await put("one", properties)).status, JSON.stringify(properties)).toBe(400);
    expect((await put("a b", PLAIN)).status).toBe(400);
    for (const body of ["{", "[]", "null", '{"properties":null}']) {
      expect((await tenant.send(responder, "PUT", `${INCIDENTS}/one`, body)).status, body).toBe(400);
    }
    expect((await list()).body).toEqual({ value: [] });
    expect((await put("__proto__", PLAIN)).status).toBe(201);
    expect((await put("constructor", PLAIN)).status).toBe(201);
  });

  test("a reader may look and not write; who has nothing may not look", async () => {
    const { tenant, put } = makeIncidentTenant();
    await put("one", PLAIN);
    const reader = tenant.personWith(["Microsoft.SecurityInsights/*/read"], WORKSPACE);
    expect((await tenant.send(reader, "GET", `${INCIDENTS}/one`)).status).toBe(200);
    expect((await tenant.send(reader, "POST", `${INCIDENTS}/one/entities`)).status).toBe(200);
    expect((await tenant.send(reader, "PUT", `${INCIDENTS}/one`, { properties: PLAIN })).status).toBe(403);
    const comment = { properties: { message: "x" } };
    expect((await tenant.send(reader, "PUT", `${INCIDENTS}/one/comments/c`, comment)).status).toBe(403);
    const nobody = tenant.person("nobody");
    expect((await tenant.send(nobody, "GET", `${INCIDENTS}/nowhere`)).status).toBe(403);
  });
});

describe("the list of incidents", () => {
  async function filled() {
    const made = makeIncidentTenant();
    const { tenant, put } = made;
    for (let i = 1; i <= 7; i++) {
      await put(`n${i}`, {
        title: i % 2 === 0 ? `Decoy ${i}` : `Other ${i}`,
        severity: i > 5 ? "High" : "Low",
        status: "New",
        labels: i === 3 ? [{ labelName: "drill" }] : [],
      });
      tenant.advance(60_000);
    }
    return made;
  }

  const names = (body: unknown): string[] =>
    JSON.parse(JSON.stringify(body)).value.map((incident: { name: string }) => incident.name);

  test("is newest first, and filtered and sorted as asked", async () => {
    const { list } = await filled();
    expect(names((await list()).body)).toEqual(["n7", "n6", "n5", "n4", "n3", "n2", "n1"]);
    const find = async (filter: string, order?: string) => {
      const query = new URLSearchParams({ $filter: filter, ...(order ? { $orderby: order } : {}) });
      return names((await list(`?${query.toString()}`)).body);
    };
    expect(await find("properties/severity eq 'High'")).toEqual(["n7", "n6"]);
    expect(await find("properties/createdTimeUtc ge 2026-10-01T12:05:00Z", "properties/createdTimeUtc asc")).toEqual([
      "n6",
      "n7",
    ]);
    expect(await find("contains(properties/title, 'Decoy')", "properties/incidentNumber asc")).toEqual([
      "n2",
      "n4",
      "n6",
    ]);
    expect(await find("properties/labels/any(l: l/labelName eq 'drill')")).toEqual(["n3"]);
    expect(await find("not (properties/status eq 'New')")).toEqual([]);
    expect(await find("properties/incidentNumber eq 4 or properties/title eq 'Other 1'")).toEqual(["n4", "n1"]);
  });

  test("what the service does not understand is 400", async () => {
    const { list } = await filled();
    const bad = [
      "$filter=properties/severity is 'High'",
      "$filter=properties/unknown eq 'x'",
      "$filter=properties/createdTimeUtc gt 'yesterday'",
      "$filter=properties/labels/all(l: l/labelName eq 'drill')",
      "$filter=properties/severity eq 'High' and properties/labels/any(l: l/labelName eq 'drill')",
      "$filter=properties/labels/any(l: l/labelName eq 'a') or properties/labels/any(l: l/labelName eq 'b')",
      "$orderby=properties/unknown",
      "$orderby=properties/title sideways",
    ];
    for (const query of bad) {
      expect(await list(`?${encodeURI(query)}`), query).toMatchObject({
        status: 400,
        body: { error: { code: "BadRequest", message: "OData query syntax error" } },
      });
    }
    for (const query of ["$top=0", "$top=1001", "$top=x", "$skipToken=x", "$skipToken=bnVsbA"]) {
      expect((await list(`?${query}`)).status, query).toBe(400);
    }
  });

  test("pages neither repeat nor skip while the list grows and changes", async () => {
    const { tenant, put, list } = await filled();
    const seen: string[] = [];
    let next: string | undefined = "?$top=3";
    while (next !== undefined) {
      const { body } = await list(next);
      seen.push(...names(body));
      next = body.nextLink === undefined ? undefined : new URL(String(body.nextLink)).search;
      if (seen.length === 3) {
        await put("late", PLAIN);
        await put("n2", { ...PLAIN, status: "Active" });
        tenant.context.model.incidents.delete(`${WORKSPACE}/n4`);
      }
    }
    expect(seen).toEqual(["n7", "n6", "n5", "n3", "n2", "n1"]);
  });
});

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
