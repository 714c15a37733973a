import { beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../arm/test-context";
import { worldIds } from "../world/ids";
import {
  appToken,
  arm,
  context,
  open,
  personToken,
  principal,
  registrar,
  rows,
  send,
  start,
  sync,
  workspaceId,
} from "./testing/tenant";

beforeEach(() => start());

describe("who may", () => {
  test("no token, one for another service, one without the permission", async () => {
    const none = await send("GET", "/v1.0/security/incidents", { token: "" });
    expect(none).toMatchObject({ status: 401, body: { error: { code: "InvalidAuthenticationToken" } } });
    expect(Object.keys(none.body.error?.innerError ?? {})).toEqual(["date", "request-id", "client-request-id"]);
    expect(none.headers?.["request-id"]).toBe(none.body.error?.innerError?.["request-id"]);
    const other = await appToken(registrar(), "https://management.azure.com");
    expect((await send("GET", "/v1.0/security/incidents", { token: other })).status).toBe(401);
    const drill = principal(worldIds(context).identities.drill.objectId);
    expect(await send("GET", "/v1.0/security/incidents", { token: await appToken(drill) })).toMatchObject({
      status: 403,
      body: { error: { code: "Forbidden", message: expect.stringContaining("Missing application roles") } },
    });
  });

  test("a reader may look and not write", async () => {
    const { providerIncidentId } = open();
    const token = await appToken(principal(worldIds(context).identities.collector.objectId));
    expect((await send("GET", "/v1.0/security/incidents", { token })).status).toBe(200);
    const path = `/v1.0/security/incidents/${providerIncidentId}`;
    expect((await send("PATCH", path, { token, body: { status: "resolved" } })).status).toBe(403);
  });

  test("a person needs the delegated permission and a role in the directory", async () => {
    const { analyst, owner } = worldIds(context).personas;
    const asked = "SecurityIncident.Read.All";
    const status = async (oid: string, ...scopes: string[]) =>
      (await send("GET", "/v1.0/security/incidents", { token: await personToken(oid, ...scopes) })).status;
    expect(await status(analyst, asked)).toBe(200);
    expect(await status(analyst, "SecurityIncident.ReadWrite.All")).toBe(200);
    expect(await status(analyst, "User.Read")).toBe(403);
    expect(await status(owner, asked)).toBe(403);
  });
});

test("an option that is given twice is refused", async () => {
  const token = await appToken(principal(worldIds(context).identities.collector.objectId));
  expect(await send("GET", "/v1.0/security/incidents?$top=1&$top=2", { token })).toMatchObject({
    status: 400,
    body: {
      error: {
        code: "BadRequest",
        message: "Query option '$top' was specified more than once, but it must be specified at most once.",
      },
    },
  });
});

describe("incidents of the Defender portal", () => {
  test("have their own numbers, and are listed with their alerts", async () => {
    const incident = open();
    expect(incident.providerName).toBe("Microsoft XDR");
    expect(incident.providerIncidentId).not.toBe(String(incident.incidentNumber));
    const { body } = await send("GET", "/v1.0/security/incidents?$expand=alerts&$count=true");
    expect(body["@odata.count"]).toBe(1);
    expect(body.value).toMatchObject([
      {
        id: incident.providerIncidentId,
        status: "active",
        severity: "high",
        classification: "unknown",
        determination: "unknown",
        assignedTo: null,
        redirectIncidentId: null,
        incidentWebUrl: expect.stringContaining(`/incidents/${incident.providerIncidentId}?tid=`),
        alerts: [
          {
            id: "sna0",
            incidentId: incident.providerIncidentId,
            serviceSource: "unknownFutureValue",
            evidence: [
              { "@odata.type": "#microsoft.graph.security.userEvidence" },
              { "@odata.type": "#microsoft.graph.security.ipEvidence", ipAddress: "203.0.113.7" },
              { "@odata.type": "#microsoft.graph.security.azureResourceEvidence", resourceType: "A.B/c" },
            ],
          },
        ],
      },
    ]);
    const arming = await arm("GET", `incidents/${incident.name}`);
    expect(arming.body.properties).toMatchObject({
      providerName: "Microsoft XDR",
      providerIncidentId: incident.providerIncidentId,
      additionalData: { providerIncidentUrl: expect.stringContaining(incident.providerIncidentId) },
    });
    expect(rows()[0]?.values).not.toHaveProperty("Description");
  });

  test("are filtered and paged", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 60; i++) ids.unshift(open({ severity: i % 2 === 0 ? "Low" : "High" }).providerIncidentId);
    const first = await send("GET", "/v1.0/security/incidents");
    const next = new URL(String(first.body["@odata.nextLink"]));
    const second = await send("GET", `${next.pathname}${next.search}`);
    const idsOf = ({ body }: { body: Answer }) =>
      JSON.parse(JSON.stringify(body)).value.map(({ id }: { id: string }) => id);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids);
    expect(second.body["@odata.nextLink"]).toBeUndefined();
    const found = await send(
      "GET",
      "/v1.0/security/incidents?$filter=severity eq 'low' and status eq 'active'&$top=40",
    );
    expect(idsOf(found)).toHaveLength(30);
    for (const query of [
      "$top=51",
      "$top=x",
      "$filter=severity",
      "$filter=title eq 'x'",
      "$orderby=id",
      "$expand=me",
    ]) {
      expect((await send("GET", `/v1.0/security/incidents?${query}`)).status, query).toBe(400);
    }
  });

  test("a change shows in Graph at once, and in Sentinel after the delay, as one row", async () => {
    const { name, providerIncidentId } = open();
    const path = `/v1.0/security/incidents/${providerIncidentId}`;
    const { upn = "" } = principal(worldIds(context).personas.analyst);
    await send("PATCH", path, { body: { status: "inProgress", assignedTo: upn, customTags: ["drill"] } });
    const changed = await send("PATCH", path, {
      body: { status: "RESOLVED", classification: "informationalExpectedActivity", determination: "securityTesting" },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        status: "resolved",
        classification: "informationalExpectedActivity",
        assignedTo: upn,
        customTags: ["drill"],
      },
    });
    await send("POST", `${path}/comments`, { body: { comment: "Only a drill." } });
    expect((await arm("GET", `incidents/${name}`)).body.properties?.status).toBe("New");
    expect(rows()).toHaveLength(1);
    await sync();
    expect((await arm("GET", `incidents/${name}`)).body.properties).toMatchObject({
      status: "Closed",
      classification: "BenignPositive",
      classificationReason: "SuspiciousButExpected",
      owner: { userPrincipalName: upn, ownerType: "User" },
      labels: [{ labelName: "drill" }],
      additionalData: { commentsCount: 1 },
    });
    expect(rows()).toHaveLength(2);
    const { body } = await send("GET", path);
    expect(body).toMatchObject({ status: "resolved", determination: "securityTesting" });
    expect(body.comments).toMatchObject([{ comment: "Only a drill.", createdByDisplayName: registrar().name }]);
    await send("PATCH", path, { body: { status: "active", assignedTo: null } });
    await sync();
    const reopened = (await arm("GET", `incidents/${name}`)).body.properties;
    expect(reopened).toMatchObject({ status: "New", owner: { userPrincipalName: null } });
    expect(reopened).not.toHaveProperty("classification");
  });

  test("Sentinel's own API changes what goes both ways, and leaves Defender what is Defender's", async () => {
    const { name, title, providerIncidentId } = open();
    const put = await arm("PUT", `incidents/${name}`, {
      properties: { title: "Another", severity: "Low", status: "Active", labels: [{ labelName: "seen" }] },
    });
    expect(put).toMatchObject({
      status: 200,
      body: { properties: { title, severity: "High", status: "Active", labels: [{ labelName: "seen" }] } },
    });
    const { body } = await send("GET", `/v1.0/security/incidents/${providerIncidentId}`);
    expect(body).toMatchObject({ status: "inProgress", customTags: ["seen"], displayName: title });
    const comment = `incidents/${name}/comments/c1`;
    await arm("PUT", comment, { properties: { message: "first" } });
    await arm("PUT", comment, { properties: { message: "edited" } });
    const seen = await send("GET", `/v1.0/security/incidents/${providerIncidentId}`);
    expect(seen.body.comments).toMatchObject([{ comment: "first" }]);
    const alert = `${workspaceId}/providers/Microsoft.SecurityInsights/Entities/a0`;
    const tie = { properties: { relatedResourceId: alert } };
    expect((await arm("PUT", `incidents/${name}/relations/a0`, tie)).status).toBe(400);
    expect((await arm("DELETE", `incidents/${name}`)).status).toBe(400);
  });

  test("what is made in Sentinel does not get there", async () => {
    const made = await arm("PUT", "incidents/mine", { properties: { title: "Mine", severity: "Low", status: "New" } });
    expect(made.body.properties?.providerName).toBe("Azure Sentinel");
    expect((await send("GET", "/v1.0/security/incidents")).body.value).toEqual([]);
  });

  test("what does not fit is refused in Graph's form", async () => {
    const { providerIncidentId } = open();
    const path = `/v1.0/security/incidents/${providerIncidentId}`;
    const bad = ["{", "[]", { status: "redirected" }, { status: 1 }, { severity: "critical" }, { colour: "red" }];
    for (const body of bad) {
      expect(await send("PATCH", path, { body }), JSON.stringify(body)).toMatchObject({
        status: 400,
        body: { error: { code: "BadRequest", innerError: {} } },
      });
    }
    expect((await send("POST", `${path}/comments`, { body: { comment: "" } })).status).toBe(400);
    expect((await send("GET", "/v1.0/security/incidents/1")).status).toBe(404);
    expect((await send("DELETE", path)).status).toBe(405);
    expect((await send("GET", "/v1.0/users")).body.error?.message).toBe("Resource not found for the segment 'users'.");
    expect((await send("GET", "/v9/security/incidents")).status).toBe(400);
  });

  test("a tenant that is not onboarded has none", async () => {
    await start({});
    const incident = open();
    expect(incident).toMatchObject({ providerName: "Azure Sentinel", providerIncidentId: "1" });
    const { analyst } = worldIds(context).personas;
    const token = await personToken(analyst, "SecurityIncident.ReadWrite.All");
    expect((await send("GET", "/v1.0/security/incidents", { token })).body.value).toEqual([]);
    expect((await send("GET", "/v1.0/security/incidents/1", { token })).status).toBe(404);
  });
});

describe("alerts of the Defender portal", () => {
  test("are listed when they have an incident, and changed", async () => {
    const { providerIncidentId } = open();
    open();
    const list = await send("GET", "/v1.0/security/alerts_v2", { prefer: "include-unknown-enum-members" });
    expect(list.body.value).toHaveLength(2);
    expect(list.body.value?.[0]).toMatchObject({ serviceSource: "microsoftSentinel", detectionSource: "nrtAlerts" });
    const path = "/v1.0/security/alerts_v2/sna0";
    const patch = await send("PATCH", path, { body: { status: "resolved", classification: "truePositive" } });
    expect(patch.body).toMatchObject({ status: "resolved", incidentId: providerIncidentId });
    expect(patch.body.resolvedDateTime).toBe("2026-11-22T09:00:00.0000000Z");
    expect((await send("GET", path)).body).toMatchObject({ status: "resolved", classification: "truePositive" });
    const open1 = await send("GET", "/v1.0/security/alerts_v2?$filter=status eq 'new'");
    expect(open1.body.value).toHaveLength(1);
    expect((await send("GET", "/v1.0/security/alerts_v2/sn-nowhere")).status).toBe(404);
    expect((await send("PATCH", path, { body: { status: "dismissed" } })).status).toBe(400);
  });
});
