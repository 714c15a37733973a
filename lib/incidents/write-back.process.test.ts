import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getGraphIncident, listGraphAlerts } from "@/lib/azure/graph-incidents";
import { listIncidentAlerts, listIncidentEntities } from "@/lib/azure/incident-contents";
import { getIncident, listIncidentComments, updateIncident } from "@/lib/azure/incidents";
import type { UserContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { waitFor } from "@/lib/coverage/testing/truth";
import { readIncident } from "./incident";
import { IncidentView } from "./incident.pure";
import { raiseIncident, type StoredIncident, storedIncident } from "./testing/raise";
import { changeIncident, readIncidentState } from "./write-back";

/* Incidents that a theft raised, changed by a person and by the product, in both places where they may be kept. */

describe.each([
  { through: "sentinel", options: [] },
  { through: "defender", options: ["--defender-portal"] },
] as const)("an incident that is kept in $through", ({ through, options }) => {
  let tenant: TestTenant;
  let analyst: UserContext;
  let raised: StoredIncident;

  beforeAll(async () => {
    tenant = await startTenant("--vaults", "60", "--seed", "1", ...options);
    analyst = await tenant.as("SOC analyst");
    raised = await raiseIncident(tenant);
  });

  afterAll(() => tenant?.stop());

  const by = () => analyst.user;
  const stored = () => storedIncident(tenant, raised.name);
  const auditRows = () =>
    tenant.service.db.selectFrom("audit").selectAll().where("action", "=", "incident.change").orderBy("id").execute();

  /** Sentinel hears of what was done in the Defender portal a little later. */
  async function settled(what: string, condition: (incident: Awaited<ReturnType<typeof stored>>) => boolean) {
    await waitFor(what, async () => condition(await stored()), 15_000);
    return stored();
  }

  test("says which rule raised it and what it is about", async () => {
    const { resourceId } = tenant.service.config.workspace;
    const alerts = await listIncidentAlerts(analyst.asUser, resourceId, raised.name);
    expect(alerts.map(({ ruleId }) => ruleId)).toEqual(expect.arrayContaining([raised.ruleIds[0]?.toLowerCase()]));
    expect(alerts[0]?.customDetails.Operations).toContain("SecretGet");
    const entities = await listIncidentEntities(analyst.asUser, resourceId, raised.name);
    expect(entities.map(({ kind }) => kind)).toContain("AzureResource");
    if (through === "sentinel") return;
    const inPortal = await listGraphAlerts(analyst.asUser, raised.providerIncidentId);
    expect(inPortal.map(({ providerAlertId }) => providerAlertId)).toEqual(alerts.map(({ id }) => id));
  });

  test("opens as a page that says where it is kept", async () => {
    const view = IncidentView.parse(await readIncident(analyst, { id: raised.name, minutes: 60 }));
    expect(view).toMatchObject({ through, number: expect.any(Number), stateProblem: null, state: { status: "New" } });
    expect(view.sentence).toMatch(/ touched honeytoken .*: allowed SecretGet/);
    const portal = through === "defender" ? "https://security.microsoft.com/" : "https://portal.azure.com/";
    expect(view.url?.startsWith(portal)).toBe(true);
  });

  test("is taken over by a person, with a label and a comment, and keeps everything else", async () => {
    const { state } = await readIncidentState(tenant.service, analyst.asUser, raised.name);
    const message = "Looking at it <b>now</b> | =cmd()";
    const changed = await changeIncident(tenant.service, analyst.asUser, {
      by: by(),
      incidentName: raised.name,
      etag: state.etag,
      change: {
        status: "Active",
        owner: { objectId: analyst.user.oid, name: analyst.user.name, upn: analyst.user.upn ?? "" },
        labels: ["honeytoken"],
        comment: message,
      },
    });
    expect(changed).toMatchObject({ through, before: { status: "New" }, after: { status: "Active" } });
    expect(changed.commentProblem).toBeUndefined();
    const now = await settled("the change", ({ status, comments }) => status === "Active" && comments.length > 0);
    expect(now).toMatchObject({
      title: raised.title,
      description: raised.description,
      severity: raised.severity,
      ruleIds: raised.ruleIds,
      owner: { objectId: analyst.user.oid },
      comments: [message],
    });
    expect(now.labels.map(({ labelName }) => labelName)).toContain("honeytoken");
    const [row] = await auditRows();
    expect(row).toMatchObject({
      action: "incident.change",
      who: analyst.user.name,
      result: "ok",
      before: { incident: raised.name, status: "New" },
      after: { incident: raised.name, status: "Active" },
    });
    expect(JSON.stringify(row)).not.toContain("Looking");
  });

  test("does not change when it is not any more what the person saw", async () => {
    const { state } = await readIncidentState(tenant.service, analyst.asUser, raised.name);
    const elsewhere = { by: { tid: "t", system: "another" }, incidentName: raised.name };
    await changeIncident(tenant.service, tenant.service.azure.registrar, { ...elsewhere, change: { status: "New" } });
    const late = changeIncident(tenant.service, analyst.asUser, {
      by: by(),
      incidentName: raised.name,
      etag: state.etag,
      change: {
        status: "Closed",
        classification: "TruePositive",
        classificationReason: "SuspiciousActivity",
        comment: "too late",
      },
    });
    await expect(late).rejects.toMatchObject({
      failure: { code: "conflict", fix: expect.stringMatching(/look again/) },
    });
    const now = await settled("the other's change", ({ status }) => status === "New");
    expect(now.comments).toHaveLength(1);
    expect((await auditRows()).at(-1)?.result).toMatch(/Nothing was changed/);
  });

  test("is refused without a right to it, and says which right is missing", async () => {
    const refused = changeIncident(tenant.service, tenant.service.azure.drill, {
      by: { tid: "t", system: "another" },
      incidentName: raised.name,
      change: { status: "Active" },
    });
    await expect(refused).rejects.toMatchObject({ failure: { code: "forbidden" } });
  });

  test("takes no classification while it is open", async () => {
    const refused = changeIncident(tenant.service, analyst.asUser, {
      by: by(),
      incidentName: raised.name,
      change: { classification: "Undetermined" },
    });
    await expect(refused).rejects.toMatchObject({ failure: { code: "invalid", field: "classification" } });
  });

  test("is closed by the product's own identity with a reason, and opened again", async () => {
    const own = { by: { tid: "t", system: "drill" }, incidentName: raised.name };
    const { registrar } = tenant.service.azure;
    const closed = await changeIncident(tenant.service, registrar, {
      ...own,
      change: {
        status: "Closed",
        classification: "FalsePositive",
        classificationReason: "InaccurateData",
        classificationComment: "Rows of a test.",
        severity: "Low",
      },
    });
    expect(closed.after).toMatchObject({
      status: "Closed",
      severity: "Low",
      classification: "FalsePositive",
      classificationReason: "InaccurateData",
      classificationComment: "Rows of a test.",
    });
    const now = await settled("it to be closed", ({ status }) => status === "Closed");
    expect(now).toMatchObject({
      classification: "FalsePositive",
      classificationReason: "InaccurateData",
      classificationComment: "Rows of a test.",
      severity: "Low",
    });
    const open = await changeIncident(tenant.service, registrar, { ...own, change: { status: "Active", owner: null } });
    expect(open.after.owner).toBeUndefined();
    expect(open.after.classification).toBeUndefined();
    expect((await settled("it to be open", ({ status }) => status === "Active")).owner).toEqual({});
  });

  test("that is not there is not found", async () => {
    const { resourceId } = tenant.service.config.workspace;
    expect(await getIncident(analyst.asUser, resourceId, randomUUID())).toBeUndefined();
    if (through === "defender") expect(await getGraphIncident(analyst.asUser, "999999999")).toBeUndefined();
    const none = readIncidentState(tenant.service, analyst.asUser, randomUUID());
    await expect(none).rejects.toMatchObject({ failure: { code: "not_found" } });
  });

  test.runIf(through === "sentinel")("two that change it in the same moment: the second is told", async () => {
    const { resourceId } = tenant.service.config.workspace;
    const read = await getIncident(analyst.asUser, resourceId, raised.name);
    if (!read) throw new Error("no incident");
    await updateIncident(analyst.asUser, resourceId, read, { severity: "Medium" });
    const second = updateIncident(tenant.service.azure.registrar, resourceId, read, { severity: "High" });
    await expect(second).rejects.toMatchObject({ failure: { code: "conflict" } });
    expect((await stored()).severity).toBe("Medium");
    const comments = await listIncidentComments(analyst.asUser, resourceId, raised.name);
    expect(comments.map(({ message }) => message)).toEqual(["Looking at it <b>now</b> | =cmd()"]);
  });
});
