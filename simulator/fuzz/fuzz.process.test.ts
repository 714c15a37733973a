import http from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeClients } from "../conformance/clients";
import { driveAll } from "../conformance/drive";
import type { Exchange } from "../conformance/exchange";
import { routeOf } from "../conformance/routes";
import { makeStage, placeOf } from "../conformance/stage";
import { type ConformanceTenant, conformanceTenant } from "../conformance/tenant";
import { recordingWire } from "../conformance/wire";
import { Random } from "../world/random";
import { complaint, type RawAnswer } from "./judge";
import { everywhere, mutated, type RawRequest } from "./mutate";

/** The seed of a failed run is in its message; set it here to see the same requests again. */
const SEED = process.env.FUZZ_SEED ?? "1";
const REQUESTS = 20_000;
/** Requests under way at once. */
const LANES = 16;
/** Good requests of each route that are kept to start from. */
const BASES_PER_ROUTE = 3;
/** New query texts cost the parser tens of milliseconds each, so they are a small part. */
const QUERY_SHARE = 0.01;

let tenant: ConformanceTenant;
let bases: { queries: Exchange[]; others: Exchange[] };
const faults: unknown[] = [];

beforeAll(async () => {
  tenant = await conformanceTenant((error) => faults.push(error));
  const wire = recordingWire(tenant.url);
  const { subscriptionId } = placeOf(tenant);
  const clients = makeClients(tenant.credential, subscriptionId, { httpClient: wire.httpClient, policies: [] });
  await driveAll(makeStage(tenant, wire, clients, []));
  bases = startingPoints(wire.exchanges);
}, 120_000);

afterAll(() => tenant.stop());

function startingPoints(exchanges: readonly Exchange[]): { queries: Exchange[]; others: Exchange[] } {
  const byRoute = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const route = routeOf(exchange);
    if (route === undefined || exchange.status >= 400) continue;
    const found = byRoute.get(route) ?? [];
    if (found.length < BASES_PER_ROUTE) byRoute.set(route, [...found, exchange]);
  }
  const all = [...byRoute.values()].flat();
  const asksKql = ({ url }: Exchange) => /loganalytics\.io|resourcegraph/i.test(url);
  return { queries: all.filter(asksKql), others: all.filter((exchange) => !asksKql(exchange)) };
}

const agent = new http.Agent({ keepAlive: true, maxSockets: LANES });

function send({ method, host, target, headers, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      tenant.url,
      { method, path: target, agent, headers: { ...headers, "x-forwarded-host": host, "content-length": body.length } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            contentType: answer.headers["content-type"] ?? "",
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** Route and form of the body, whatever its values: one request of each is enough. */
function shapeOf(base: Exchange): string {
  const form = JSON.stringify(base.requestBody, (_, value) => (typeof value === "object" ? value : 0));
  return `${routeOf(base)} ${form}`;
}

function shown({ method, host, target, body }: RawRequest): string {
  return `${method} https://${host}${target.slice(0, 300)} ${body.toString("utf8").slice(0, 300)}`;
}

describe("hostile requests", () => {
  test("a text of 200,000 characters is refused wherever a body has room for one", { timeout: 300_000 }, async () => {
    const shapes = new Map([...bases.others, ...bases.queries].map((base) => [shapeOf(base), base]));
    const places = [...shapes.values()].flatMap((base) => everywhere(base, "a".repeat(200_000)));
    expect(places.length).toBeGreaterThan(250);
    const complaints: string[] = [];
    const lane = async () => {
      for (let request = places.pop(); request !== undefined; request = places.pop()) {
        const wrong = complaint(request, await send(request));
        if (wrong !== undefined) complaints.push(`${wrong}: ${shown(request)}`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test(`${REQUESTS} of them get refusals in Azure's form, and the tenant goes on`, { timeout: 400_000 }, async () => {
    expect(bases.others.length).toBeGreaterThan(50);
    expect(bases.queries.length).toBeGreaterThan(0);
    const random = new Random(`fuzz/${SEED}`);
    const complaints: string[] = [];
    const statuses = new Map<number, number>();
    let sent = 0;
    const lane = async () => {
      while (sent < REQUESTS) {
        sent++;
        const base = random.pick(random.chance(QUERY_SHARE) ? bases.queries : bases.others);
        const request = mutated(base, random);
        const answer = await send(request);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        const wrong = complaint(request, answer);
        if (wrong !== undefined && complaints.length < 20) complaints.push(`${wrong}: ${shown(request)}`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    expect(faults, `seed ${SEED}`).toEqual([]);
    expect(complaints, `seed ${SEED}`).toEqual([]);
    // Not everything is refused at the door: the requests reach what they are meant to shake.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(REQUESTS / 20);
    expect(statuses.get(400) ?? 0).toBeGreaterThan(REQUESTS / 20);
    expect((await fetch(`${tenant.url}/sim/health`)).status).toBe(200);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test.each([
    ["a target of 100 KB", `GET /subscriptions/${"a".repeat(100_000)} HTTP/1.1\r\nhost: management.azure.com\r\n\r\n`],
    ["no HTTP", "hello\r\n\r\n"],
    ["a broken length", "POST / HTTP/1.1\r\nhost: management.azure.com\r\ncontent-length: -5\r\n\r\n"],
    ["both lengths", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
  ])("%s is refused on the wire", async (_what, text) => {
    const { connect } = await import("node:net");
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(tenant.url).port), "127.0.0.1", () => socket.write(text));
      let said = "";
      socket.on("data", (chunk) => {
        said += chunk.toString();
      });
      socket.on("close", () => resolve(said));
      socket.on("error", reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toMatch(/node:|Error:/);
  });
});
