import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import type { UserContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { truth } from "@/lib/coverage/testing/truth";
import { ruleIds } from "@/lib/detection/rule-export";
import { importRegister } from "@/lib/register/import";
import { STEPS, type StepInput } from "./containment.pure";
import { changeOwnIncident, readIncident } from "./incident";
import { IncidentView } from "./incident.pure";
import { recordStep } from "./steps";
import { listThenGet, raiseIncident, StoredIncident } from "./testing/raise";

/* The page of an incident that a theft raised: what it says about it is compared with the simulated tenant's own rows. */

let tenant: TestTenant;
let analyst: UserContext;
let admin: UserContext;
let raised: StoredIncident & { vault: string };
let view: IncidentView;
let decoys: Set<string>;

const read = (ctx = analyst, minutes = 60) => readIncident(ctx, { id: raised.name, minutes });
const rows = <T>(part: { ok: true; rows: T[] } | { ok: false; problem: { message: string } }): T[] => {
  if (!part.ok) throw new Error(part.problem.message);
  return part.rows;
};

beforeAll(async () => {
  tenant = await startTenant("--vaults", "60", "--seed", "1");
  [analyst, admin] = await Promise.all([tenant.as("SOC analyst"), tenant.as("Administrator")]);
  await importRegister(tenant.service);
  raised = await raiseIncident(tenant);
  decoys = new Set((await truth(tenant)).names.map((name) => name.toLowerCase()));
  view = IncidentView.parse(await read());
});

afterAll(() => tenant?.stop());

test("one sentence says who, what, which honeytoken, where and when", () => {
  const [touched] = view.decoys;
  expect(view.sentence).toContain(touched?.name);
  expect(view.sentence).toContain(raised.vault);
  expect(view.sentence).toMatch(/^Managed identity \S+ touched honeytoken /);
  expect(view.sentence).toMatch(/allowed SecretGet/);
  expect(view.sentence).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/);
});

test("the timeline holds every call of the caller, failures and lists too, and marks the touches", () => {
  const activity = rows(view.activity);
  expect(activity.map(({ at }) => at)).toEqual(activity.map(({ at }) => at).toSorted());
  expect(activity.some(({ operation, name }) => operation === "SecretList" && name === "")).toBe(true);
  const touches = activity.filter(({ touch }) => touch);
  expect(touches.length).toBeGreaterThan(0);
  expect(touches.every(({ name }) => decoys.has(name))).toBe(true);
  expect(activity.some(({ touch, operation }) => !touch && operation === "SecretGet")).toBe(true);
  expect(new Set(activity.map(({ caller }) => caller)).size).toBe(1);
});

test("what to rotate is every real object that was read, secrets first, and no honeytoken", () => {
  const reads = rows(view.reads);
  const inTimeline = new Set(
    rows(view.activity)
      .filter(({ touch, operation, status }) => !touch && operation === "SecretGet" && status < 400)
      .map(({ name }) => name),
  );
  const names = reads.filter(({ kind }) => kind === "secrets").map(({ name }) => name);
  expect([...inTimeline].filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name) => decoys.has(name))).toEqual([]);
});

test("the caller is a managed identity with its object id, addresses and links into the portals", () => {
  const [caller] = rows(view.callers);
  expect(caller).toMatchObject({ kind: "managed identity", oid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(caller?.addresses.some(({ isNew }) => isNew)).toBe(true);
  for (const { ip, url } of caller?.addresses ?? [])
    expect(url).toBe(`https://security.microsoft.com/ip/${ip}/overview`);
  expect(caller?.links.map(({ url }) => url)).toEqual([
    expect.stringContaining(`objectId/${caller?.oid}`),
    expect.stringContaining(`#resource${caller?.managedIdentity}`),
  ]);
});

test("others who work on the vault are named, and the caller is not among them", () => {
  const [caller] = view.callers.ok ? view.callers.rows : [];
  const colleagues = rows(view.colleagues);
  expect(colleagues.length).toBeGreaterThan(0);
  expect(colleagues.map(({ name }) => name)).not.toContain(caller?.caller);
  expect(colleagues.every(({ vaultId }) => vaultId.endsWith(`/${raised.vault}`))).toBe(true);
});

test("all queries went out in one call, and each can be opened in the portal as it was sent", async () => {
  tenant.sent.length = 0;
  const again = await read();
  expect(tenant.sent.filter((line) => line.includes("api.loganalytics.io"))).toHaveLength(1);
  expect(again.queries).toHaveLength(4);
  for (const { text, link } of again.queries) {
    expect(text).toMatch(/^let callers = dynamic\(\[/);
    const packed = /\/q\/([^/]+)\/timespan\/P\d+D$/.exec(link ?? "")?.[1] ?? "";
    expect(gunzipSync(Buffer.from(decodeURIComponent(packed), "base64")).toString()).toBe(text);
    expect(link?.length).toBeLessThan(8_000);
  }
  const log = await tenant.service.db.selectFrom("audit").selectAll().where("action", "=", "incident.read").execute();
  expect(log).toHaveLength(1);
});

test("an incident that is not there, and one of somebody else's, are not found alike", async () => {
  const { resourceId } = tenant.service.config.workspace;
  const foreign = randomUUID();
  const token = await admin.asUser.credential.getToken("https://management.azure.com/.default");
  const made = await fetch(
    `${tenant.url}${resourceId}/providers/Microsoft.SecurityInsights/incidents/${foreign}?api-version=2024-03-01`,
    {
      method: "PUT",
      headers: {
        "x-forwarded-host": "management.azure.com",
        authorization: `Bearer ${token?.token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ properties: { title: raised.title, severity: "High", status: "New" } }),
    },
  );
  expect(made.status).toBe(201);
  const failures = [];
  for (const id of [foreign, randomUUID(), "zzz"]) {
    const failure = await readIncident(analyst, { id, minutes: 60 }).catch((error: unknown) => error);
    failures.push(z.object({ failure: z.object({ code: z.string(), message: z.string() }) }).parse(failure).failure);
    const change = { id, etag: "x", change: { status: "Active" as const } };
    await expect(changeOwnIncident(analyst, change)).rejects.toMatchObject({ failure: { code: "not_found" } });
    const step: StepInput = { id, step: "keep", act: "done", note: "" };
    await expect(recordStep(analyst, step)).rejects.toMatchObject({ failure: { code: "not_found" } });
  }
  expect(failures[0]).toEqual(failures[1]);
  expect(failures[0]).toEqual(failures[2]);
  expect(failures[0]?.code).toBe("not_found");
});

test("a step is recorded with its note, and can be taken back", async () => {
  const act = (step: Partial<StepInput>, ctx = analyst) =>
    recordStep(ctx, { id: raised.name, step: "keep", act: "done", note: "", ...step });
  await act({ note: "left as it is" });
  expect((await read()).steps[0]).toMatchObject({ step: "keep", state: "done", events: [{ note: "left as it is" }] });
  await expect(act({})).rejects.toMatchObject({ failure: { code: "conflict" } });
  await act({ act: "undo", note: "not yet" }, admin);
  const { steps } = await read();
  expect(steps.map(({ step }) => step)).toEqual([...STEPS.touch]);
  expect(steps[0]).toMatchObject({ state: "open", events: [{ act: "done" }, { act: "undo", by: admin.user.name }] });
});

test("nothing counts as disabled before a second person has agreed", async () => {
  const act = (step: StepInput["act"], ctx = analyst) =>
    recordStep(ctx, { id: raised.name, step: "disable", act: step, note: "" });
  await expect(act("done")).rejects.toMatchObject({ failure: { code: "conflict" } });
  await act("request");
  await expect(act("approve")).rejects.toMatchObject({ failure: { message: expect.stringMatching(/yourself/) } });
  await expect(act("done")).rejects.toMatchObject({ failure: { code: "conflict" } });
  await act("refuse", admin);
  await expect(act("done")).rejects.toMatchObject({ failure: { code: "conflict" } });
  await act("request");
  await act("approve", admin);
  await act("done");
  const step = (await read()).steps.find((one) => one.step === "disable");
  expect(step?.events.map((event) => event.act)).toEqual(["request", "refuse", "request", "approve", "done"]);
  const trail = await tenant.service.db
    .selectFrom("audit")
    .select(["action", "who"])
    .where("action", "like", "incident.step.%")
    .orderBy("id")
    .execute();
  expect(trail.filter(({ action }) => action === "incident.step.approve")).toEqual([
    { action: "incident.step.approve", who: admin.user.name },
  ]);
});

const faults = (method: string, body?: object) =>
  fetch(`${tenant.url}/sim/faults`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

test("where the entities cannot be read, the page says so instead of taking them for none", async () => {
  expect((await read()).entitiesProblem).toBeNull();
  const match = { service: "arm", path: "*/incidents/*/entities" };
  await faults("PUT", { rules: [{ name: "no entities", match, fault: { kind: "error", status: 503 } }] });
  const broken = await read();
  await faults("DELETE");
  expect(broken.entitiesProblem?.message).toBeTruthy();
  expect(rows(broken.activity).length).toBeGreaterThan(0);
});

test("where the logs do not answer, the incident itself is shown and says what is missing", async () => {
  const fault = { name: "slow", match: { service: "loganalytics" }, fault: { kind: "throttle", retryAfter: 1 } };
  await faults("PUT", { rules: [fault] });
  const broken = await read();
  await faults("DELETE");
  expect(broken.state.status).toBe("New");
  expect(broken.sentence).toContain(raised.vault);
  expect(broken.sentence).toContain("its rows in the log could not be read");
  expect(broken.sentence).not.toContain("unknown caller");
  for (const part of [broken.activity, broken.callers, broken.reads, broken.colleagues]) {
    expect(part).toMatchObject({ ok: false, problem: { message: expect.stringContaining("log workspace") } });
  }
});

test("a wider window takes in what the caller did elsewhere", async () => {
  const day = await read(analyst, 1440);
  expect(rows(day.activity).length).toBeGreaterThanOrEqual(rows(view.activity).length);
  expect(await listThenGet(tenant, raised.vault)).toContain(200);
});

// Nothing reads the vaults here, so the rule about silent ones raises an incident for all of them at once.
test("an incident of silence names the vaults without a row, and has steps and no caller of its own", async () => {
  const silentRules = new Set(ruleIds("honeytoken-vault-silent"));
  const found = await vi.waitFor(
    async () => {
      const all = await tenant.collection("incidents", StoredIncident);
      const one = all.find(({ ruleIds: ids }) =>
        ids.some((id) => silentRules.has(id.toLowerCase().split("/").at(-1) ?? "")),
      );
      expect(one).toBeDefined();
      return one ?? raised;
    },
    { timeout: 90_000, interval: 500 },
  );
  const silence = IncidentView.parse(await readIncident(analyst, { id: found.name, minutes: 60 }));
  expect(silence).toMatchObject({ about: "silence", description: expect.stringMatching(/^Nothing for \d+ hours\./) });
  expect(silence.steps.map(({ step }) => step)).toEqual([...STEPS.silence]);
  expect(silence.queries.map(({ name }) => name)).toEqual(["silent"]);
  const { audited, decoyed } = await truth(tenant);
  const vaults = rows(silence.silent).map(({ vaultId }) => vaultId);
  expect(vaults.length).toBeGreaterThan(0);
  expect(vaults.filter((id) => audited.has(id) || !decoyed.has(id))).toEqual([]);
  await recordStep(analyst, { id: found.name, step: "setting", act: "done", note: "" });
  const touch: StepInput = { id: found.name, step: "rotate", act: "done", note: "" };
  await expect(recordStep(analyst, touch)).rejects.toMatchObject({ failure: { code: "invalid", field: "step" } });
});
