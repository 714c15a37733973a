import http from "node:http";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RequestCounters } from "./control/counters";
import { handleControl } from "./control/service";
import { AzureError } from "./http";
import { listenOnLoopback } from "./listen";
import { createServer, type Services } from "./server";
import { type TestTenant, testTenant } from "./test-tenant";

let tenant: TestTenant;
let server: http.Server;
let port: number;
let commits: number;
let faults: unknown[];
/** Paths at which the service of ARM was asked. */
let reached: string[];

beforeEach(async () => {
  tenant = await testTenant({ vaults: 5 });
  commits = 0;
  faults = [];
  reached = [];
  const counters = new RequestCounters(tenant.context.now);
  const services: Services = {
    entra: async () => ({ status: 200, headers: { "content-type": "text/html" }, body: "<p>page</p>" }),
    identity: async () => ({ status: 204 }),
    arm: async (request) => {
      reached.push(request.path);
      return { status: 200, body: { body: request.json(), path: request.path } };
    },
    keyvault: async () => {
      throw new AzureError(403, "Forbidden", "No.", { innererror: { code: "ForbiddenByFirewall" } });
    },
    loganalytics: async () => {
      throw new TypeError("a secret of the implementation");
    },
    graph: async () => ({ status: 204 }),
    control: (request, context) => handleControl(request, context, counters, tenant.timekeeper),
  };
  server = createServer({
    context: tenant.context,
    services,
    counters,
    commit: () => {
      commits++;
    },
    onFault: (error) => faults.push(error),
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
  json(): Record<string, unknown>;
}

/** A raw request: `fetch` would tidy up the path. */
function send(options: {
  path: string;
  method?: string;
  host?: string;
  forwarded?: string;
  body?: string | Buffer;
}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        port,
        host: "127.0.0.1",
        path: options.path,
        method: options.method ?? (options.body === undefined ? "GET" : "POST"),
        headers: {
          ...(options.host && { host: options.host }),
          ...(options.forwarded && { "x-forwarded-host": options.forwarded }),
        },
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: () => JSON.parse(text) }),
        );
      },
    );
    request.on("error", reject);
    request.end(options.body);
  });
}

const ARM = "management.azure.com";

test("every answer is dated by the tenant's clock", async () => {
  const { headers } = await send({ path: "/subscriptions", host: ARM, body: "{}" });
  expect(headers.date).toBe(new Date(tenant.context.now()).toUTCString());
});

describe("the server", () => {
  test("commits before every answer and gives every answer a request id", async () => {
    const answer = await send({ path: "/subscriptions", forwarded: ARM, body: "{}" });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers["x-ms-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(commits).toBe(1);
  });

  test("answers a body that is no JSON in the words of the service", async () => {
    const answer = await send({ path: "/x", forwarded: ARM, body: "{" });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: "InvalidRequestContent" } });
  });

  test("refuses bodies above 4 MB and goes on answering", async () => {
    const answer = await send({ path: "/x", forwarded: ARM, body: Buffer.alloc(4 * 1024 * 1024 + 1, 0x20) });
    expect(answer).toMatchObject({ status: 413 });
    const exact = Buffer.concat([Buffer.from("1"), Buffer.alloc(4 * 1024 * 1024 - 1, 0x20)]);
    expect((await send({ path: "/x", forwarded: ARM, body: exact })).status).toBe(200);
  });

  test.each([16 * 1024 + 1, 200_000, 1_000_000])("refuses an address of %i characters with a body", async (length) => {
    for (const forwarded of [ARM, "kv-a.vault.azure.net"]) {
      const inPath = await send({ path: `/${"a".repeat(length - 1)}`, forwarded });
      expect([inPath.status, inPath.json()]).toMatchObject([414, { error: { code: "RequestUriTooLong" } }]);
      const inQuery = await send({ path: `/x?a=${"a".repeat(length)}`, forwarded, body: "{}" });
      expect(inQuery.status).toBe(414);
    }
    expect((await send({ path: "/sim/health" })).status).toBe(200);
  });

  test("takes an address that is just short enough", async () => {
    expect((await send({ path: `/${"a".repeat(16 * 1024 - 1)}`, forwarded: ARM, body: "{}" })).status).toBe(200);
  });

  test("refuses what is not HTTP, and a head without end, with a body", async () => {
    const answerTo = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = net.connect(port, "127.0.0.1", () => socket.write(text));
        let answer = "";
        socket.on("data", (chunk: Buffer) => {
          answer += chunk.toString();
        });
        socket.on("end", () => resolve(answer)).on("error", reject);
      });
    expect(await answerTo("no http at all\r\n\r\n")).toMatch(/^HTTP\/1.1 400 .*"code":"BadRequest"/s);
    const head = `GET /subscriptions HTTP/1.1\r\nhost: ${ARM}\r\nx-much: ${"a".repeat(2 * 1024 * 1024)}`;
    expect(await answerTo(head)).toMatch(/^HTTP\/1.1 431 .*"code":"RequestHeaderFieldsTooLarge"/s);
  });

  test("does nothing of what lay unread until its caller was gone", async () => {
    const sendAndGo = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const socket = net.connect(port, "127.0.0.1", () => {
          socket.end(text);
          // Busy for as long as it takes both, the request and the end, to lie there.
          const until = Date.now() + 50;
          while (Date.now() < until);
        });
        socket.resume();
        socket.on("close", () => resolve()).on("error", reject);
      });
    const body = "{}";
    const head = [`PUT /subscriptions HTTP/1.1`, `host: ${ARM}`, "content-type: application/json"].join("\r\n");
    await sendAndGo(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    expect(reached).toEqual([]);
    expect((await send({ path: "/subscriptions", forwarded: ARM, body })).status).toBe(200);
    expect(reached).toEqual(["/subscriptions"]);
  });

  test("passes a service's own refusal on", async () => {
    const answer = await send({ path: "/secrets", forwarded: "kv-a.vault.azure.net" });
    expect(answer.status).toBe(403);
    expect(answer.json()).toMatchObject({ error: { code: "Forbidden", innererror: { code: "ForbiddenByFirewall" } } });
  });

  test("hides its own faults behind a request id and does not end", async () => {
    const answer = await send({ path: "/v1", forwarded: "api.loganalytics.io" });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/secret of the implementation|\.ts/);
    expect(answer.text).toContain(String(answer.headers["x-ms-request-id"]));
    expect(faults).toHaveLength(1);
    expect((await send({ path: "/sim/health" })).status).toBe(200);
  });

  test("answers 400 to paths that climb and 421 to names that are not its own", async () => {
    expect((await send({ path: "/sim/../../etc/passwd" })).status).toBe(400);
    expect((await send({ path: "/sim/%2e%2e%2f%2e%2e%2fetc" })).status).toBe(400);
    expect((await send({ path: "/sim/tenant", host: "rebound.example" })).status).toBe(421);
    expect((await send({ path: "/sim/tenant", forwarded: "localhost:3000" })).status).toBe(421);
  });

  test("sends pages as they are and no body with 204", async () => {
    const page = await send({ path: `/${tenant.context.identity.tenantId}/x` });
    expect(page).toMatchObject({ text: "<p>page</p>", headers: { "content-type": "text/html" } });
    const empty = await send({ path: "/msi/token" });
    expect(empty).toMatchObject({ status: 204, text: "" });
  });
});

describe("the control routes", () => {
  test("tell what a product needs and no secret", async () => {
    const note = (await send({ path: "/sim/tenant" })).json();
    expect(note).toMatchObject({
      tenantId: tenant.context.identity.tenantId,
      watchlistAlias: "HoneyTokens",
      vaults: 5,
      personas: [{ label: "Key Vault owner" }, { label: "SOC analyst" }, { label: "Administrator" }],
    });
    expect(JSON.stringify(note)).not.toContain("api-secret-of-the-test");
  });

  test("count by service and by operation without names, until they are reset", async () => {
    await send({
      path: "/subscriptions/6854489f-a89f-44ca-99a8-9c2870c43055/resourceGroups/rg-a",
      forwarded: ARM,
      body: "{}",
    });
    await send({
      path: "/subscriptions/00000000-a89f-44ca-99a8-9c2870c43055/resourceGroups/rg-b",
      forwarded: ARM,
      body: "{}",
    });
    const report = (await send({ path: "/sim/requests" })).json();
    expect(report).toMatchObject({
      services: { arm: 2, control: 1 },
      operations: { "arm POST /subscriptions/{}/resourceGroups/{}": 2 },
    });
    await send({ path: "/sim/requests/reset", method: "POST" });
    expect((await send({ path: "/sim/requests" })).json()).toMatchObject({ services: { control: 1 } });
  });

  test("list documents without secret values and without sessions' ids", async () => {
    const objects = await send({ path: "/sim/collections/objects" });
    expect(objects.json()).toMatchObject({ name: "objects", count: tenant.context.model.objects.size });
    expect(objects.text).not.toContain('"value"');
    tenant.context.model.sessions.put("digest", { sid: "the-sid", oid: "o", expiresAt: 1 });
    const sessions = await send({ path: "/sim/collections/sessions" });
    expect(sessions.json()).toMatchObject({ documents: [{ oid: "o", expiresAt: 1 }] });
    expect(sessions.text).not.toMatch(/the-sid|digest/);
    expect((await send({ path: "/sim/collections/nothing" })).status).toBe(404);
  });

  test("show a vault's log rows, those on their way marked", async () => {
    const [vault] = [...tenant.context.model.vaults.values()];
    const now = tenant.context.now();
    const values = { _ResourceId: vault?.id.toLowerCase() };
    tenant.context.model.logRows.add({ table: "AZKVAuditLogs", timeGenerated: now, ingestedAt: now + 1, values });
    const rows = (await send({ path: `/sim/log-rows?vault=${vault?.name}` })).json();
    expect(rows).toMatchObject({ count: 1, rows: [{ pending: true }] });
  });

  test("know only their own methods", async () => {
    expect((await send({ path: "/sim/tenant", method: "DELETE" })).status).toBe(405);
    expect((await send({ path: "/sim/nothing" })).status).toBe(404);
  });
});
