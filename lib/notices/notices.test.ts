import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { KyselyPlugin } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import type { Role, ServiceContext, UserContext } from "@/lib/context";
import { analyse } from "@/lib/detection/testing/parser";
import { readKql, withoutComments } from "@/lib/kql-files";
import { testService } from "@/lib/register/testing/service";
import { changeSettings, readSettingsView } from "@/lib/settings/settings";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { deliverDue } from "./deliver";
import { mayReach, post } from "./internal/post";
import { look } from "./look";
import { dismissNotice, listNotices } from "./notices";
import { readWebhook, sendTest } from "./webhook";
import { addressProblem } from "./webhook.pure";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const SECRET = "a secret of this test's own webhook";
const RULE = "5c1f7a52-0f4e-4a0e-9d0b-7a3b1de5a6c1";
const vault = (name: string) =>
  `/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/${name}`;
const [MINE, OTHER] = [vault("kv-mine"), vault("kv-other")];

let store: Store;
let service: ServiceContext;
let owner: UserContext;
let clock: Date;
let server: Server;
let status = 200;
let received: { body: string; headers: Record<string, unknown> }[] = [];
let states: Record<string, string> = {};
let incidents: Record<string, unknown>[] = [];

vi.mock("@/lib/azure/logs", () => ({
  queryLogs: async (_: unknown, __: string, ___: unknown, schema: { parse(row: unknown): unknown }) =>
    incidents.map((row) => schema.parse(row)),
}));
vi.mock("@/lib/coverage/fleet", () => ({
  readWholeFleet: async () => ({
    rows: Object.entries(states).map(([id, state]) => ({ id, state, reason: "decoy_removed" })),
  }),
}));
vi.mock("@/lib/coverage/board", () => ({
  readBoard: async () => ({ vaults: [MINE, OTHER].map((id) => ({ id, mine: id === MINE })) }),
}));

const person = (oid: string, ...roles: Role[]): UserContext => {
  const user = { tid: "t", oid, name: oid, upn: undefined, roles };
  return { ...service, user, asUser: service.azure.collector, requestId: "r" };
};

beforeAll(async () => {
  store = await temporaryStore();
  const base = testService(store, () => clock);
  service = { ...base, config: { ...base.config, webhookSecret: SECRET } };
  owner = person("olga", "KeyVault.Owner");
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      received.push({ body, headers: request.headers });
      response.writeHead(status, { location: "http://169.254.169.254/" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.close();
  await store.close();
});
beforeEach(async () => {
  clock = new Date("2026-11-22T12:00:00Z");
  [status, received, states, incidents] = [200, [], { [MINE]: "protected", [OTHER]: "protected" }, []];
  const tables = ["notice_dismissal", "notice", "vault_watch", "announced_incident", "notice_state"] as const;
  for (const table of [...tables, "webhook_delivery", "setting"] as const) await store.db.deleteFrom(table).execute();
});

const address = () => {
  const at = server.address();
  return `http://127.0.0.1:${at !== null && typeof at === "object" ? at.port : 0}/hook/secret-path`;
};
const admin = () => person("ada", "Platform.Admin");
const setAddress = (url: string | null) =>
  changeSettings(admin(), { group: "webhook", value: { url, leastSeverity: "Low" }, basedOn: null });
const deliver = () => deliverDue(service, new AbortController().signal);
const kinds = async (who = owner) => (await listNotices(who)).notices.map(({ kind, vault: at }) => [kind, at.name]);

const open = async () =>
  (await store.db.selectFrom("notice").select("id").where("cleared_at", "is", null).execute()).length;
const told = async () => (await store.db.selectFrom("notice").select("id").execute()).length;

function later(minutes: number): void {
  clock = new Date(clock.getTime() + minutes * 60_000);
}

const incident = (change: Record<string, unknown> = {}) => ({
  Incident: "11111111-2222-4333-8444-555555555555",
  Vaults: [MINE],
  TouchedVaults: change.Vaults ?? [MINE],
  Callers: ["0d0d0d0d-1111-4111-8111-000000000001"],
  Rules: `x_${RULE}`,
  Severity: "High",
  Created: clock.toISOString(),
  ...change,
});

describe("owners", () => {
  test("are told when a vault of theirs turns red, until it is well; a source that fails tells nothing", async () => {
    await look(service);
    states[MINE] = "unknown";
    await look(service);
    expect(await kinds()).toEqual([]);
    states = { [MINE]: "unprotected", [OTHER]: "unprotected" };
    await look(service);
    expect(await kinds()).toEqual([["turned_red", "kv-mine"]]);
    states[MINE] = "protected";
    await look(service);
    expect(await kinds()).toEqual([]);
  });

  test("a vault that was never green is no news", async () => {
    states = { [MINE]: "unprotected" };
    await look(service);
    await look(service);
    expect(await kinds()).toEqual([]);
  });

  test("of many vaults are told in few statements, none of which grows with the fleet", async () => {
    const many = Array.from({ length: 5_100 }, (_, index) => vault(`kv-${index}`));
    const parameters: number[] = [];
    const count: KyselyPlugin = {
      transformQuery: ({ node, queryId }) => {
        parameters.push(store.db.getExecutor().compileQuery(node, queryId).parameters.length);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const counted = { ...service, db: store.db.withPlugin(count) };
    for (const state of ["protected", "unprotected", "protected"]) {
      states = Object.fromEntries(many.map((id) => [id, state]));
      await look(counted);
      expect(await open()).toBe(state === "protected" ? 0 : many.length);
    }
    expect(await told()).toBe(many.length);
    expect(parameters.length).toBeLessThan(100);
    expect(Math.max(...parameters)).toBeLessThan(many.length);
  });

  test("are told of a touch once, though an alert names the vault twice", async () => {
    await look(service);
    incidents = [incident({ Vaults: [MINE, MINE.toUpperCase()] })];
    later(1);
    await look(service);
    expect(await kinds()).toEqual([["touched", "kv-mine"]]);
  });

  test("are told of a touch, dismiss it for themselves, and hear of the next one again", async () => {
    await look(service);
    later(1);
    incidents = [incident(), incident({ Incident: "of others", Vaults: [OTHER] })];
    await look(service);
    expect(await kinds()).toEqual([["touched", "kv-mine"]]);
    const [notice] = (await listNotices(owner)).notices;
    await dismissNotice(owner, notice?.id ?? "");
    expect(await kinds()).toEqual([]);
    expect(await kinds(person("otto", "KeyVault.Owner"))).toHaveLength(1);
    later(5);
    incidents = [incident({ Incident: "the next" })];
    await look(service);
    expect(await kinds()).toEqual([["touched", "kv-mine"]]);
    const foreign = await store.db.selectFrom("notice").select("id").where("vault_id", "=", OTHER).executeTakeFirst();
    await expect(dismissNotice(owner, foreign?.id ?? "")).rejects.toMatchObject({ failure: { code: "not_found" } });
    later(15 * 24 * 60);
    await look(service);
    expect(await kinds()).toEqual([]);
  });

  test.each([
    ["a drill", { Callers: ["66666666-0000-4000-8000-000000000000"], Severity: "Medium" }],
    // Its alert is lowered so far by the rule; a touch that is Low was refused or only asked about, and is told.
    ["an expected touch", { Severity: "Informational" }],
  ])("hear nothing of %s", async (_, change) => {
    await look(service);
    incidents = [incident(change)];
    await look(service);
    expect(await kinds()).toEqual([]);
  });
});

test("owners hear nothing of an incident about a vault that nobody touched, and the security team does", async () => {
  await setAddress(address());
  await look(service);
  incidents = [incident({ Rules: "x_3d1b2a90-5c7e-4f68-9d21-b7c0e4a8f5d3", TouchedVaults: [] })];
  await look(service);
  await deliver();
  expect(await kinds()).toEqual([]);
  expect(received.map(({ body }) => JSON.parse(body).incident.title)).toEqual([
    "Key vault with a honeytoken has fallen silent: kv-mine",
  ]);
});

test.each(["Low", "Medium", "High"])("owners are told of a touch that is %s", async (Severity) => {
  await look(service);
  incidents = [incident({ Severity })];
  await look(service);
  expect(await kinds()).toEqual([["touched", "kv-mine"]]);
});

describe("an incident that grows worse", () => {
  const DRILL = "66666666-0000-4000-8000-000000000000";
  const told = async () => {
    await deliver();
    return received.map(({ body }) => JSON.parse(body).incident.severity);
  };
  /** Looks at each state of the one incident, an hour and a half apart, twice. */
  const follow = async (...changes: Record<string, unknown>[]) => {
    const Created = new Date(clock.getTime() + 60_000).toISOString();
    for (const change of changes) {
      later(90);
      incidents = [incident({ Created, ...change })];
      await look(service);
      await look(service);
    }
  };

  beforeEach(async () => {
    await setAddress(address());
    await look(service);
  });

  test.each([
    ["a drill's, raised to High", [{ Callers: [DRILL], Severity: "Medium" }, { Callers: [DRILL] }]],
    ["an expected touch's, then one that is High", [{ Severity: "Informational" }, {}]],
    ["a drill's, then somebody else's too", [{ Callers: [DRILL], Severity: "Medium" }, { Callers: [DRILL, "eve"] }]],
  ])("is told when it is worth it: %s", async (_, [first = {}, second = {}]) => {
    await follow(first);
    expect([await told(), await kinds()]).toEqual([[], []]);
    await follow(second);
    expect([await told(), await kinds()]).toEqual([["High"], [["touched", "kv-mine"]]]);
  });

  test("is told again with each rise and with nothing else, also to an owner who has dismissed it", async () => {
    await follow({ Severity: "Low" });
    const [notice] = (await listNotices(owner)).notices;
    await dismissNotice(owner, notice?.id ?? "");
    await follow({ Severity: "Low", Callers: ["another"] });
    expect([await told(), await kinds()]).toEqual([["Low"], []]);
    await follow({ Severity: "High" }, { Severity: "Medium" }, { Severity: "High" });
    expect([await told(), await kinds()]).toEqual([["Low", "High"], [["touched", "kv-mine"]]]);
  });

  test("stays a drill's while its alerts cannot be read, and any other severity is news once it is not", async () => {
    await follow({ Callers: [DRILL], Severity: "Medium" }, { Callers: [], Severity: "Medium" });
    expect(await told()).toEqual([]);
    await follow({ Callers: [DRILL, "eve"], Severity: "Low" }, { Callers: [DRILL, "eve"], Severity: "Medium" });
    expect(await told()).toEqual(["Low", "Medium"]);
  });

  test("that was there before the product is not news until it does", async () => {
    const Created = new Date(clock.getTime() - 24 * 60 * 60_000).toISOString();
    await follow({ Created, Severity: "Medium" });
    expect(await told()).toEqual([]);
    await follow({ Created, Severity: "High" });
    expect(await told()).toEqual(["High"]);
  });
});

describe("the webhook", () => {
  test("is told of an incident once, signed, without a text that the caller chose", async () => {
    await setAddress(address());
    await look(service);
    incidents = [incident({ Title: "Honeytoken touched by <!channel>" })];
    await look(service);
    await look(service);
    await deliver();
    expect(received).toHaveLength(1);
    const [{ body, headers } = { body: "", headers: {} }] = received;
    expect(JSON.parse(body)).toMatchObject({
      version: 1,
      event: "incident.new",
      incident: {
        title: "Honeytoken touched in a key vault: kv-mine",
        severity: "High",
        vaults: [MINE],
        url: "http://localhost:3000/incidents/11111111-2222-4333-8444-555555555555",
      },
    });
    const timestamp = String(headers["x-honeytokens-timestamp"]);
    const expected = createHmac("sha256", SECRET).update(`${timestamp}.${body}`).digest("hex");
    expect(headers["x-honeytokens-signature"]).toBe(`v1=${expected}`);
    expect(Number(timestamp)).toBe(clock.getTime() / 1_000);
  });

  test("is told of many vaults that turn red together in one message", async () => {
    await setAddress(address());
    await look(service);
    states = { [MINE]: "unprotected", [OTHER]: "unprotected" };
    await look(service);
    await deliver();
    expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([{ event: "vault.turned_red", total: 2 }]);
  });

  test("that is away is tried again after longer and longer pauses for a day, then given up", async () => {
    await setAddress(address());
    await sendTest(admin());
    status = 503;
    const tries: number[] = [];
    for (let minute = 0; minute <= 25 * 60; minute++) {
      const before = received.length;
      await deliver();
      if (received.length > before) tries.push(minute);
      later(1);
    }
    expect(tries.slice(0, 8)).toEqual([0, 1, 3, 7, 15, 31, 63, 123]);
    expect(tries.at(-1)).toBeGreaterThan(22 * 60);
    const [one] = (await readWebhook(admin())).deliveries;
    expect(one).toMatchObject({ state: "given_up", lastAnswer: "The receiver answered 503." });
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  });

  test("two processes that send at the same time send a message once", async () => {
    await setAddress(address());
    for (let message = 0; message < 5; message++) await sendTest(admin());
    await Promise.all([deliver(), deliver(), deliver()]);
    expect(received).toHaveLength(5);
    expect((await readWebhook(admin())).deliveries.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1]);
  });

  test("a redirect is an answer and not followed", async () => {
    await setAddress(address());
    await sendTest(admin());
    status = 302;
    await deliver();
    expect((await readWebhook(admin())).deliveries[0]?.lastAnswer).toBe("The receiver answered 302.");
  });

  test("without a secret or an address nothing is sent", async () => {
    await expect(sendTest(admin())).rejects.toMatchObject({ failure: { message: "No address is set." } });
    await setAddress(address());
    const without = { ...admin(), config: { ...service.config, webhookSecret: undefined } };
    await expect(sendTest(without)).rejects.toMatchObject({ failure: { message: expect.stringContaining("SECRET") } });
    expect((await readWebhook(without)).secretSet).toBe(false);
  });

  test("its address may be a credential: analysts and the audit trail get its origin only", async () => {
    await setAddress(address());
    const { settings } = await readSettingsView(person("sam", "Soc.Analyst"));
    expect(settings.webhook.url).toBe(new URL(address()).origin);
    expect((await readSettingsView(admin())).settings.webhook.url).toBe(address());
    const audit = await store.db.selectFrom("audit").selectAll().where("action", "=", "settings.change").execute();
    expect(JSON.stringify(audit)).not.toContain("secret-path");
  });

  test("in the simulated tenant no address beyond this machine can be saved", async () => {
    await expect(setAddress("https://chat.contoso.test/hook")).rejects.toMatchObject({
      failure: { field: "value.url", message: expect.stringContaining("nothing leaves this machine") },
    });
  });
});

describe("where it may go", () => {
  test.each([
    ["169.254.169.254", false],
    ["::ffff:169.254.169.254", false],
    ["fe80::1", false],
    ["fd00:ec2::254", false],
    ["168.63.129.16", false],
    ["0.0.0.0", false],
    ["127.0.0.1", false],
    ["::1", false],
    ["::ffff:127.0.0.1", false],
    ["10.1.2.3", true],
    ["52.1.2.3", true],
    ["2603:1030::1", true],
  ])("in a real tenant %s: %s", (ip, may) => {
    expect(mayReach(ip, "real")).toBe(may);
  });

  test.each(["https://169.254.169.254/x", "https://[::1]:9/x", "https://localhost:9/x", "https://2852039166/x"])(
    "%s is not told",
    async (url) => {
      const { taken, answer } = await post(url, "{}", {}, "real");
      expect([taken, answer]).toEqual([false, expect.stringMatching(/not one that may be told|not allowed/)]);
    },
  );

  test("only https in a real tenant, only loopback in the simulated one", () => {
    expect(addressProblem("http://chat.contoso.test", "real")).toContain("https://");
    expect(addressProblem("https://chat.contoso.test", "real")).toBeUndefined();
    expect(addressProblem("http://127.0.0.1:8080/x", "simulated")).toBeUndefined();
    expect(addressProblem("http://127.0.0.1.contoso.test/x", "simulated")).toContain("nothing leaves");
  });
});

test("Microsoft's parser has nothing against the query for incidents", () => {
  const text = (...names: string[]) => Object.fromEntries(names.map((name) => [name, "string"] as const));
  const SecurityAlert = {
    TimeGenerated: "datetime" as const,
    ...text("SystemAlertId", "AlertType", "ExtendedProperties", "Entities"),
  };
  const SecurityIncident = {
    ...{ TimeGenerated: "datetime" as const, CreatedTime: "datetime" as const, IncidentNumber: "int" as const },
    ...{ AlertIds: "dynamic" as const, RelatedAnalyticRuleIds: "dynamic" as const },
    ...text("IncidentName", "Severity", "Status"),
  };
  const parameters = letPrologue({ ruleIds: [RULE], accessRuleIds: [RULE], since: new Date("2026-11-22T12:00:00Z") });
  const kql = `${parameters}${withoutComments(readKql("lib/notices/queries/new-incidents.kql"))}`;
  expect(analyse(kql, { tables: { SecurityAlert, SecurityIncident } }).problems).toEqual([]);
});
