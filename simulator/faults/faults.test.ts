import http from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { RequestCounters } from "../control/counters";
import { handleControl } from "../control/service";
import { listenOnLoopback } from "../listen";
import { createServer, type Services } from "../server";
import { type TestTenant, testTenant } from "../test-tenant";
import { fits } from "./match";
import { Fault, FaultRuleError, parseFaults } from "./rules";

let tenant: TestTenant;
let server: http.Server;
let port: number;
/** Paths that the faultless service behind the faults has carried out. */
let carriedOut: string[];

beforeEach(async () => {
  tenant = await testTenant({ vaults: 2 });
  carriedOut = [];
  const counters = new RequestCounters(tenant.context.now);
  const service: Services["arm"] = async (request) => {
    carriedOut.push(request.path);
    return { status: 200, body: { value: ["one", "two", "three"] } };
  };
  const services: Services = {
    entra: service,
    identity: service,
    arm: service,
    keyvault: service,
    loganalytics: service,
    graph: service,
    control: (request, context) => handleControl(request, context, counters, tenant.timekeeper),
  };
  server = createServer({
    context: tenant.context,
    services,
    counters,
    commit: () => {},
    onFault: (error) => {
      throw error;
    },
  });
  port = await listenOnLoopback(server, 0);
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

const ARM = "management.azure.com";

/** Rejects when the connection breaks, also in the middle of the body. */
function send(path: string, options: { method?: string; host?: string; body?: unknown; signal?: AbortSignal } = {}) {
  const { method = "GET", host = ARM, body, signal } = options;
  const headers = host === "" ? {} : { "x-forwarded-host": host };
  return new Promise<Answer>((resolve, reject) => {
    const request = http.request({ port, host: "127.0.0.1", path, method, headers, signal }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function use(rules: unknown[], more: Record<string, unknown> = {}): Promise<Answer> {
  return send("/sim/faults", { method: "PUT", host: "", body: { rules, ...more } });
}

describe("what a rule is about", () => {
  test.each([
    ["*", "anything", true],
    ["/subscriptions/*/vaults/kv-a", "/Subscriptions/1/Vaults/KV-A", true],
    ["/subscriptions/*/vaults/kv-a", "/subscriptions/1/vaults/kv-ab", false],
    ["*.vault.azure.net", "kv.vault.azure.net", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c", false],
    ["ab*ba", "aba", false],
  ])("%s against %s", (pattern, text, expected) => {
    expect(fits(pattern, text)).toBe(expected);
  });

  test("service, method, host and path all have to fit", async () => {
    const match = { service: "keyvault", method: "put", host: "kv-one.*", path: "/secrets/*" };
    await use([{ name: "one", match, fault: { kind: "error", status: 503 } }]);
    const vault = "kv-one.vault.azure.net";
    expect((await send("/secrets/a", { method: "PUT", host: vault })).status).toBe(503);
    expect((await send("/secrets/a", { host: vault })).status).toBe(200);
    expect((await send("/secrets/a", { method: "PUT", host: "kv-two.vault.azure.net" })).status).toBe(200);
    expect((await send("/keys/a", { method: "PUT", host: vault })).status).toBe(200);
    expect((await send("/secrets/a", { method: "PUT" })).status).toBe(200);
  });

  test("an operation is meant exactly, in the words in which requests are counted", async () => {
    const operation = "arm GET /subscriptions/{}/vaults/{}";
    await use([{ name: "one", match: { operation }, fault: { kind: "error", status: 503 } }]);
    expect((await send("/subscriptions/1/vaults/kv-a")).status).toBe(503);
    expect((await send("/subscriptions/1/vaults/kv-a/secrets")).status).toBe(200);
    const counted: unknown = JSON.parse((await send("/sim/requests", { host: "" })).text);
    expect(counted).toMatchObject({ operations: { [operation]: 1 } });
  });

  test("Resource Graph is a service of its own, and the control routes meet no fault", async () => {
    await use([{ name: "graph", match: { service: "resourcegraph" }, fault: { kind: "error", status: 500 } }]);
    expect((await send("/providers/Microsoft.ResourceGraph/resources", { method: "POST" })).status).toBe(500);
    expect((await send("/subscriptions")).status).toBe(200);
    await use([{ name: "all", fault: { kind: "error", status: 500 } }]);
    expect((await send("/sim/health", { host: "" })).status).toBe(200);
  });

  test("skip, every and times choose among the requests that fit", async () => {
    await use([{ name: "some", skip: 1, every: 2, times: 2, fault: { kind: "error", status: 500 } }]);
    const statuses = [];
    for (let number = 0; number < 8; number++) statuses.push((await send("/a")).status);
    expect(statuses).toEqual([200, 500, 200, 500, 200, 200, 200, 200]);
  });

  test("a chance is drawn from the seed: the same requests meet the same faults", async () => {
    const round = async () => {
      await use([{ name: "dice", chance: 0.5, fault: { kind: "error", status: 500 } }]);
      const statuses = [];
      for (let number = 0; number < 30; number++) statuses.push((await send("/a")).status);
      return statuses;
    };
    const first = await round();
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await round()).toEqual(first);
  });
});

describe("what a fault does", () => {
  test("a throttle answers 429 with the header that was asked for, and nothing is done", async () => {
    await use([{ name: "t", fault: { kind: "throttle", retryAfter: 1.5, header: "retry-after-ms" } }]);
    const answer = await send("/a");
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after-ms"]).toBe("1500");
    expect(carriedOut).toEqual([]);
  });

  test("a throttle may leave every header out", async () => {
    await use([{ name: "t", fault: { kind: "throttle", retryAfter: null } }]);
    const answer = await send("/a");
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBeUndefined();
  });

  test.each([
    ["kv-a.vault.azure.net", "Throttled"],
    ["api.loganalytics.io", "ThrottledError"],
    ["login.microsoftonline.com", "temporarily_unavailable"],
  ])("%s words it as %s", async (host, code) => {
    await use([{ name: "t", fault: { kind: "throttle" } }]);
    expect((await send("/v1/a", { host })).text).toContain(code);
  });

  test("an error may come before or after the request was carried out", async () => {
    await use([{ name: "e", fault: { kind: "error", status: 503, retryAfter: 7 } }]);
    expect((await send("/before")).headers["retry-after"]).toBe("7");
    await use([{ name: "e", fault: { kind: "error", status: 500, done: true } }]);
    expect((await send("/after")).status).toBe(500);
    expect(carriedOut).toEqual(["/after"]);
  });

  test("a gateway's 502 is a page", async () => {
    await use([{ name: "e", fault: { kind: "error", status: 502 } }]);
    const answer = await send("/a");
    expect(answer.headers["content-type"]).toBe("text/html");
    expect(answer.text).toContain("<html>");
  });

  test("a timeout never answers", async () => {
    await use([{ name: "t", fault: { kind: "timeout", done: true } }]);
    await expect(send("/a", { signal: AbortSignal.timeout(300) })).rejects.toThrow(/abort/i);
    expect(carriedOut).toEqual(["/a"]);
  });

  test("a reset breaks the connection before the answer, and nothing is done unless the rule says so", async () => {
    await use([{ name: "r", fault: { kind: "reset" } }]);
    await expect(send("/a")).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(carriedOut).toEqual([]);
  });

  test("a reset in the body follows headers that promised more", async () => {
    await use([{ name: "r", fault: { kind: "reset", at: "body" } }]);
    await expect(send("/a")).rejects.toThrow(/ECONNRESET|aborted/);
    expect(carriedOut).toEqual(["/a"]);
  });

  test("a truncated answer is whole for HTTP and broken as JSON", async () => {
    await use([{ name: "t", fault: { kind: "truncated" } }]);
    const answer = await send("/a");
    expect(answer.status).toBe(200);
    expect(answer.text.length).toBe(Number(answer.headers["content-length"]));
    expect(() => JSON.parse(answer.text)).toThrow(SyntaxError);
  });

  test("a slow answer is the right one", async () => {
    await use([{ name: "s", fault: { kind: "slow", milliseconds: 20 } }]);
    expect((await send("/a")).text).toContain("three");
  });

  test.each([
    [ARM, "ExpiredAuthenticationToken"],
    ["kv-a.vault.azure.net", "AKV10046"],
    ["api.loganalytics.io", "InvalidTokenError"],
  ])("an expired token is refused as %s does", async (host, text) => {
    await use([{ name: "x", fault: { kind: "expired-token" } }]);
    const answer = await send("/v1/a", { host });
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /);
    expect(answer.text).toContain(text);
  });
});

describe("switching faults on and off", () => {
  test("the report counts what each rule met and did", async () => {
    await use([{ name: "counted", skip: 1, fault: { kind: "error", status: 500 } }]);
    await send("/a");
    await send("/a");
    const report: unknown = JSON.parse((await send("/sim/faults", { host: "" })).text);
    expect(report).toMatchObject({ rules: [{ name: "counted", matched: 2, injected: 1 }] });
  });

  test("added rules come after those that are there, and all go at once", async () => {
    await use([{ name: "first", times: 1, fault: { kind: "error", status: 500 } }]);
    const body = { rules: [{ name: "second", fault: { kind: "error", status: 503 } }] };
    await send("/sim/faults", { method: "POST", host: "", body });
    expect([(await send("/a")).status, (await send("/a")).status]).toEqual([500, 503]);
    expect((await send("/sim/faults", { method: "DELETE", host: "" })).status).toBe(204);
    expect((await send("/a")).status).toBe(200);
  });

  test("delays and the clock's skew change while the tenant runs", async () => {
    await use([], { delays: { resourceGraph: 9000 }, clockSkew: -120_000 });
    expect(tenant.context.settings.delays.resourceGraph).toBe(9000);
    expect(tenant.context.settings.clockSkew).toBe(-120_000);
    const answer = await send("/sim/delays", { method: "PATCH", host: "", body: { grant: 5 } });
    expect(JSON.parse(answer.text)).toMatchObject({ grant: 5, resourceGraph: 9000 });
  });

  test.each([
    [{ rules: [{ name: "a", fault: { kind: "explode" } }] }, "rules.0.fault.kind"],
    [{ rules: [{ name: "a", fault: { kind: "error", status: 418 } }] }, "rules.0.fault.status"],
    [{ rules: [{ fault: { kind: "truncated" } }] }, "rules.0.name"],
    [{ rulez: [] }, "rulez"],
    [{ delays: { grant: "soon" } }, "delays.grant"],
    ["text", "The set of faults"],
  ])("%j is refused, naming the field", async (body, field) => {
    expect(() => parseFaults(body)).toThrow(FaultRuleError);
    const answer = await send("/sim/faults", { method: "PUT", host: "", body });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(field);
  });

  test("delays that contradict each other change nothing", async () => {
    const before = { ...tenant.context.settings.delays };
    const answer = await send("/sim/delays", { method: "PATCH", host: "", body: { ingestionMin: 90_000 } });
    expect(answer.status).toBe(400);
    expect(tenant.context.settings.delays).toEqual(before);
  });
});

const Listed = z.strictObject({
  name: z.string(),
  says: z.string(),
  fault: z.looseObject({ kind: z.string() }).optional(),
  delays: z.record(z.string(), z.number()).optional(),
  clockSkew: z.number().optional(),
});

/** The values of a setting that differ in kind, each of which has to be in the list. */
const CHOICES: Record<string, readonly unknown[]> = {
  status: [500, 502, 503, 504],
  done: [true, false],
  at: ["start", "body"],
  header: ["retry-after", "retry-after-ms", "x-ms-retry-after-ms"],
};

describe("the list of faults", () => {
  const listed = async () => {
    const { text } = await send("/sim/faults/list", { host: "" });
    return z.object({ faults: z.array(Listed) }).parse(JSON.parse(text)).faults;
  };

  test("every entry can be put to use as it stands, under a name of its own", async () => {
    const faults = await listed();
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    for (const { name, fault, delays, clockSkew } of faults) {
      const answer = await use(fault ? [{ name, fault }] : [], { delays, clockSkew });
      expect(answer.status, name).toBe(200);
    }
  });

  test("no kind, setting or choice that rules know is missing in it", async () => {
    const faults = (await listed()).flatMap(({ fault }) => fault ?? []);
    for (const { shape } of Fault.options) {
      const kind = shape.kind.value;
      const own = faults.filter((fault) => fault.kind === kind);
      expect(own.length, kind).toBeGreaterThan(0);
      for (const setting of Object.keys(shape)) {
        const values = own.map((fault) => fault[setting]);
        expect(values.filter((value) => value !== undefined).length, `${kind} ${setting}`).toBeGreaterThan(0);
        for (const choice of CHOICES[setting] ?? []) expect(values, `${kind} ${setting}`).toContain(choice);
      }
    }
  });
});
