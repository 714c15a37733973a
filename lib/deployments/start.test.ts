import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";
import type { AzureAccess, Role, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { SafetyFacts } from "@/lib/safety/facts.pure";
import { harmlessFacts, loader, readBy } from "@/lib/safety/testing/facts";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { rememberedCaller } from "./internal/callers";
import type { PlantRequest } from "./plan.pure";
import { previewPlant } from "./preview";
import { listDeployments, readDeployment } from "./read";
import { startPlant } from "./start";

vi.setConfig({ testTimeout: 60_000 });

/** What the safety check finds, where it is not harmless. */
const harmless: Partial<SafetyFacts> = {};
const azure = {
  network: "public" as "public" | "firewall" | "private",
  actions: [] as string[],
  audit: true,
  readable: true,
  secrets: [] as string[],
  deleted: [] as string[],
  facts: harmless,
};

vi.mock("@/lib/azure/vaults", () => ({
  getVault: async (_: unknown, id: string) => {
    if (!azure.readable) throw new AppError("forbidden", "The right to read the vault is missing.");
    return { id, name: "kv-a", permissionModel: "rbac", network: azure.network, accessPolicies: [] };
  },
  listSecretsByArm: async () => azure.secrets.map((name) => ({ name, kind: "secret", enabled: true, tags: {} })),
  listKeysByArm: async () => [],
}));
vi.mock("@/lib/azure/permissions", () => ({
  permissionsAt: async () => [{ actions: azure.actions, notActions: [], dataActions: [], notDataActions: [] }],
}));
vi.mock("@/lib/azure/diagnostics", () => ({
  listDiagnosticSettings: async () => [{ name: "d", workspaceId: "/w", table: "AZKVAuditLogs", audit: azure.audit }],
}));
vi.mock("@/lib/safety/gather", () => ({
  gatherSafety: async (_: unknown, [vaultId = expect.fail("no vault")]: VaultId[]) =>
    new Map([[vaultId, { ...harmlessFacts(vaultId), ...azure.facts }]]),
}));
vi.mock("@/lib/azure/key-vault", () => ({
  listDeletedSecrets: async () => azure.deleted.map((name) => ({ name })),
  listDeletedKeys: async () => [],
}));

vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => new Set(azure.readable ? ids : []),
}));

let store: Store;
let vaults = 0;
const sent: unknown[][] = [];
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());
beforeEach(() => {
  vaults++;
  sent.length = 0;
  Object.assign(azure, { network: "public", actions: ["Microsoft.KeyVault/*"], audit: true, readable: true });
  Object.assign(azure, { secrets: [], deleted: [], facts: harmless });
});

function person(roles: Role[] = [], oid = "0c0c0c0c-0000-4000-8000-000000000002"): UserContext {
  const access = {} as AzureAccess; // the mocked modules never look into it
  return {
    // the parts of it that a request reads
    config: { tenantId: TEST_TENANT, workspace: { resourceId: "/W", customerId: "w" } } as Config,
    db: store.db,
    jobs: { enqueue: async (...job) => void sent.push(job) },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date("2026-11-22T10:00:00Z"),
    user: { tid: TEST_TENANT, oid, name: "Kim", upn: undefined, roles },
    asUser: access,
    requestId: "r",
  };
}

function request(more: Partial<PlantRequest> = {}): PlantRequest {
  const vaultId = `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-s${vaults}`;
  return { vaultId, kind: "secret", count: 1, acceptUnknownReaders: false, ...more };
}

async function auditRows() {
  const vaultId = request().vaultId.toLowerCase();
  return store.db.selectFrom("audit").select(["action", "result"]).where("vault_id", "=", vaultId).execute();
}

test("a start is recorded with its audit row and sent, and the same vault takes no second one", async () => {
  const kim = person();
  const { id } = await startPlant(kim, request({ count: 2 }));
  expect(sent).toEqual([["plant", `${id}:0`, { deploymentId: id, chunk: 0 }]]);
  expect(await auditRows()).toEqual([{ action: "deployment.start", result: "ok" }]);
  expect(rememberedCaller(id, kim.now())).toBe(kim.asUser);
  const view = await readDeployment(kim, id);
  expect(view).toMatchObject({ state: "queued", count: 2, items: [{ state: "queued", vaultName: `kv-s${vaults}` }] });
  expect(view.items[0]?.steps.every((step) => step.state === "pending")).toBe(true);
  await expect(startPlant(kim, request())).rejects.toMatchObject({ failure: { code: "conflict" } });
  expect((await previewPlant(kim, request())).blocked).toEqual([expect.stringContaining("already running")]);
});

test("who may only read is told whom to ask, nothing is started, and the attempt is on record", async () => {
  azure.actions = ["*/read"];
  const attempt = startPlant(person(), request());
  await expect(attempt).rejects.toMatchObject({
    failure: { code: "forbidden", message: expect.stringContaining("Ask an administrator") },
  });
  expect(sent).toEqual([]);
  expect(await auditRows()).toEqual([{ action: "deployment.start", result: expect.stringContaining("refused") }]);
});

test("the preview gives every reason at once, each with what to do, and writes nothing", async () => {
  Object.assign(azure, { network: "firewall", actions: [], audit: false });
  const { blocked, steps } = await previewPlant(person(), request());
  expect(blocked).toHaveLength(3);
  expect(blocked.join(" ")).toMatch(/Ask an administrator.*never opens a firewall.*Switch the audit log on/s);
  expect(steps).toHaveLength(9);
  expect(await auditRows()).toEqual([]);
});

test("a key goes past a closed network through Azure Resource Manager, by a right of the person's own on the vault", async () => {
  Object.assign(azure, { network: "private", actions: ["Microsoft.KeyVault/vaults/keys/create/action"] });
  const refused = await previewPlant(person(), request({ kind: "key" }));
  expect(refused.blocked).toEqual([expect.stringContaining("Microsoft.KeyVault/vaults/keys/write")]);
  azure.actions = ["Microsoft.KeyVault/vaults/keys/write"];
  const { blocked, steps } = await previewPlant(person(), request({ kind: "key" }));
  expect(blocked).toEqual([]);
  expect(steps.find(({ name }) => name === "plant")?.detail).toContain("through Azure Resource Manager");
  const { id } = await startPlant(person(), request({ kind: "key" }));
  expect((await readDeployment(person(), id)).items[0]?.plan).toMatchObject({ way: "arm_key", grant: "vault_role" });
});

test("an application that loads everything keeps a secret out, whatever is accepted, and lets a key in", async () => {
  azure.facts = { readers: readBy(loader("secret")) };
  const secret = await previewPlant(person(), request({ acceptUnknownReaders: true }));
  expect(secret).toMatchObject({
    acceptable: false,
    blocked: [expect.stringMatching(/loads every secret.*Plant a key/)],
  });
  await expect(startPlant(person(), request({ acceptUnknownReaders: true }))).rejects.toThrow("loads every secret");
  expect((await previewPlant(person(), request({ kind: "key" }))).blocked).toEqual([]);
});

test("too few days of log keep a secret out until a person takes the risk, which stays on record", async () => {
  azure.facts = { readers: { known: true, value: { ...readBy().value, days: 12 } } };
  const first = await previewPlant(person(), request());
  expect(first).toMatchObject({ acceptable: true, blocked: [expect.stringContaining("12 days")] });
  await expect(startPlant(person(), request())).rejects.toMatchObject({ failure: { code: "conflict" } });
  const accepting = request({ acceptUnknownReaders: true });
  expect(await previewPlant(person(), accepting)).toMatchObject({
    blocked: [],
    warnings: [expect.stringMatching(/^Accepted risk: .*12 days/)],
  });
  const { id } = await startPlant(person(), accepting);
  const audit = store.db.selectFrom("audit").select("after").where("result", "=", "ok").orderBy("id", "desc");
  expect((await audit.executeTakeFirst())?.after).toMatchObject({ deployment: id, acceptUnknownReaders: true });
});

test("what blocks beside a risk is no risk to be taken", async () => {
  Object.assign(azure, { audit: false, facts: { readers: { known: true, value: { ...readBy().value, days: 0 } } } });
  const { acceptable, blocked } = await previewPlant(person(), request());
  expect([acceptable, blocked.length]).toEqual([false, 2]);
});

test("a chosen name that an application selects by its beginning is refused", async () => {
  azure.facts = { readers: readBy({ ...loader("secret"), pattern: "prefix", prefixes: ["reporting-"] }) };
  const { blocked } = await previewPlant(person(["Platform.Admin"]), request({ name: "reporting-mail-relay" }));
  expect(blocked).toEqual([expect.stringContaining("begins like this name")]);
});

test("only administrators choose a name, for one honeytoken, and not one that is in use, deleted or dangerous", async () => {
  azure.secrets = ["payments-db-password"];
  azure.deleted = ["orders-api-key"];
  await expect(previewPlant(person(), request({ name: "x-1" }))).rejects.toMatchObject({
    failure: { code: "forbidden", field: "name" },
  });
  const admin = person(["Platform.Admin"]);
  await expect(previewPlant(admin, request({ name: "x-1", count: 2 }))).rejects.toMatchObject({
    failure: { code: "invalid", field: "count" },
  });
  for (const name of ["Payments-DB-Password", "orders-api-key", "Database--Password", "honey-1"]) {
    const { blocked } = await previewPlant(admin, request({ name }));
    expect(blocked, name).toHaveLength(1);
    expect(blocked.join(" ").toLowerCase(), name).not.toContain(name.toLowerCase());
  }
  expect((await previewPlant(admin, request({ name: "reporting-mail-relay" }))).blocked).toEqual([]);
});

test("what is no vault is said at the field", async () => {
  await expect(previewPlant(person(), request({ vaultId: "/subscriptions/x" }))).rejects.toMatchObject({
    failure: { code: "invalid", field: "vaultId" },
  });
});

test("people see their own deployments and those in a vault that they may read, analysts and administrators all", async () => {
  const { id } = await startPlant(person(), request());
  const other = person([], randomUUID());
  azure.readable = false;
  await expect(readDeployment(other, id)).rejects.toMatchObject({ failure: { code: "not_found" } });
  expect(await listDeployments(other)).toEqual({ ownOnly: true, deployments: [] });
  const analyst = person(["Soc.Analyst"], randomUUID());
  const inList = async (who: UserContext) => (await listDeployments(who)).deployments.find((one) => one.id === id);
  expect((await listDeployments(analyst)).ownOnly).toBe(false);
  expect(await inList(analyst)).toMatchObject({
    vaults: 1,
    summary: "1 honeytoken of kind secret in 1 vault: waiting to start",
  });
  expect(await readDeployment(analyst, id)).toMatchObject({ total: 1, leftOut: 1, items: [] });
  expect((await inList(person()))?.summary).toContain(`kv-s${vaults}`);
  // The page of a vault leads to what runs there, whoever started it; Azure says who may read the vault.
  azure.readable = true;
  expect((await inList(analyst))?.summary).toContain(`kv-s${vaults}`);
  expect(await readDeployment(analyst, id)).toMatchObject({ leftOut: 0, items: [{ vaultName: `kv-s${vaults}` }] });
  expect(await readDeployment(other, id)).toMatchObject({ id, items: [{ vaultName: `kv-s${vaults}` }] });
});
