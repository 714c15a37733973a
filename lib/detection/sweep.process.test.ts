import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { truth } from "@/lib/coverage/testing/truth";
import { ruleParameters } from "./parameters";
import { ruleBodies } from "./rule-export";

/* Rules that look back for hours and days, raised by the clockwork of a tenant whose time is moved by hand. */

/** The minute at which a vault's last row lies decides whether one hourly run or two tell of it: never today's. */
const MONDAY_MORNING = "2026-10-05T08:00:00Z";

const HOUR = 3_600_000;
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await startTenant("--vaults", "20", "--seed", "5", "--clock", "virtual", "--clock-start", MONDAY_MORNING);
  await advance(HOUR);
}, 120_000);

afterAll(() => tenant?.stop());

const Alert = z.object({
  ruleId: z.string(),
  severity: z.string(),
  customDetails: z.record(z.string(), z.array(z.string())),
  entities: z.array(z.object({ fields: z.record(z.string(), z.unknown()) })),
});

async function advance(milliseconds: number): Promise<void> {
  const answer = await fetch(`${tenant.url}/sim/clock/advance`, {
    method: "POST",
    body: JSON.stringify({ milliseconds }),
  });
  expect(answer.status).toBe(200);
}

async function alertsOf(file: string) {
  const ids = new Set(
    ruleBodies()
      .filter((body) => body.file === file)
      .map(({ name }) => name),
  );
  return (await tenant.collection("alerts", Alert)).filter(({ ruleId }) => ids.has(ruleId));
}

const Vault = z.object({ id: z.string(), name: z.string(), publicNetworkAccess: z.string().optional() });

/** Vaults whose log arrives and that hold a living honeytoken. */
async function watched() {
  const { audited, decoyed } = await truth(tenant);
  return (await tenant.collection("vaults", Vault)).filter(
    ({ id }) => audited.has(id.toLowerCase()) && decoyed.has(id.toLowerCase()),
  );
}

const Run = z.object({ state: z.string(), steps: z.array(z.object({ status: z.number() })) });

/** Plays the sweep; true when it got at five objects or more. */
async function sweep(vault: string): Promise<boolean> {
  const started = await fetch(`${tenant.url}/sim/plays/list-then-get`, {
    method: "POST",
    body: JSON.stringify({ vault }),
  });
  const { id } = z.object({ id: z.string() }).parse(await started.json());
  await advance(10 * 60_000);
  const { state, steps } = Run.parse(await (await fetch(`${tenant.url}/sim/plays/runs/${id}`)).json());
  expect(state).toBe("done");
  return steps.filter(({ status }) => status === 200).length > 6;
}

test("the rules that a tenant begins with are those of its own set-up, letter by letter", async () => {
  const Rule = z.object({ ruleId: z.string(), properties: z.object({ query: z.string().default("") }) });
  const stored = new Map((await tenant.collection("alertRules", Rule)).map((rule) => [rule.ruleId, rule.properties]));
  for (const { name, properties } of ruleBodies(ruleParameters(tenant.service.config))) {
    expect(stored.get(name)?.query).toBe(properties.query);
  }
});

test("a caller that lists and reads a vault through is told once, and not again when it is known to do so", async () => {
  expect(await alertsOf("honeytoken-list-then-get")).toEqual([]);
  let swept: string | undefined;
  for (const { name } of await watched()) {
    if (await sweep(name)) {
      await advance(2 * HOUR);
      if ((await alertsOf("honeytoken-list-then-get")).length > 0) {
        swept = name;
        break;
      }
    }
  }
  const vault = swept ?? expect.fail("no sweep was told");
  const first = await alertsOf("honeytoken-list-then-get");
  expect(new Set(first.map(({ severity }) => severity))).toEqual(new Set(["Medium"]));
  expect(JSON.stringify(first.map(({ entities }) => entities))).toContain(`/vaults/${vault}"`);
  const told = async () => (await alertsOf("honeytoken-list-then-get")).length;
  await advance(22 * HOUR);
  const before = await told();
  expect(await sweep(vault)).toBe(true);
  await advance(2 * HOUR);
  expect(await told()).toBe(before);
}, 300_000);

/** What the background reading of the product does with every vault, twice a day. */
async function heartbeat(vaults: readonly { id: string }[]): Promise<void> {
  const { credential } = tenant.service.azure.collector;
  const token = await credential.getToken("https://management.azure.com/.default");
  for (const { id } of vaults) {
    const answer = await fetch(`${tenant.url}${id}?api-version=2023-07-01`, {
      headers: { "x-forwarded-host": "management.azure.com", authorization: `Bearer ${token?.token}` },
    });
    expect(answer.status).toBe(200);
  }
}

test("a vault whose log stops is told within a run of 26 hours, and one that is only idle is not", async () => {
  const vaults = await watched();
  const [broken = expect.fail("no vault")] = vaults;
  const known = (await alertsOf("honeytoken-vault-silent")).map(({ entities }) => JSON.stringify(entities)).join();
  expect(known).not.toContain(`/vaults/${broken.name}"`);
  const admin = await tenant.as("Administrator");
  const token = await admin.asUser.credential.getToken("https://management.azure.com/.default");
  const headers = { "x-forwarded-host": "management.azure.com", authorization: `Bearer ${token?.token}` };
  const settings = `${tenant.url}${broken.id}/providers/Microsoft.Insights/diagnosticSettings`;
  const version = "api-version=2021-05-01-preview";
  const { value } = z
    .object({ value: z.array(z.object({ name: z.string() })) })
    .parse(await (await fetch(`${settings}?${version}`, { headers })).json());
  for (const { name } of value) await fetch(`${settings}/${name}?${version}`, { method: "DELETE", headers });
  for (let half = 0; half < 4; half++) {
    await heartbeat(vaults);
    await advance(8 * HOUR);
  }
  const told = await alertsOf("honeytoken-vault-silent");
  const ours = told.filter(({ entities }) => JSON.stringify(entities).includes(`/vaults/${broken.name}"`));
  // The rule's window is a little wider than an hour, so that a late run misses nothing: at times two runs see it.
  expect([1, 2]).toContain(ours.length);
  for (const alert of ours) {
    expect(alert).toMatchObject({ severity: "Medium", customDetails: { Verdict: ["rows have stopped"] } });
  }
  const names = vaults.slice(1).map(({ name }) => `/vaults/${name}"`);
  const text = JSON.stringify(told.map(({ entities }) => entities));
  expect(names.filter((name) => text.includes(name))).toEqual([]);
}, 300_000);
