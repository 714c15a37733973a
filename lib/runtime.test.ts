import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { testConfig } from "@/scripts/test/config";
import type { Config } from "./config";
import { AppError } from "./errors";
import { contextFor, runtime } from "./runtime";

const parts = vi.hoisted(() => ({
  openStore: vi.fn(),
  startBackground: vi.fn(),
  loadConfig: vi.fn<() => Config>(),
}));
vi.mock("./config", async (original) => ({ ...(await original<object>()), loadConfig: parts.loadConfig }));
vi.mock("./store/open", () => ({ openStore: parts.openStore }));
vi.mock("./store/jobs", () => ({ jobQueue: () => ({ enqueue: vi.fn() }) }));
vi.mock("./background", () => ({ startBackground: parts.startBackground }));

const ended: string[] = [];

beforeEach(() => {
  // Each test is a process of its own.
  Reflect.deleteProperty(globalThis, Symbol.for("key-vault-honeytokens.runtime"));
  ended.length = 0;
  vi.useFakeTimers({ toFake: ["Date"] });
  parts.loadConfig.mockReset().mockReturnValue(testConfig());
  parts.openStore
    .mockReset()
    .mockResolvedValue({ db: {}, kind: "embedded", close: async () => void ended.push("store") });
  parts.startBackground.mockReset().mockResolvedValue({ queues: [], stop: async () => void ended.push("work") });
});
afterEach(() => {
  vi.useRealTimers();
});

test("one process has one product, whoever asks first", async () => {
  const [first, second] = await Promise.all([runtime(), runtime()]);
  expect(first).toBe(second);
  expect(parts.openStore).toHaveBeenCalledTimes(1);
  expect(parts.startBackground).toHaveBeenCalledTimes(1);
});

test("a store that cannot be opened is told to everyone, without trying at every request, and tried again later", async () => {
  parts.openStore.mockRejectedValue(new AppError("unavailable", "Process 4711 holds the folder."));
  await expect(runtime()).rejects.toThrow("4711");
  await expect(runtime()).rejects.toThrow("4711");
  expect(parts.openStore).toHaveBeenCalledTimes(1);

  parts.openStore.mockResolvedValue({ db: {}, kind: "embedded", close: vi.fn() });
  vi.advanceTimersByTime(6_000);
  await expect(runtime()).resolves.toHaveProperty("service");
});

test("a start that fails half way gives the store back", async () => {
  parts.startBackground.mockRejectedValue(new AppError("unavailable", "no jobs"));
  await expect(runtime()).rejects.toThrow("no jobs");
  expect(ended).toEqual(["store"]);
});

test("the end is orderly: work first, the store last", async () => {
  const { stop } = await runtime();
  await stop();
  expect(ended).toEqual(["work", "store"]);
});

test("a web process beside workers serves people and runs no job", async () => {
  parts.loadConfig.mockReturnValue(testConfig({ runJobs: false }));
  const { stop, jobs } = await runtime();
  expect(parts.startBackground).not.toHaveBeenCalled();
  expect(jobs).toHaveProperty("enqueue");
  await stop();
  expect(ended).toEqual(["store"]);
});

test("a person's context reaches Azure as the person, over one wire for everybody, which is not paced as the product's own is", async () => {
  const user = { tid: "t", oid: "o", name: "Kim", upn: undefined, roles: [] };
  const credential = { getToken: vi.fn() };
  const ctx = await contextFor(user, credential, "r-1");
  expect(ctx).toMatchObject({ user, requestId: "r-1" });
  expect(ctx.asUser.credential).toBe(credential);
  const another = await contextFor(user, { getToken: vi.fn() }, "r-2");
  expect(ctx.asUser.httpClient).toBe(another.asUser.httpClient);
  expect(ctx.asUser.httpClient).not.toBe(ctx.azure.collector.httpClient);
  // In the test configuration all five names mean one identity: one credential, one token cache.
  expect(ctx.azure.planter).toBe(ctx.azure.collector);
});
