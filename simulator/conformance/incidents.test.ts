import { SecurityInsights } from "@azure/arm-securityinsight";
import { beforeAll, describe, expect, test } from "vitest";
import { type TestTenant, testTenant } from "../test-tenant";
import { worldIds } from "../world/ids";
import { CREDENTIAL, sdkOptions } from "./testing/in-process";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await testTenant({ vaults: 2, throttle: false });
});

function setUp() {
  const { context } = tenant;
  const { subscriptions, personas, workspace } = worldIds(context);
  const administrator = context.model.principals.get(personas.administrator);
  if (!administrator) throw new Error("The world has an administrator.");
  const client = new SecurityInsights(CREDENTIAL, subscriptions[0] ?? "", sdkOptions(context, administrator));
  const [group = "", name = ""] = [workspace.resourceId.split("/")[4], workspace.resourceId.split("/").pop()];
  return { client, group, name, administrator };
}

async function collect<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

/** The refusal that a call ends in. */
function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "an answer",
    (error: unknown) => error,
  );
}

const PLAIN = { title: "A decoy was read", severity: "High", status: "New" };

describe("the unmodified Sentinel client", () => {
  test("makes an incident, changes it with its etag, and is told of a conflict", async () => {
    const { client, group, name, administrator } = setUp();
    const made = await client.incidents.createOrUpdate(group, name, "sdk-one", { ...PLAIN, description: "Why." });
    expect(made).toMatchObject({ name: "sdk-one", status: "New", description: "Why.", providerName: "Azure Sentinel" });
    expect(made.createdTimeUtc).toBeInstanceOf(Date);
    tenant.advance(1000);
    const closed = await client.incidents.createOrUpdate(group, name, "sdk-one", {
      ...PLAIN,
      ...(made.etag && { etag: made.etag }),
      status: "Closed",
      classification: "BenignPositive",
      classificationReason: "SuspiciousButExpected",
      owner: { objectId: administrator.oid },
      labels: [{ labelName: "drill" }],
    });
    expect(closed).toMatchObject({ status: "Closed", owner: { userPrincipalName: administrator.upn } });
    expect(closed.lastModifiedTimeUtc?.getTime()).toBe(tenant.context.now());
    const stale = { ...PLAIN, ...(made.etag && { etag: made.etag }) };
    expect(await refusalOf(client.incidents.createOrUpdate(group, name, "sdk-one", stale))).toMatchObject({
      statusCode: 409,
      code: "Conflict",
    });
    expect(await refusalOf(client.incidents.get(group, name, "sdk-nowhere"))).toMatchObject({ statusCode: 404 });
  });

  test("comments on it, ties a bookmark to it and reads what belongs to it", async () => {
    const { client, group, name, administrator } = setUp();
    await client.incidents.createOrUpdate(group, name, "sdk-two", PLAIN);
    await client.incidentComments.createOrUpdate(group, name, "sdk-two", "c1", { message: "Seen." });
    const comments = await collect(client.incidentComments.list(group, name, "sdk-two"));
    expect(comments).toMatchObject([{ message: "Seen.", author: { objectId: administrator.oid } }]);
    const bookmark = await client.bookmarks.createOrUpdate(group, name, "0f8fad5b-d9cb-469f-a165-70867728950e", {
      displayName: "Look",
      query: "AzureActivity",
    });
    await client.incidentRelations.createOrUpdate(group, name, "sdk-two", "r1", {
      relatedResourceId: bookmark.id ?? "",
    });
    expect((await client.incidents.listBookmarks(group, name, "sdk-two")).value).toMatchObject([{ kind: "Bookmark" }]);
    expect((await client.incidents.listAlerts(group, name, "sdk-two")).value).toEqual([]);
    expect(await client.incidents.listEntities(group, name, "sdk-two")).toMatchObject({ entities: [], metaData: [] });
    expect((await client.incidents.get(group, name, "sdk-two")).additionalData).toMatchObject({
      commentsCount: 1,
      bookmarksCount: 1,
    });
    await client.incidents.delete(group, name, "sdk-two");
    expect(await refusalOf(client.incidentComments.get(group, name, "sdk-two", "c1"))).toMatchObject({
      statusCode: 404,
    });
  });

  test("lists incidents by pages, filtered and sorted", async () => {
    const { client, group, name } = setUp();
    for (let i = 0; i < 7; i++) {
      await client.incidents.createOrUpdate(group, name, `sdk-list-${i}`, { ...PLAIN, title: `Listed ${i}` });
      tenant.advance(1000);
    }
    const options = {
      filter: "startswith(properties/title, 'Listed')",
      orderby: "properties/createdTimeUtc asc",
      top: 3,
    };
    const pages: number[] = [];
    const titles: (string | undefined)[] = [];
    for await (const page of client.incidents.list(group, name, options).byPage()) {
      pages.push(page.length);
      titles.push(...page.map(({ title }) => title));
    }
    expect(pages).toEqual([3, 3, 1]);
    expect(titles).toEqual(Array.from({ length: 7 }, (_, i) => `Listed ${i}`));
    const bad = collect(client.incidents.list(group, name, { filter: "properties/nothing eq 1" }));
    expect(await refusalOf(bad)).toMatchObject({ statusCode: 400, code: "BadRequest" });
  });

  test("writes automation rules, which are applied to the next incident", async () => {
    const { client, group, name } = setUp();
    const rule = "0f8fad5b-d9cb-469f-a165-708677289511";
    await client.automationRules.createOrUpdate(group, name, rule, {
      automationRuleToUpsert: {
        displayName: "Everything of this test is high",
        order: 1,
        triggeringLogic: {
          isEnabled: true,
          triggersOn: "Incidents",
          triggersWhen: "Created",
          conditions: [
            {
              conditionType: "Property",
              conditionProperties: {
                propertyName: "IncidentTitle",
                operator: "StartsWith",
                propertyValues: ["Automated"],
              },
            },
          ],
        },
        actions: [{ order: 1, actionType: "ModifyProperties", actionConfiguration: { status: "Active" } }],
      },
    });
    expect((await collect(client.automationRules.list(group, name))).map(({ name: id }) => id)).toContain(rule);
    const made = await client.incidents.createOrUpdate(group, name, "sdk-auto", { ...PLAIN, title: "Automated" });
    expect(made.status).toBe("Active");
    await client.automationRules.delete(group, name, rule);
  });
});
