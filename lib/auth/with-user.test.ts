import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { type Issuer, PERSON, startIssuer } from "./testing/issuer";
import { withUserAction, withUserRoute } from "./with-user";

const product = vi.hoisted(() => ({ productConfig: vi.fn(), contextFor: vi.fn() }));
vi.mock("@/lib/runtime", () => product);
const lines = vi.hoisted(() => [] as unknown[]);
vi.mock("@/lib/log", () => {
  const child = { warn: (fields: unknown) => lines.push(fields), error: (fields: unknown) => lines.push(fields) };
  return { log: { child: () => child } };
});

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());
beforeEach(() => {
  lines.length = 0;
  product.productConfig.mockImplementation(() => issuer.config);
  product.contextFor.mockImplementation(async (user, asUser, requestId) => ({ user, asUser, requestId }));
});

const Input = z.strictObject({ id: z.string(), take: z.coerce.number().max(10).default(5) });
const none = { params: Promise.resolve({}) };

function ask(token: string | undefined, address = "http://localhost:3000/api/x?id=1") {
  return new Request(address, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
}

describe("a route", () => {
  const handler = vi.fn(async ({ user }: { user: { oid: string } }, input: z.infer<typeof Input>) => ({
    oid: user.oid,
    ...input,
  }));
  const route = withUserRoute({ roles: ["KeyVault.Owner"] }, Input, handler);
  beforeEach(() => {
    handler.mockClear();
  });

  test("answers a person with the role, with parsed input, and is never cached", async () => {
    const response = await route(ask(await issuer.token()), none);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ oid: PERSON.oid, id: "1", take: 5 });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("takes path parameters over query ones of the same name", async () => {
    const params = { params: Promise.resolve({ id: "path" }) };
    const response = await route(ask(await issuer.token(), "http://localhost:3000/api/x?id=query&take=3"), params);
    expect(await response.json()).toMatchObject({ id: "path", take: 3 });
  });

  test.each([
    ["no token", undefined],
    ["another scheme", "not a bearer"],
  ])("refuses %s before it looks at the input", async (_, token) => {
    const response = await route(ask(token, "http://localhost:3000/api/x?id=1&id=2"), none);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(handler).not.toHaveBeenCalled();
  });

  test("refuses a person without the role, also when the input is bad", async () => {
    const response = await route(
      ask(await issuer.token({ roles: ["Soc.Analyst"] }), "http://localhost:3000/?x=1"),
      none,
    );
    expect(response.status).toBe(403);
    expect((await response.json()).error).toMatchObject({
      code: "forbidden",
      fix: expect.stringContaining("KeyVault.Owner"),
    });
    expect(handler).not.toHaveBeenCalled();
  });

  test.each([
    ["id=1&take=11", "take"],
    ["id=1&id=2", "id"],
    ["id=1&surprise=1", "surprise"],
    ["take=1", "id"],
    ["id=a%00b", "id"],
  ])("names the bad field of ?%s", async (query, field) => {
    const response = await route(ask(await issuer.token(), `http://localhost:3000/api/x?${query}`), none);
    expect(response.status).toBe(400);
    expect((await response.json()).error.field).toBe(field);
    expect(handler).not.toHaveBeenCalled();
  });

  test("without roles lets any signed-in person of the tenant in", async () => {
    const open = withUserRoute({}, z.object({}), async () => ({ ok: 1 }));
    expect((await open(ask(await issuer.token({ roles: [] })), none)).status).toBe(200);
    expect((await open(ask(undefined), none)).status).toBe(401);
  });

  test("an empty list of roles lets nobody in", async () => {
    const closed = withUserRoute({ roles: [] }, z.object({}), async () => ({ ok: 1 }));
    expect((await closed(ask(await issuer.token()), none)).status).toBe(403);
  });

  test("a step-up carries its claims to the browser", async () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    handler.mockRejectedValueOnce(new AppError("step_up", "Confirm.", { claims }));
    const response = await route(ask(await issuer.token()), none);
    expect(response.status).toBe(401);
    const header = response.headers.get("www-authenticate") ?? "";
    const encoded = /^Bearer error="insufficient_claims", claims="([^"]+)"$/.exec(header)?.[1] ?? "";
    expect(Buffer.from(encoded, "base64").toString()).toBe(claims);
    expect((await response.json()).error.claims).toBe(claims);
  });

  test("throttling says how long to wait", async () => {
    handler.mockRejectedValueOnce(new AppError("throttled", "Slow down.", { retryAfterSeconds: 17 }));
    const response = await route(ask(await issuer.token()), none);
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "17"]);
  });

  test("a fault is one sentence and a request id; the rest is in the log only", async () => {
    handler.mockRejectedValueOnce(new Error("connect to 10.0.0.5 as postgres failed"));
    const response = await route(ask(await issuer.token()), none);
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(text).not.toContain("10.0.0.5");
    expect(JSON.parse(text).error.requestId).toBe(response.headers.get("x-request-id"));
    expect(lines).toHaveLength(1);
  });

  test("a store that is not available is a clear answer of every route", async () => {
    product.contextFor.mockRejectedValueOnce(new AppError("unavailable", "Process 4711 holds the folder."));
    const response = await route(ask(await issuer.token()), none);
    expect(response.status).toBe(503);
    expect((await response.json()).error.message).toContain("4711");
  });
});

describe("an action", () => {
  const handler = vi.fn(async (_: unknown, input: z.infer<typeof Input>) => input.take);
  const action = withUserAction({ roles: ["Platform.Admin"] }, Input, handler);
  beforeEach(() => {
    handler.mockClear();
  });
  const admin = () => issuer.token({ roles: ["Platform.Admin"] });

  test("answers with its data", async () => {
    expect(await action(await admin(), { id: "1", take: 2 })).toEqual({ ok: true, data: 2 });
  });

  test.each([
    ["a stranger", async () => "x", { id: "1" }, "signed_out"],
    ["nobody", async () => "", { id: "1" }, "signed_out"],
    ["a person without the role", () => issuer.token(), { id: "1" }, "forbidden"],
    ["unknown fields", admin, { id: "1", extra: true }, "invalid"],
    ["no input", admin, undefined, "invalid"],
  ])("refuses %s and never throws", async (_, token, input, code) => {
    expect(await action(await token(), input)).toMatchObject({ ok: false, error: { code } });
    expect(handler).not.toHaveBeenCalled();
  });

  test("survives arguments of the wrong kind, since anyone can send them", async () => {
    const loose: (...inputs: unknown[]) => Promise<unknown> = action as (...inputs: unknown[]) => Promise<unknown>; // as the network would
    for (const inputs of [[], [{}], [null, null], [["a"], 1]]) {
      expect(await loose(...inputs)).toMatchObject({ ok: false, error: { code: "signed_out" } });
    }
  });

  test("maps failures to answers", async () => {
    handler.mockRejectedValueOnce(new AppError("conflict", "It is being planted."));
    expect(await action(await admin(), { id: "1" })).toMatchObject({ ok: false, error: { code: "conflict" } });
    handler.mockRejectedValueOnce(new TypeError("secret detail"));
    const answer = JSON.stringify(await action(await admin(), { id: "1" }));
    expect(answer).toContain("unavailable");
    expect(answer).not.toContain("secret detail");
  });
});
