import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { testConfig } from "@/scripts/test/config";
import { AppError } from "./errors";
import { contextFor, runtime } from "./runtime";

const parts = vi.hoisted(() => ({
  openStore: vi.fn(),
  importRegister: vi.fn(),
  startJobs: vi.fn(),
  startCollector: vi.fn(),
  warn: vi.fn(),
}));
vi.mock("./config", async (original) => ({ ...(await original<object>()), loadConfig: () => testConfig() }));
vi.mock("./log", () => ({ log: { warn: parts.warn, error: vi.fn(), info: vi.fn() } }));
vi.mock("./store/open", () => ({ openStore: parts.openStore }));
vi.mock("./store/jobs", () => ({ jobQueue: () => ({ enqueue: vi.fn() }), startJobs: parts.startJobs }));
vi.mock("./register/import", () => ({ importRegister: parts.importRegister }));
vi.mock("./coverage/collector", () => ({ startCollector: parts.startCollector }));
vi.mock("./register/jobs", () => ({ registerJobs: async () => ({}) }));
vi.mock("./deployments/jobs", () => ({ deploymentJobs: async () => ({}) }));

const ended: string[] = [];
const stopping = (name: string) => ({ stop: async () => void ended.push(name) });

beforeEach(() => {
  // Each test is a process of its own.
  Reflect.deleteProperty(globalThis, Symbol.for("key-vault-honeytokens.runtime"));
  ended.length = 0;
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  parts.openStore
    .mockReset()
    .mockResolvedValue({ db: {}, kind: "embedded", close: async () => void ended.push("store") });
  parts.importRegister.mockReset().mockResolvedValue({});
  parts.startJobs.mockReset().mockResolvedValue(stopping("jobs"));
  parts.startCollector.mockReset().mockReturnValue(stopping("collector"));
  parts.warn.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
});

test("one process has one product, whoever asks first", async () => {
  const [first, second] = await Promise.all([runtime(), runtime()]);
  expect(first).toBe(second);
  expect(parts.openStore).toHaveBeenCalledTimes(1);
  expect(parts.startCollector).toHaveBeenCalledTimes(1);
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
  parts.startJobs.mockRejectedValue(new AppError("unavailable", "no jobs"));
  await expect(runtime()).rejects.toThrow("no jobs");
  expect(ended).toEqual(["store"]);
});

test("a register that cannot be read stops nothing, and is asked for again", async () => {
  parts.importRegister.mockRejectedValueOnce(new AppError("unavailable", "Sentinel is away."));
  await runtime();
  expect(parts.warn).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(parts.importRegister).toHaveBeenCalledTimes(2);
});

test("a register that does not answer holds the start up for seconds only", async () => {
  parts.importRegister.mockReturnValue(new Promise(() => {}));
  const starting = runtime();
  await vi.advanceTimersByTimeAsync(11_000);
  await expect(starting).resolves.toHaveProperty("store");
});

test("the end is orderly: work first, the store last", async () => {
  const { stop } = await runtime();
  await stop();
  expect(ended.at(-1)).toBe("store");
  expect(ended.toSorted()).toEqual(["collector", "jobs", "store"]);
});

test("work that does not end in time does not keep the store open", async () => {
  parts.startCollector.mockReturnValue({ stop: () => new Promise(() => {}) });
  const { stop } = await runtime();
  const stopped = stop();
  await vi.advanceTimersByTimeAsync(3_500);
  await stopped;
  expect(ended).toContain("store");
});

test("a person's context reaches Azure as the person, over the same wire as the product's own identities", async () => {
  const user = { tid: "t", oid: "o", name: "Kim", upn: undefined, roles: [] };
  const credential = { getToken: vi.fn() };
  const ctx = await contextFor(user, credential, "r-1");
  expect(ctx).toMatchObject({ user, requestId: "r-1" });
  expect(ctx.asUser.credential).toBe(credential);
  expect(ctx.asUser.httpClient).toBe(ctx.azure.collector.httpClient);
  // In the test configuration all five names mean one identity: one credential, one token cache.
  expect(ctx.azure.planter).toBe(ctx.azure.collector);
});
