import { describe, expect, test } from "vitest";
import { handleArm } from "../arm/service";
import { WORKSPACE } from "../arm/test-context";
import { INCIDENTS, makeIncidentTenant, PLAIN } from "./testing/incidents";

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
