import { createHttpHeaders, createPipelineRequest, type HttpClient, type HttpMethods } from "@azure/core-rest-pipeline";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CLOUDS } from "@/lib/cloud";
import { Slots } from "@/lib/slots";
import { testConfig } from "@/scripts/test/config";
import { ARM_BUCKETS } from "./arm-limits.pure";
import { pacedForArm } from "./arm-pace";
import { httpClientFor } from "./transport";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const cloud = CLOUDS.AzureCloud;
const at = (subscription: string) => `${cloud.arm}/subscriptions/${subscription}/resourceGroups/g/x`;

type Answer = { status: number; headers?: Record<string, string> };

/** A wire that answers at once, and what was sent over it. */
function wire(answer: (url: string) => Answer = () => ({ status: 200 })) {
  const sent: string[] = [];
  const inner: HttpClient = {
    sendRequest: async (request) => {
      sent.push(`${request.method} ${request.url}`);
      const { status, headers = {} } = answer(request.url);
      return { request, status, headers: createHttpHeaders(headers) };
    },
  };
  const client = pacedForArm(inner, cloud);
  const call = (method: HttpMethods, url: string) => client.sendRequest(createPipelineRequest({ method, url }));
  const many = (count: number, method: HttpMethods, url: string) => {
    for (let index = 0; index < count; index++) void call(method, url);
  };
  const count = (text: string) => sent.filter((line) => line.includes(text)).length;
  return { sent, call, many, count };
}

test("writes of a subscription go as fast as its bucket allows; other subscriptions, reads and deletes do not wait", async () => {
  const { many, count } = wire();
  const { burst, perSecond } = ARM_BUCKETS.writes;
  many(burst + 25, "PUT", at("full"));
  many(1, "PUT", at("other"));
  many(1, "GET", at("full"));
  many(1, "DELETE", at("full"));
  await vi.advanceTimersByTimeAsync(0);
  expect(count(`PUT ${at("full")}`)).toBe(burst);
  for (const line of [`PUT ${at("other")}`, `GET ${at("full")}`, `DELETE ${at("full")}`]) expect(count(line)).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(count(`PUT ${at("full")}`)).toBe(burst + perSecond);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(count(`PUT ${at("full")}`)).toBe(burst + 25);
});

test("each identity has buckets of its own, however a subscription's id is written", async () => {
  const [one, other] = [wire(), wire()];
  one.many(ARM_BUCKETS.deletes.burst, "DELETE", at("abc"));
  one.many(1, "DELETE", at("ABC"));
  other.many(1, "DELETE", at("abc"));
  await vi.advanceTimersByTimeAsync(0);
  expect(one.sent).toHaveLength(ARM_BUCKETS.deletes.burst);
  expect(other.sent).toHaveLength(1);
});

test("what is no ARM call inside a subscription is never held back", async () => {
  const { many, sent } = wire();
  many(600, "GET", "https://kv.vault.azure.net/secrets");
  many(600, "POST", `${cloud.arm}/providers/Microsoft.ResourceGraph/resources`);
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toHaveLength(1_200);
});

test("a refusal holds back its own subscription for as long as it says, and the call is sent once more", async () => {
  const refusals = [true];
  const { call, many, count } = wire((url) =>
    url.includes("shared") && refusals.pop() ? { status: 429, headers: { "retry-after": "7" } } : { status: 200 },
  );
  const answer = call("PUT", at("shared"));
  await vi.advanceTimersByTimeAsync(0);
  many(1, "PUT", at("shared"));
  many(1, "PUT", at("other"));
  await vi.advanceTimersByTimeAsync(6_900);
  expect(count(at("shared"))).toBe(1);
  expect(count(at("other"))).toBe(1);
  await vi.advanceTimersByTimeAsync(500);
  expect((await answer).status).toBe(200);
  expect(count(at("shared"))).toBe(3);
});

test("a subscription that refuses again and again gives its answer back", async () => {
  const { call, sent } = wire(() => ({ status: 429, headers: { "retry-after": "3" } }));
  const answer = call("PUT", at("shared"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect((await answer).status).toBe(429);
  expect(sent).toHaveLength(2);
});

test("a refusal that does not say for how long is short at first, and longer each time until it is given back", async () => {
  const refusals = [true, true, true];
  const { call, count } = wire((url) => ({ status: url.includes("shut") || refusals.pop() ? 429 : 200 }));
  const [passes, shut] = [call("GET", at("passes")), call("GET", at("shut"))];
  await vi.advanceTimersByTimeAsync(1_500);
  expect(count(at("passes"))).toBe(2);
  await vi.advanceTimersByTimeAsync(8_000);
  expect((await passes).status).toBe(200);
  expect((await shut).status).toBe(429);
  expect([count(at("passes")), count(at("shut"))]).toEqual([4, 4]);
});

test("when another tool draws from the bucket, the headers slow us down before ARM refuses", async () => {
  const { call, many, sent } = wire(() => ({
    status: 200,
    headers: { "x-ms-ratelimit-remaining-subscription-writes": "3" },
  }));
  await call("PUT", at("shared"));
  many(50, "PUT", at("shared"));
  await vi.advanceTimersByTimeAsync(0);
  expect(sent.length).toBeLessThanOrEqual(1 + 4);
});

test("vaults of a throttled subscription leave their slots to others", async () => {
  const { call, count } = wire();
  const slots = new Slots(4);
  const work = (subscription: string) => slots.run(() => call("PUT", at(subscription)));
  const throttled = Array.from({ length: ARM_BUCKETS.writes.burst + 40 }, () => work("full"));
  const other = Array.from({ length: 40 }, () => work("other"));
  await vi.advanceTimersByTimeAsync(0);
  await Promise.all(other);
  expect(count(at("full"))).toBe(ARM_BUCKETS.writes.burst);
  await vi.advanceTimersByTimeAsync(5_000);
  await Promise.all(throttled);
});

test("what waited for its turn is not sent once its work is not to go on", async () => {
  const sent: string[] = [];
  const wireBelow = httpClientFor(testConfig({ mode: "real" }), {
    sendRequest: async (request) => {
      sent.push(request.method);
      return { request, status: 200, headers: createHttpHeaders() };
    },
  });
  const client = pacedForArm(wireBelow, cloud);
  const put = () => client.sendRequest(createPipelineRequest({ method: "PUT", url: at("full") }));
  await Promise.all(Array.from({ length: ARM_BUCKETS.writes.burst }, put));
  let over = false;
  const late = new Slots(1).run(put, {
    mayGoOn: () => {
      if (over) throw new Error("another one's");
    },
  });
  const refused = expect(late).rejects.toThrow("another one's");
  over = true;
  await vi.advanceTimersByTimeAsync(5_000);
  await refused;
  expect(sent).toHaveLength(ARM_BUCKETS.writes.burst);
});
