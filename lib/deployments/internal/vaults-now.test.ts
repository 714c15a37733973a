import { beforeEach, expect, test, vi } from "vitest";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Run } from "./ledger";
import { vaultOfRun } from "./vaults-now";

const asked: string[] = [];
let refusal: AppError | undefined;
let now = 0;

vi.mock("@/lib/azure/vaults", () => ({
  getVault: async (_: unknown, id: string) => {
    asked.push(`vault ${id.split("/").at(-1)}`);
    return { id };
  },
  listVaultsOfSubscription: async (_: unknown, subscription: string) => {
    asked.push(`list ${subscription.slice(-1)}`);
    if (refusal) throw refusal;
    return [vaultId("1", "a"), vaultId("1", "b")].map((id) => ({ id }));
  },
}));

const vaultId = (subscription: string, name: string) =>
  `/subscriptions/00000000-0000-4000-8000-00000000000${subscription}/resourcegroups/g/providers/microsoft.keyvault/vaults/${name}` as VaultId;

let service: ServiceContext;
const read = (id: VaultId, total = 2) => vaultOfRun(service, { vaultId: id, deployment: { total } } as Run);

beforeEach(() => {
  asked.length = 0;
  refusal = undefined;
  // The parts that a reading uses; another database for each test.
  service = { db: {}, azure: {}, now: () => new Date(now) } as ServiceContext;
});

test("one list of a subscription stands for its vaults for a minute; what it does not show is asked for by itself", async () => {
  await Promise.all([read(vaultId("1", "a")), read(vaultId("1", "b"))]);
  expect(await read(vaultId("1", "new"))).toEqual({ id: vaultId("1", "new") });
  expect(asked).toEqual(["list 1", "vault new"]);
  await read(vaultId("2", "c"));
  expect(asked.slice(2)).toEqual(["list 2", "vault c"]);
  now += 60_000;
  await read(vaultId("1", "a"));
  expect(asked.slice(4)).toEqual(["list 1"]);
});

test("a deployment in one vault asks for that one", async () => {
  await read(vaultId("1", "a"), 1);
  expect(asked).toEqual(["vault a"]);
});

test("where the subscription may not be listed each vault is asked for; another failure is one, and is not kept", async () => {
  refusal = new AppError("forbidden", "No.");
  await Promise.all([read(vaultId("1", "a")), read(vaultId("1", "b"))]);
  expect(asked).toEqual(["list 1", "vault a", "vault b"]);
  now += 60_000;
  refusal = new AppError("throttled", "Later.");
  await expect(read(vaultId("1", "a"))).rejects.toThrow("Later.");
  refusal = undefined;
  await read(vaultId("1", "a"));
  expect(asked.slice(3)).toEqual(["list 1", "list 1"]);
});
