import { describe, expect, test } from "vitest";
import { GROUP, makeArmTenant, NOON, SUBSCRIPTION, VAULT, WORKSPACE } from "./test-context";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const SETTINGS = `${VAULT}/providers/Microsoft.Insights/diagnosticSettings`;
const STORAGE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/archive`;
const LOGS = [{ category: "AuditEvent", enabled: true }];

function setUp() {
  const tenant = makeArmTenant({ delays: { diagnostics: 5000 } });
  const owner = tenant.personWith(["*"], ROOT);
  const put = (name: string, properties: object, as = owner) =>
    tenant.send(as, "PUT", `${SETTINGS}/${name}`, { properties });
  return { tenant, owner, put };
}

describe("diagnostic settings", () => {
  test("a setting is answered by get and list and begins to apply after the delay", async () => {
    const { tenant, owner, put } = setUp();
    const made = await put("audit", { workspaceId: WORKSPACE, logAnalyticsDestinationType: "Dedicated", logs: LOGS });
    expect(made.status).toBe(200);
    expect(made.body.id).toBe(`${VAULT.toLowerCase()}/providers/microsoft.insights/diagnosticSettings/audit`);
    expect(made.body.properties).toMatchObject({ workspaceId: WORKSPACE, logAnalyticsDestinationType: "Dedicated" });
    expect(tenant.context.model.diagnosticSettings.get(`${VAULT}/audit`)).toMatchObject({ effectiveAt: NOON + 5000 });
    expect((await tenant.send(owner, "GET", `${SETTINGS}/AUDIT`)).body).toEqual(made.body);
    expect((await tenant.send(owner, "GET", SETTINGS)).body.value).toEqual([made.body]);
  });

  test("writing the same again changes no time; another destination starts over", async () => {
    const { tenant, put } = setUp();
    await put("audit", { workspaceId: WORKSPACE, logs: LOGS });
    tenant.advance(60_000);
    await put("audit", { workspaceId: WORKSPACE, logs: LOGS });
    const effective = () => tenant.context.model.diagnosticSettings.get(`${VAULT}/audit`)?.effectiveAt;
    expect(effective()).toBe(NOON + 5000);
    await put("audit", { storageAccountId: STORAGE, logs: LOGS });
    expect(effective()).toBe(NOON + 65_000);
  });

  test("what the service refuses is refused", async () => {
    const { put } = setUp();
    const refused = [
      await put("a", { logs: LOGS }),
      await put("a", { workspaceId: WORKSPACE }),
      await put("a", { workspaceId: WORKSPACE, logs: [{ category: "Nonsense", enabled: true }] }),
      await put("a", { workspaceId: WORKSPACE, logs: [{ category: "AuditEvent" }] }),
      await put("a", { workspaceId: WORKSPACE, logs: [...LOGS, { categoryGroup: "audit", enabled: true }] }),
      await put("a", {
        workspaceId: WORKSPACE,
        logs: [{ category: "AuditEvent", categoryGroup: "audit", enabled: true }],
      }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400]);
    expect((await put("a", { workspaceId: `${WORKSPACE}-none`, logs: LOGS })).status).toBe(404);
  });

  test("the provider's refusals have code and message at the top, ARM's have them in error", async () => {
    const { tenant, owner, put } = setUp();
    const get = (path: string, as = owner) => tenant.send(as, "GET", path);
    expect((await get(`${SETTINGS}/none`)).body).toEqual({
      code: "ResourceNotFound",
      message: "The diagnostic setting 'none' doesn't exist.",
    });
    expect((await put("a", { logs: LOGS })).body).toMatchObject({ code: "BadRequest" });
    expect((await get(`${SETTINGS}/none`, tenant.person("nobody"))).body.error?.code).toBe("AuthorizationFailed");
    const nowhere = `${VAULT}x/providers/Microsoft.Insights/diagnosticSettings/none`;
    expect((await get(nowhere)).body.error?.code).toBe("ResourceNotFound");
  });

  test("one sink takes a category once per resource, in whatever form it is named", async () => {
    const { put } = setUp();
    expect((await put("a", { workspaceId: WORKSPACE, logs: LOGS })).status).toBe(200);
    const again = await put("b", {
      workspaceId: WORKSPACE.toUpperCase(),
      logs: [{ categoryGroup: "allLogs", enabled: true }],
    });
    expect(again.status).toBe(409);
    expect(String(again.body.message)).toContain("is already used in diagnostic setting 'a' for category 'AuditEvent'");
    expect((await put("b", { storageAccountId: STORAGE, logs: LOGS })).status).toBe(200);
  });

  test("a sixth setting is a conflict", async () => {
    const { put } = setUp();
    for (let i = 0; i < 5; i++)
      expect((await put(`s${i}`, { storageAccountId: `${STORAGE}${i}`, logs: LOGS })).status).toBe(200);
    expect((await put("s5", { storageAccountId: `${STORAGE}5`, logs: LOGS })).status).toBe(409);
    expect((await put("s4", { storageAccountId: `${STORAGE}9`, logs: LOGS })).status).toBe(200);
  });

  test("sending to a workspace needs a right on that workspace too", async () => {
    const { tenant, put } = setUp();
    const monitoring = tenant.personWith(["*/read", "Microsoft.Insights/diagnosticSettings/*"], VAULT);
    const refused = await put("audit", { workspaceId: WORKSPACE, logs: LOGS }, monitoring);
    expect([refused.status, refused.body.error?.code]).toEqual([403, "LinkedAuthorizationFailed"]);
    tenant.assign(
      monitoring,
      tenant.role({ actions: ["Microsoft.OperationalInsights/workspaces/sharedKeys/action"] }),
      WORKSPACE,
    );
    expect((await put("audit", { workspaceId: WORKSPACE, logs: LOGS }, monitoring)).status).toBe(200);
  });

  test("delete is 200, then 204; a reader may not", async () => {
    const { tenant, owner, put } = setUp();
    await put("audit", { workspaceId: WORKSPACE, logs: LOGS });
    const reader = tenant.personWith(["*/read"], ROOT);
    expect((await tenant.send(reader, "DELETE", `${SETTINGS}/audit`)).status).toBe(403);
    expect((await tenant.send(owner, "DELETE", `${SETTINGS}/audit`)).status).toBe(200);
    expect((await tenant.send(owner, "DELETE", `${SETTINGS}/audit`)).status).toBe(204);
    expect((await tenant.send(owner, "GET", `${SETTINGS}/audit`)).status).toBe(404);
  });

  test("a vault offers its categories; other resources have no settings", async () => {
    const { tenant, owner } = setUp();
    const { body } = await tenant.send(
      owner,
      "GET",
      `${VAULT}/providers/Microsoft.Insights/diagnosticSettingsCategories`,
    );
    expect(JSON.parse(JSON.stringify(body.value)).map((found: { name: string }) => found.name)).toEqual([
      "AuditEvent",
      "AzurePolicyEvaluationDetails",
      "AllMetrics",
    ]);
    const ofWorkspace = `${WORKSPACE}/providers/Microsoft.Insights/diagnosticSettings`;
    expect((await tenant.send(owner, "GET", ofWorkspace)).body.value).toEqual([]);
    const put = await tenant.send(owner, "PUT", `${ofWorkspace}/x`, {
      properties: { storageAccountId: STORAGE, logs: LOGS },
    });
    expect([put.status, put.body.code]).toEqual([400, "ResourceTypeNotSupported"]);
  });
});
