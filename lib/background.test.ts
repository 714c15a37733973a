import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startBackground } from "./background";
import type { ServiceContext } from "./context";
import { AppError } from "./errors";
import type { Store } from "./store/open";

const parts = vi.hoisted(() => ({ importRegister: vi.fn(), startJobs: vi.fn(), warn: vi.fn() }));
vi.mock("./log", () => ({ log: { warn: parts.warn } }));
vi.mock("./store/jobs", () => ({ startJobs: parts.startJobs }));
vi.mock("./register/import", () => ({ importRegister: parts.importRegister }));
vi.mock("./register/jobs", () => ({ registerJobs: async () => ({}) }));
vi.mock("./detection/backstop", () => ({ backstopJobs: () => ({ compare: {} }) }));
vi.mock("./coverage/collector", () => ({ collectorJobs: async () => ({ collect: {} }) }));
vi.mock("./drills/jobs", () => ({ drillJobs: () => ({ drills: {} }) }));
vi.mock("./outcomes/jobs", () => ({ outcomeJobs: () => ({ outcomes: {} }) }));
vi.mock("./notices/jobs", () => ({ noticeJobs: async () => ({ look: {} }) }));
vi.mock("./distribution/keep-tags", () => ({ reviewTagJobs: () => ({ "review-tag": {} }) }));
vi.mock("./setup/jobs", () => ({ setupJobs: async () => ({ "set-up": {} }) }));
vi.mock("./deployments/jobs", () => ({ deploymentJobs: async () => ({ plant: {} }) }));

const service = {} as ServiceContext; // its parts are all replaced above
const store = {} as Store;
const begin = () => startBackground(service, store);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  parts.importRegister.mockReset().mockResolvedValue({});
  parts.startJobs.mockReset().mockResolvedValue({ stop: async () => {} });
  parts.warn.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
});

test("works on the queues of every feature", async () => {
  const { queues, stop } = await begin();
  expect(queues).toEqual(["plant", "collect", "compare", "look", "drills", "outcomes", "review-tag", "set-up"]);
  await stop();
});

test("a register that cannot be read stops nothing, and is asked for again until the end", async () => {
  const away = new AppError("unavailable", "Sentinel is away.");
  parts.importRegister.mockRejectedValueOnce(away).mockRejectedValueOnce(away);
  const { stop } = await begin();
  expect(parts.warn).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(parts.importRegister).toHaveBeenCalledTimes(2);
  await stop();
  await vi.advanceTimersByTimeAsync(31_000);
  expect(parts.importRegister).toHaveBeenCalledTimes(2);
});

test("a register that does not answer holds the start up for seconds only", async () => {
  parts.importRegister.mockReturnValue(new Promise(() => {}));
  const starting = begin();
  await vi.advanceTimersByTimeAsync(11_000);
  await expect(starting).resolves.toHaveProperty("queues");
});

test("work that does not end in time does not keep the store open", async () => {
  parts.startJobs.mockResolvedValue({ stop: () => new Promise(() => {}) });
  const { stop } = await begin();
  const stopped = stop();
  await vi.advanceTimersByTimeAsync(3_500);
  await expect(stopped).resolves.toBeUndefined();
});
