import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { listAlertRules, putAlertRule } from "@/lib/azure/rules";
import type { ServiceContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { ruleBodies } from "@/lib/detection/rule-export";
import { deployRecommendation } from "@/lib/distribution/deploy";
import { changeSettings } from "@/lib/settings/settings";
import { DEFAULT_SETTINGS } from "@/lib/settings/settings.pure";
import { readChecks, runChecks } from "./checks";
import type { Check } from "./checks.pure";

/* The prerequisites against a simulated tenant that has them all, and against configurations that do not fit it. */

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await startTenant("--vaults", "40", "--seed", "1", "--warm-parser");
  // The first queries of a cold tenant on a busy machine may take longer than the product waits.
  await vi.waitFor(async () => expect(found(await runChecks(tenant.service), "watchlist").state).toBe("right"), {
    timeout: 240_000,
    interval: 1_000,
  });
}, 300_000);
afterAll(() => tenant?.stop());

function found(checks: readonly Check[], id: string): Check {
  return checks.find((check) => check.id === id) ?? expect.fail(`no check ${id}`);
}

/** The same product with another configuration. */
function configured(change: Partial<ServiceContext["config"]>): ServiceContext {
  return { ...tenant.service, config: { ...tenant.service.config, ...change } };
}

const NOBODY = { clientId: "00000000-0000-4000-8000-00000000dead", objectId: "00000000-0000-4000-8000-00000000dead" };

describe("in a tenant that is set up", () => {
  test("nothing is wrong, each thing was really seen, and a person's consents are among them", async () => {
    const { checks } = await readChecks(await tenant.as("Administrator"));
    expect(checks.filter(({ state }) => state === "wrong" || state === "unknown")).toEqual([]);
    expect(found(checks, "consent-vault")).toMatchObject({ state: "right" });
    expect(found(checks, "audit-rows").evidence).toMatch(/newest row 20\d\d-/);
    expect(found(checks, "watchlist").state).toBe("right");
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    expect(checks.filter(({ area }) => area === "rules").map(({ id, state }) => `${id} ${state}`)).toEqual([
      "rule-touched right",
      "rule-tampering right",
      "rule-vault-silent right",
      "rule-list-then-get right",
    ]);
    expect(found(checks, "planter").evidence).toMatch(/nothing for good.*in all of \d+ subscriptions/);
    expect(found(checks, "app-roles").evidence).toContain("Soc.Analyst: 1, Platform.Admin: 1");
    // Evidence that is older than the look says from when it is.
    expect(Date.parse(found(checks, "activity-rows").at)).toBeLessThan(Date.now() - 1_000);
  });
});

describe("what does not fit is named with its fix, and hides nothing else", () => {
  test("a workspace that is not there", async () => {
    const { workspace } = tenant.service.config;
    const resourceId = workspace.resourceId.replace(/[^/]+$/, "nowhere");
    const checks = await runChecks(configured({ workspace: { ...workspace, resourceId } }));
    for (const id of ["workspace", "sentinel", "watchlist"])
      expect(found(checks, id), id).not.toMatchObject({ state: "right" });
    expect(found(checks, "workspace").fix).not.toBe("");
    expect(found(checks, "collector").state).toBe("right");
  });

  test("ids that belong to two workspaces, or to two identities", async () => {
    const { identities, workspace } = tenant.service.config;
    const customerId = "00000000-0000-4000-8000-00000000cafe";
    const planter = { ...identities.planter, objectId: identities.drill.objectId };
    const checks = await runChecks(
      configured({ workspace: { ...workspace, customerId }, identities: { ...identities, planter } }),
    );
    expect(found(checks, "workspace")).toMatchObject({
      state: "wrong",
      evidence: expect.stringContaining(workspace.customerId),
      fix: expect.stringContaining("SENTINEL_WORKSPACE_ID"),
    });
    expect(found(checks, "token-planter")).toMatchObject({
      state: "wrong",
      evidence: expect.stringContaining(identities.planter.objectId),
      fix: expect.stringContaining("PLANTER_OBJECT_ID"),
    });
    expect(found(checks, "token-drill").state).toBe("right");
  });

  test("identities without their roles, and a drill that is somebody else's", async () => {
    const { identities } = tenant.service.config;
    const checks = await runChecks(
      configured({ identities: { ...identities, registrar: NOBODY, granter: NOBODY, drill: identities.planter } }),
    );
    for (const id of ["registrar", "granter", "drill-apart"])
      expect(found(checks, id), id).toMatchObject({ state: "warning", fix: expect.stringMatching(/\w/) });
    expect(found(checks, "granter").command).toContain("--condition-version 2.0");
  });

  test("a role to plant that nobody created", async () => {
    const checks = await runChecks(configured({ plantRoleId: "00000000-0000-4000-8000-00000000beef" }));
    expect(found(checks, "custom-roles")).toMatchObject({
      state: "wrong",
      evidence: expect.stringContaining("missing"),
    });
  });

  test("identities that only the workers hold are not asked here, and nothing is wrong with that", async () => {
    const here = configured({ runJobs: false });
    const { identities } = tenant.service.config;
    const refuses = { ...here.azure.planter, credential: { getToken: () => expect.fail("it was asked for a token") } };
    const web = { ...here, azure: { ...here.azure, planter: refuses, drill: refuses } };
    const checks = await runChecks(web);
    expect(checks.filter(({ state }) => state === "wrong")).toEqual([]);
    for (const name of ["planter", "drill"])
      expect(found(checks, `token-${name}`)).toMatchObject({
        state: "unknown",
        evidence: expect.stringMatching(/^Only the workers act with it/),
        fix: expect.stringContaining("doctor"),
      });
    for (const name of ["collector", "registrar", "granter"])
      expect(found(checks, `token-${name}`).state).toBe("right");

    const at = new Date(Date.now() - 3_600_000);
    await tenant.service.db
      .insertInto("drill")
      .values({
        id: "drill-of-a-worker",
        vault_id: "/subscriptions/x",
        origin: "person",
        requested_by_tid: "t",
        requested_by_oid: "o",
        requested_by_name: "n",
        identity_oid: identities.drill.objectId,
        state: "passed",
        requested_at: at,
        not_before: at,
        answered_at: at,
        answer_status: 403,
      })
      .execute();
    expect(found(await runChecks(web), "token-drill")).toMatchObject({ state: "right", at: at.toISOString() });
    await tenant.service.db.deleteFrom("drill").where("id", "=", "drill-of-a-worker").execute();

    // One identity for all: this process holds it as the collector.
    const all = configured({ runJobs: false, identities: { ...identities, planter: identities.collector } });
    const shared = await runChecks({ ...all, azure: { ...all.azure, planter: all.azure.collector } });
    expect(found(shared, "token-planter").state).toBe("right");
  });

  test("a workspace and subscriptions that the collector may not read", async () => {
    const { azure } = tenant.service;
    // An identity that holds nothing in place of the collector.
    const checks = await runChecks({ ...tenant.service, azure: { ...azure, collector: azure.drill } });
    for (const id of ["workspace", "watchlist", "collector", "rule-touched", "custom-roles", "planter", "plan"])
      expect(found(checks, id), id).not.toMatchObject({ state: "right" });
    expect(found(checks, "workspace")).toMatchObject({ state: "wrong", fix: expect.stringMatching(/\w/) });
    expect(found(checks, "collector").command).toContain("az role assignment create");
    expect(found(checks, "token-registrar").state).toBe("right");
  });

  test("a rule that somebody has switched off, and one that somebody has changed", async () => {
    const admin = await tenant.as("Administrator");
    const { resourceId } = tenant.service.config.workspace;
    const listed = await listAlertRules(admin.asUser, resourceId);
    const change = async (file: string, properties: Record<string, unknown>) => {
      const body = ruleBodies().find((one) => one.file === file) ?? expect.fail(`no rule ${file}`);
      const { kind, name } = body;
      const there = listed.find((one) => one.name === name) ?? expect.fail(`no rule ${name}`);
      await putAlertRule(admin.asUser, resourceId, { name, kind, properties: { ...there.properties, ...properties } });
    };
    await change("honeytoken-touched", { enabled: false });
    await change("honeytoken-tampering", { suppressionEnabled: true });
    const checks = await runChecks(tenant.service);
    expect(found(checks, "rule-touched")).toMatchObject({
      state: "wrong",
      evidence: expect.stringContaining("switched off"),
      link: { href: "/setup/rules" },
    });
    expect(found(checks, "rule-tampering")).toMatchObject({
      state: "wrong",
      evidence: expect.stringContaining("suppressed"),
    });
    expect(found(checks, "rule-vault-silent").state).toBe("right");
  });

  test("a recommendation in use that is assigned nowhere, in one subscription, and where the collector may not look", async () => {
    const admin = await tenant.as("Administrator");
    const before = await runChecks(tenant.service);
    expect(found(before, "policy")).toMatchObject({
      state: "warning",
      evidence: expect.stringContaining("not in use"),
    });
    const value = { ...DEFAULT_SETTINGS.recommendation, inUse: true };
    await changeSettings(admin, { group: "recommendation", value, basedOn: null });
    expect(found(await runChecks(tenant.service), "policy")).toMatchObject({ state: "wrong" });

    const subscriptionId = tenant.service.config.workspace.resourceId.split("/")[2] ?? "";
    await deployRecommendation(admin, { scope: { subscriptionId }, location: "westeurope" });
    const after = await runChecks(tenant.service);
    expect(found(after, "policy")).toMatchObject({
      state: "warning",
      evidence: expect.stringMatching(/^Assigned at .*, not in /),
    });
    expect(["right", "warning"]).toContain(found(after, "policy-tags").state);
    expect(found(after, "policy-scan").evidence).toMatch(/looked at/);
  });

  test("a management group on which the collector has no right", async () => {
    const admin = await tenant.as("Administrator");
    const scope = { managementGroup: "contoso-production" };
    const { steps } = await deployRecommendation(admin, { scope, location: "westeurope" });
    expect(steps[0]).toMatchObject({ outcome: "written" });
    const policy = found(await runChecks(tenant.service), "policy");
    expect(policy).toMatchObject({
      state: "unknown",
      evidence: expect.stringContaining("contoso-production"),
      fix: expect.stringContaining("Give the collector Reader on that scope"),
    });
  });
});

describe("in a workspace that moved to the Defender portal", () => {
  let moved: TestTenant;
  beforeAll(async () => {
    moved = await startTenant("--vaults", "10", "--seed", "2", "--defender-portal");
    const [rule] = ruleBodies();
    const incident = { rule: rule?.name, at: new Date().toISOString(), title: "T", severity: "High" };
    const body = JSON.stringify({ incidents: [incident] });
    expect((await fetch(`${moved.url}/sim/incidents/fill`, { method: "POST", body })).status).toBe(200);
    // Its row takes a moment to be there.
    await vi.waitFor(
      async () => expect(found(await runChecks(moved.service), "portal").evidence).not.toContain("No incident"),
      { timeout: 60_000, interval: 1_000 },
    );
  }, 300_000);
  afterAll(() => moved?.stop());

  test("that is said, with what it takes, and an identity without the permission is named with its command", async () => {
    const { checks } = await readChecks(await moved.as("Administrator"));
    expect(found(checks, "portal")).toMatchObject({
      state: "right",
      evidence: expect.stringContaining("Defender portal"),
    });
    expect(found(checks, "graph-registrar").evidence).toContain("SecurityIncident.ReadWrite.All");
    expect(found(checks, "graph-registrar").state).toBe("right");
    expect(found(checks, "consent-graph")).toMatchObject({ state: "right" });
    const { azure } = moved.service;
    const weak = await runChecks({ ...moved.service, azure: { ...azure, registrar: azure.collector } });
    expect(found(weak, "graph-registrar")).toMatchObject({
      state: "wrong",
      evidence: expect.stringContaining("SecurityIncident.Read.All"),
      command: expect.stringContaining("appRoleAssignments"),
    });
  });
});
