import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import type { UserContext } from "@/lib/context";
import { readBoard } from "@/lib/coverage/board";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { ruleBodies } from "@/lib/detection/rule-export";
import { readKql } from "@/lib/kql-files";
import { importRegister } from "@/lib/register/import";
import { listIncidents } from "./list";
import { IncidentList, IncidentListQuery, Unchanged } from "./list.pure";

/* A real touch in a simulated vault, through its log, rule, alert and incident, to the list that an analyst sees. */

const VAULTS = 24;
let tenant: TestTenant;
let analyst: UserContext;
let decoy: { vaultId: string; name: string };

beforeAll(async () => {
  tenant = await startTenant("--vaults", String(VAULTS), "--seed", "1");
  await importRegister(tenant.service);
  await collectAll(tenant.service, VAULTS);
  analyst = await tenant.as("SOC analyst");
  decoy = await watchedDecoy();
  await touch(decoy);
  // Nothing reads the vaults here, so the rule about silent ones raises an incident of its own, sooner or later.
  await seen(({ alerts }) => alerts.some(({ decoys, incident }) => decoys.length > 0 && incident !== null));
}, 300_000);
afterAll(() => tenant?.stop());

const ask = (input: Record<string, unknown> = {}) => listIncidents(analyst, IncidentListQuery.parse(input));
const read = async () => IncidentList.parse(await ask());

/** The list once it is as wished: rows, alerts and incidents come with the delays of the simulated Azure. */
const seen = (wished: (list: IncidentList) => boolean) =>
  vi.waitFor(
    async () => {
      const list = await read();
      expect(wished(list)).toBe(true);
      return list;
    },
    { timeout: 90_000, interval: 500 },
  );

async function watchedDecoy() {
  const { vaults } = await readBoard(await tenant.as("Administrator"));
  const green = vaults.filter(({ state }) => state === "protected").map(({ id }) => id);
  const { vault_id, name } = await tenant.service.db
    .selectFrom("decoy")
    .select(["name", "vault_id"])
    .where("vault_id", "in", green)
    .where("state", "=", "live")
    .where("kind", "=", "secret")
    .executeTakeFirstOrThrow();
  return { vaultId: vault_id, name };
}

const HOSTILE_AGENT = '=HYPERLINK("http://evil.test") <img src=x onerror=alert(1)> \' | take 1 //';

/** A read by an identity that has no right to it. */
async function touch({ vaultId, name }: { vaultId: string; name: string }): Promise<void> {
  const token = await tenant.service.azure.drill.credential.getToken("https://vault.azure.net/.default");
  const answer = await fetch(`${tenant.url}/secrets/${name}?api-version=7.4`, {
    headers: {
      "x-forwarded-host": `${vaultId.split("/").at(-1)}.vault.azure.net`,
      authorization: `Bearer ${token?.token}`,
      "user-agent": HOSTILE_AGENT,
    },
  });
  expect(answer.status).toBe(403);
}

const Incident = z.looseObject({
  name: z.string(),
  title: z.string(),
  alertIds: z.array(z.string()),
  etag: z.string(),
});
const incidentsInAzure = () => tenant.collection("incidents", Incident);
const Requests = z.object({ services: z.record(z.string(), z.number()), operations: z.record(z.string(), z.number()) });
const requests = async () => Requests.parse(await (await fetch(`${tenant.url}/sim/requests`)).json());

/** A call to ARM as the analyst. */
async function asAnalyst(method: string, path: string, body: unknown): Promise<number> {
  const token = await analyst.asUser.credential.getToken("https://management.azure.com/.default");
  const { resourceId } = tenant.service.config.workspace;
  const address = `${tenant.url}${resourceId}/providers/Microsoft.SecurityInsights/${path}?api-version=2024-09-01`;
  const headers = {
    "x-forwarded-host": "management.azure.com",
    authorization: `Bearer ${token?.token}`,
    "content-type": "application/json",
  };
  return (await fetch(address, { method, headers, body: JSON.stringify(body) })).status;
}

describe("the list of incidents", () => {
  test("shows the incident that a touch raised, with vault, decoy, operation and caller, as Azure has it", async () => {
    const { incidents, alerts, vaults, problems } = await read();
    expect(problems).toEqual([]);
    const azure = await incidentsInAzure();
    const touches = alerts.filter(({ decoys }) => decoys.length > 0);
    expect(touches).toMatchObject([
      { decoys: [decoy.name], operations: ["SecretGet"], touches: 1, severity: "Medium" },
    ]);
    const incident = incidents.find(({ id }) => id === touches[0]?.incident);
    expect(azure.find(({ name }) => name === incident?.id)).toMatchObject({
      title: incident?.title,
      alertIds: [touches[0]?.id],
    });
    expect(touches[0]?.vaults.map((place) => vaults[place])).toEqual([decoy.vaultId]);
    expect(touches[0]?.callers).toHaveLength(1);
  });

  test("costs one batch of log queries and nothing else", async () => {
    await read();
    await fetch(`${tenant.url}/sim/requests/reset`, { method: "POST" });
    await read();
    const { services, operations } = await requests();
    const azure = Object.entries(services).filter(([service]) => !/entra|control|identity/.test(service));
    expect(azure).toEqual([["loganalytics", 1]]);
    expect(operations).toMatchObject({ "loganalytics POST /v1/$batch": 1 });
  });

  test("is not sent again while nothing changes", async () => {
    const { digest } = await read();
    expect(Unchanged.parse(await ask({ known: digest })).unchanged).toBe(true);
    expect(IncidentList.parse(await ask({ known: "another" })).digest).toBe(digest);
  });

  test("holds no incident that our rules did not raise, whatever it is called", async () => {
    const title = String(ruleBodies()[0]?.properties.displayName);
    const foreign = { properties: { title, severity: "High", status: "New" } };
    expect(await asAnalyst("PUT", "incidents/11111111-1111-4111-8111-111111111111", foreign)).toBe(201);
    const Rows = z.object({ rows: z.array(z.array(z.unknown())) });
    await vi.waitFor(
      async () => {
        const query = "SecurityIncident | where IncidentName startswith '11111111' | project Title";
        const answer = await fetch(`${tenant.url}/sim/query`, { method: "POST", body: JSON.stringify({ query }) });
        expect(Rows.parse(await answer.json()).rows).toEqual([[title]]);
      },
      { timeout: 30_000, interval: 500 },
    );
    expect((await read()).incidents.filter(({ id }) => id.startsWith("11111111"))).toEqual([]);
  });

  test("carries hostile text as the text that it is", async () => {
    const [incident] = await incidentsInAzure().then((all) => all.filter(({ alertIds }) => alertIds.length > 0));
    const title = "=cmd|' /C calc'!A0 <script>alert(1)</script> \u202Egnp.exe' | take 1 //";
    const owner = { assignedTo: '"><img src=x onerror=alert(1)>' };
    const change = { etag: incident?.etag, properties: { title, severity: "Low", status: "Active", owner } };
    expect(await asAnalyst("PUT", `incidents/${incident?.name}`, change)).toBe(200);
    const list = await seen(({ incidents }) => incidents.some(({ status }) => status === "Active"));
    expect(list.incidents.find(({ id }) => id === incident?.name)).toMatchObject({
      title,
      severity: "Low",
      status: "Active",
      owner: owner.assignedTo,
    });
  });
});

test("of a workspace in the Defender portal, incidents are ours by their alerts, each as its newest row says", async () => {
  const rule = ruleBodies()[0]?.name ?? "";
  const tables = `let SecurityAlert = datatable(TimeGenerated: datetime, SystemAlertId: string, AlertType: string) [
      datetime(2026-11-20T10:00:00Z), 'ours', 'workspace_${rule.toUpperCase()}',
      datetime(2026-11-20T10:00:00Z), 'theirs', 'workspace_99999999-0f4e-4a0e-9d0b-7a3b1de5a6c1'];
    let SecurityIncident = datatable(IncidentName: string, AlertIds: dynamic, RelatedAnalyticRuleIds: dynamic, LastModifiedTime: datetime, Status: string) [
      'by alert', dynamic(['theirs', 'ours']), dynamic([]), datetime(2026-11-20T10:05:00Z), 'New',
      'by alert', dynamic(['theirs', 'ours']), dynamic([]), datetime(2026-11-20T10:09:00Z), 'Closed',
      'by alert', dynamic(['theirs', 'ours']), dynamic([]), datetime(2026-11-20T10:07:00Z), 'Active',
      'by rule', dynamic([]), dynamic(['${rule.toUpperCase()}']), datetime(2026-11-20T10:05:00Z), 'New',
      'by neither', dynamic(['theirs']), dynamic(['99999999-0f4e-4a0e-9d0b-7a3b1de5a6c1']), datetime(2026-11-20T10:05:00Z), 'New'
    ] | extend TimeGenerated = LastModifiedTime, CreatedTime = datetime(2026-11-20T10:05:00Z), IncidentNumber = 1, Title = '', Severity = 'High',
      Classification = '', Owner = dynamic(null), LastActivityTime = datetime(null);\n`;
  const parameters = letPrologue({ since: new Date("2026-11-19T00:00:00Z"), ruleIds: [rule.toLowerCase()] });
  const query = `${tables}${parameters}${readKql("lib/incidents/queries/incidents.kql")} | project IncidentName, Status`;
  const answer = await fetch(`${tenant.url}/sim/query`, { method: "POST", body: JSON.stringify({ query }) });
  const { rows } = z.object({ rows: z.array(z.array(z.string())) }).parse(await answer.json());
  expect(rows.sort()).toEqual([
    ["by alert", "Closed"],
    ["by rule", "New"],
  ]);
});

test("an older incident is shown while it is open or was touched again, with its owner's best-known name", async () => {
  const rule = (ruleBodies()[0]?.name ?? "").toLowerCase();
  const tables = `let SecurityAlert = datatable(TimeGenerated: datetime, SystemAlertId: string, AlertType: string) [];
    let SecurityIncident = datatable(IncidentName: string, TimeGenerated: datetime, CreatedTime: datetime, LastActivityTime: datetime, Status: string, Owner: dynamic) [
      'open', datetime(2026-11-20T10:00:00Z), datetime(2026-09-01), datetime(2026-09-01), 'Active', dynamic({"assignedTo":"","userPrincipalName":null,"email":"ana@contoso.test","objectId":"o-1"}),
      'touched again', datetime(2026-11-20T10:00:00Z), datetime(2026-09-01), datetime(2026-11-20T09:00:00Z), 'Closed', dynamic({"assignedTo":"Ana","userPrincipalName":"ana@contoso.test"}),
      'closed since', datetime(2026-11-20T10:00:00Z), datetime(2026-09-01), datetime(2026-09-01), 'Active', dynamic(null),
      'closed since', datetime(2026-11-20T11:00:00Z), datetime(2026-09-01), datetime(2026-09-01), 'Closed', dynamic(null),
      'silent', datetime(2026-10-01), datetime(2026-09-01), datetime(2026-09-01), 'New', dynamic(null),
      'new and closed', datetime(2026-11-20T10:00:00Z), datetime(2026-11-19T10:00:00Z), datetime(null), 'Closed', dynamic(null),
      'old and closed', datetime(2026-11-20T10:00:00Z), datetime(2026-09-01), datetime(null), 'Closed', dynamic(null)
    ] | extend LastModifiedTime = TimeGenerated, IncidentNumber = 1, Title = '', Severity = 'High', Classification = '',
      RelatedAnalyticRuleIds = dynamic(['${rule}']), AlertIds = dynamic([]);\n`;
  const parameters = letPrologue({ since: new Date("2026-11-19T00:00:00Z"), ruleIds: [rule] });
  const query = `${tables}${parameters}${readKql("lib/incidents/queries/incidents.kql")} | project IncidentName, Owner`;
  const answer = await fetch(`${tenant.url}/sim/query`, { method: "POST", body: JSON.stringify({ query }) });
  const { rows } = z.object({ rows: z.array(z.array(z.string())) }).parse(await answer.json());
  expect(rows.sort()).toEqual([
    ["new and closed", ""],
    ["open", "ana@contoso.test"],
    ["touched again", "Ana"],
  ]);
});

const fault = (rule: unknown) =>
  fetch(`${tenant.url}/sim/faults`, { method: "PUT", body: JSON.stringify({ rules: [rule] }) });

test("a workspace that does not answer is a failure, never an empty list", async () => {
  await fault({ name: "down", match: { service: "loganalytics" }, fault: { kind: "error", status: 503 } });
  await expect(ask()).rejects.toMatchObject({ failure: { code: "unavailable" } });
  await fetch(`${tenant.url}/sim/faults`, { method: "DELETE" });
  expect((await read()).incidents.length).toBeGreaterThan(0);
});

test("that names of honeytokens were shown is on record, once for a person who keeps looking", async () => {
  const rows = await tenant.service.db
    .selectFrom("audit")
    .select(["oid", "after"])
    .where("action", "=", "incidents.read")
    .execute();
  expect(rows).toMatchObject([{ oid: analyst.user.oid, after: { decoys: 1 } }]);
});
