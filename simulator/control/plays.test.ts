import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { realClock, Timekeeper, VirtualClock } from "../clock";
import { AzureError, type SimResponse } from "../http";
import { playsOf } from "../plays/runner";
import { FIRST_START, type TestTenant, testRequest, testTenant } from "../test-tenant";
import { planOf } from "../world/world";
import { RequestCounters } from "./counters";
import { handleControl } from "./service";

let tenant: TestTenant;
let timekeeper: Timekeeper;
beforeEach(async () => {
  tenant = await testTenant({ vaults: 30 });
  const { context } = tenant;
  timekeeper = new Timekeeper({ clock: realClock(context.now), chores: [], commit: () => {}, onFault: () => {} });
});

interface Sent {
  body?: string;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

async function send(
  method: string,
  target: string,
  { body = "", form, headers = {} }: Sent = {},
): Promise<SimResponse> {
  const type = form ? "application/x-www-form-urlencoded" : "application/json";
  const text = form ? new URLSearchParams(form).toString() : body;
  const request = {
    ...testRequest(method, target, { headers: { host: "127.0.0.1:4280", "content-type": type, ...headers } }),
    text,
    json: () => {
      try {
        return JSON.parse(text);
      } catch {
        throw new AzureError(400, "InvalidRequestContent", "not JSON");
      }
    },
  };
  try {
    return await handleControl(request, tenant.context, new RequestCounters(tenant.context.now), timekeeper);
  } catch (error) {
    if (error instanceof AzureError) return error.toResponse();
    throw error;
  }
}

/** Goes on with what is under way until nothing is left. */
async function finish(): Promise<void> {
  const runner = playsOf(tenant.context);
  for (let at = runner.due(Infinity); at !== undefined; at = runner.due(Infinity)) {
    tenant.advance(Math.max(0, at - tenant.context.now()));
    await runner.run(at);
  }
}

const RunBody = z.looseObject({
  id: z.string(),
  state: z.string(),
  steps: z.array(z.looseObject({ status: z.number(), rows: z.array(z.looseObject({ pending: z.boolean() })) })),
});
const Refusal = z.object({ error: z.looseObject({ code: z.string(), message: z.string() }) });

const logged = () =>
  planOf(tenant.context).vaults.find(({ logging, network }) => logging === "workspace" && network === "public")?.name ??
  expect.fail("no vault");

describe("plays over the control API", () => {
  test("are listed with what each takes", async () => {
    const { status, body } = await send("GET", "/sim/plays");
    expect(status).toBe(200);
    const { plays } = z
      .looseObject({ plays: z.array(z.looseObject({ name: z.string(), parameters: z.looseObject({}) })) })
      .parse(body);
    expect(plays.map(({ name }) => name)).toEqual([
      "list-then-get",
      "careful-picker",
      "backup-thief",
      "key-user",
      "log-off-first",
      "denied-outsider",
      "slow-and-low",
    ]);
    for (const { parameters } of plays)
      expect(parameters).toMatchObject({ required: ["vault"], additionalProperties: false });
  });

  test("start at once and tell step by step what was answered and which rows are on their way", async () => {
    const started = await send("POST", "/sim/plays/list-then-get", { body: JSON.stringify({ vault: logged() }) });
    expect(started.status).toBe(202);
    const { id } = RunBody.parse(started.body);
    expect(started.headers?.location).toBe(`/sim/plays/runs/${id}`);
    await finish();
    const run = RunBody.parse((await send("GET", `/sim/plays/runs/${id}`)).body);
    expect(run.state).toBe("done");
    expect(run.steps.length).toBeGreaterThan(3);
    expect(run.steps.every(({ rows }) => rows.length === 1 && rows[0]?.pending === true)).toBe(true);
    tenant.advance(60_000);
    const later = RunBody.parse((await send("GET", `/sim/plays/runs/${id}`)).body);
    expect(later.steps.every(({ rows }) => rows[0]?.pending === false)).toBe(true);
  });

  test.each([
    ["/sim/plays/steal-everything", { vault: "kv" }, 404, /list-then-get/],
    ["/sim/plays/__proto__", { vault: "kv" }, 404, /no such play/],
    ["/sim/plays/list-then-get", {}, 400, /^vault: /],
    ["/sim/plays/list-then-get", { vault: "kv-nowhere" }, 404, /kv-nowhere/],
    ["/sim/plays/list-then-get", { vault: "x".repeat(1_000_000) }, 400, /^vault: /],
    ["/sim/plays/list-then-get", { vault: "kv", limit: 0 }, 400, /^limit: /],
    ["/sim/plays/list-then-get", { vault: "kv", limit: "all" }, 400, /^limit: /],
    ["/sim/plays/list-then-get", { vault: "kv", hurry: true }, 400, /hurry/],
    ["/sim/plays/list-then-get", { vault: "kv", spread: -1 }, 400, /^spread: /],
    ["/sim/plays/careful-picker", { vault: "kv", by: "luck" }, 400, /^by: /],
    ["/sim/plays/list-then-get", null, 400, /^body: /],
    ["/sim/plays/list-then-get", [], 400, /^body: /],
  ])("%s refuses %j", async (target, body, status, message) => {
    const answer = await send("POST", target, { body: JSON.stringify(body) });
    expect(answer.status).toBe(status);
    expect(Refusal.parse(answer.body).error.message).toMatch(message);
    expect(playsOf(tenant.context).list()).toEqual([]);
  });

  test("come in a bounded number at a time", async () => {
    const body = JSON.stringify({ vault: logged() });
    for (let count = 0; count < 20; count++)
      expect((await send("POST", "/sim/plays/slow-and-low", { body })).status).toBe(202);
    expect((await send("POST", "/sim/plays/slow-and-low", { body })).status).toBe(409);
    expect((await send("GET", "/sim/plays/runs/999")).status).toBe(404);
  });

  test.each([
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:3000" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("are not started by a page of another origin: %j", async (headers: Record<string, string>) => {
    const answer = await send("POST", "/sim/plays/list-then-get", { body: `{"vault":"${logged()}"}`, headers });
    expect(answer.status).toBe(403);
    expect(playsOf(tenant.context).list()).toEqual([]);
  });
});

describe("the control page", () => {
  const htmlOf = async (target: string): Promise<string> => {
    const { status, headers, body } = await send("GET", target);
    expect(status).toBe(200);
    expect(headers?.["content-type"]).toMatch(/^text\/html/);
    expect(headers?.["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(headers?.["content-security-policy"]).not.toMatch(/unsafe/);
    return String(body);
  };
  const tokenIn = (page: string) => /name="token" value="([^"]+)"/.exec(page)?.[1] ?? expect.fail("no token");
  const own = { origin: "http://127.0.0.1:4280", "sec-fetch-site": "same-origin" };

  test("runs the chosen play with its settings and shows what it left", async () => {
    const page = await htmlOf(`/sim?vault=${logged()}`);
    expect(page).toContain(`value="${logged()}"`);
    const form = {
      token: tokenIn(page),
      play: "list-then-get",
      vault: logged(),
      spread: "0",
      "list-then-get.limit": "2",
    };
    const answer = await send("POST", "/sim/run", { form: { ...form, "slow-and-low.reads": "7" }, headers: own });
    expect(answer).toMatchObject({ status: 303, headers: { location: "/sim/runs/1" } });
    await finish();
    const run = await htmlOf("/sim/runs/1");
    expect(run.match(/SecretGet 200/g)).toHaveLength(2);
    expect(await htmlOf("/sim")).toContain("/sim/runs/1");
  });

  test("takes no form without its token, from elsewhere, or of another kind", async () => {
    const token = tokenIn(await htmlOf("/sim"));
    const form = { play: "list-then-get", vault: logged() };
    for (const sent of [
      { form, headers: own },
      { form: { ...form, token: "guessed" }, headers: own },
      { form: { ...form, token }, headers: { origin: "https://evil.example" } },
      { body: new URLSearchParams({ ...form, token }).toString(), headers: { ...own, "content-type": "text/plain" } },
    ])
      expect((await send("POST", "/sim/run", sent)).status).toBeGreaterThanOrEqual(400);
    expect(playsOf(tenant.context).list()).toEqual([]);
  });

  test("says in the form why nothing was started, and puts nothing into the page as it came", async () => {
    const token = tokenIn(await htmlOf("/sim"));
    const form = { token, play: "list-then-get", vault: '"><script>alert(1)</script>', spread: "0" };
    const answer = await send("POST", "/sim/run", { form, headers: own });
    expect(answer.status).toBe(400);
    expect(String(answer.body)).toMatch(/role="alert">There is no vault/);
    expect(String(answer.body)).not.toContain("<script>alert");
    expect(await htmlOf("/sim/vaults?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")).not.toContain("<script>alert");
  });

  test("lists the vaults fifty at a time, found by name", async () => {
    const name = logged();
    const page = await htmlOf(`/sim/vaults?q=${name.toUpperCase()}`);
    expect(page).toContain(`/sim?vault=${name}`);
    expect(page).toContain("1 to 1 of 1 vaults");
    for (const odd of ["from=-1", "from=999999999", "from=abc", `q=${"x".repeat(5000)}`])
      await htmlOf(`/sim/vaults?${odd}`);
  });

  test("moves a virtual clock, and the play goes on at its own pace meanwhile", async () => {
    const clock = new VirtualClock(FIRST_START);
    const context = { ...tenant.context, now: () => clock.now() };
    tenant = { ...tenant, context };
    const runner = playsOf(context);
    timekeeper = new Timekeeper({
      clock,
      chores: [runner],
      commit: () => {},
      onFault: (fault) => expect.fail(String(fault)),
    });
    const token = tokenIn(await htmlOf("/sim"));
    const form = { token, play: "slow-and-low", vault: logged(), spread: "own", "slow-and-low.reads": "3" };
    expect((await send("POST", "/sim/run", { form, headers: own })).status).toBe(303);
    expect(runner.get("1")?.steps).toEqual([]);
    const advance = { token, hours: "24", back: "/sim/runs/1" };
    expect(await send("POST", "/sim/advance", { form: advance, headers: own })).toMatchObject({
      status: 303,
      headers: { location: "/sim/runs/1" },
    });
    expect(clock.now()).toBe(FIRST_START + 24 * 3_600_000);
    const times = runner.get("1")?.steps.map(({ at }) => at - FIRST_START) ?? [];
    expect(times).toHaveLength(4);
    expect(times[0]).toBe(0);
    expect(times[3]).toBeGreaterThan(10 * 3_600_000);
  });

  test("has nothing to advance when the clock is real", async () => {
    const page = await htmlOf("/sim");
    expect(page).not.toContain("/sim/advance");
    const form = { token: tokenIn(page), hours: "1", back: "https://evil.example" };
    expect((await send("POST", "/sim/advance", { form, headers: own })).status).toBe(400);
  });
});
