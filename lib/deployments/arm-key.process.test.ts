import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { deleteObjectOnce } from "@/lib/azure/key-vault";
import { parseVaultId, type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import { addAccessPolicy } from "@/lib/azure/vaults";
import type { UserContext } from "@/lib/context";
import { readRow, readVault } from "@/lib/coverage/board";
import type { TestTenant } from "@/lib/coverage/testing/tenant";
import { groupBy } from "@/lib/group-by.pure";
import { rebuildRegister } from "@/lib/register/rebuild";
import { startDeployment } from "./control";
import type { FleetRequest } from "./fleet.pure";
import { listItems } from "./items";
import { estateOf, leftoversOf } from "./testing/estate";
import { OVER, plan, startFleet, type TestFleet, until } from "./testing/test-fleet";
import type { DeploymentView } from "./views.pure";

/* Vaults whose network lets this machine not in: a key is made through Azure Resource Manager, and nothing is opened. */

const VAULTS = 60;
const Network = z.object({
  id: z.string(),
  name: z.string(),
  publicNetworkAccess: z.string(),
  networkAcls: z.looseObject({ defaultAction: z.string() }).optional(),
});

let tenant: TestTenant;
let admin: UserContext;
let fleet: TestFleet | undefined;
let closed: z.infer<typeof Network>[];
/** Vaults in which a key was planted. */
let planted: string[] = [];

beforeAll(async () => {
  fleet = await startFleet(VAULTS, "--seed", "7");
  ({ tenant, admin } = fleet);
  closed = (await tenant.collection("vaults", Network)).filter(
    (vault) => vault.publicNetworkAccess === "Disabled" || vault.networkAcls?.defaultAction === "Deny",
  );
}, 300_000);
afterAll(() => fleet?.stop());

/** A plan for the vaults that this machine cannot reach, unless others are named. */
function planClosed(request: Partial<FleetRequest>): Promise<DeploymentView> {
  const vaultIds = closed.map(({ id }) => VaultIdText.parse(id));
  return plan(admin, { selection: { by: "vaults", vaultIds }, ...request });
}

const planterOf = () => tenant.service.config.identities.planter.objectId.toLowerCase();

test("a plan says where a key goes through Azure Resource Manager, and that a secret cannot", async () => {
  expect(closed.length).toBeGreaterThan(3);
  const secrets = await planClosed({ kind: "secret", addToExisting: true });
  expect(secrets.counts.planned).toBe(0);
  const view = await planClosed({ addToExisting: true });
  expect(view.counts.planned).toBeGreaterThan(2);
  expect(view.totals).toMatchObject({ secrets: 0, keys: view.counts.planned, keysByArm: view.counts.planned });
  const { items } = await listItems(admin, { id: view.id, state: "planned" });
  for (const { kind, plan: how } of items) {
    expect(kind).toBe("key");
    expect(how).toMatchObject({ way: "arm_key", grant: expect.stringMatching(/^(vault_role|group_role)$/) });
    expect(how?.warnings.join(" ")).toContain("through Azure Resource Manager");
  }
});

test("the key is made once, watched, seen and audited; the network, the rights and the alarms stay as they were", async () => {
  const before = await estateOf(tenant);
  const view = await planClosed({ addToExisting: true });
  const requests = tenant.sent.length;
  await startDeployment(admin, { id: view.id });
  await until(admin, view.id, ...OVER);
  const { items } = await listItems(admin, { id: view.id });
  // Some vaults of the world have a setting whose rows never arrive: that is found at the end, and said.
  for (const { state, problem } of items)
    if (state === "needs_person") expect(problem).toMatch(/audit log did not reach the workspace/);
  expect(items.filter(({ state }) => state === "failed").map(({ problem }) => problem)).toEqual([]);
  planted = items.filter(({ state }) => state === "done").map(({ vaultId }) => vaultId);
  expect(planted.length).toBeGreaterThan(2);

  const after = await estateOf(tenant);
  const left = leftoversOf(before, after);
  expect(left).toMatchObject({ duplicated: 0, versioned: 0, grantsLeft: 0, unregistered: 0, rowsWithoutObject: 0 });
  expect(left.planted).toHaveLength(view.counts.planned);
  expect((await tenant.collection("vaults", Network)).filter(({ id }) => closed.some((one) => one.id === id))).toEqual(
    closed,
  );
  // Not one call to a closed vault's own address, which would have been refused and logged.
  const hosts = closed.map(({ name }) => `https://${name.toLowerCase()}.vault.`);
  const sent = tenant.sent.slice(requests).map((line) => line.toLowerCase());
  expect(sent.filter((line) => hosts.some((host) => line.includes(host)))).toEqual([]);

  const writes = await tenant.service.db.selectFrom("audit").selectAll().where("action", "=", "decoy.write").execute();
  const ours = writes.filter(({ vault_id: id }) => id !== null && left.planted.includes(id));
  expect(ours).toHaveLength(view.counts.planned);
  for (const { after: written } of ours) {
    expect(written).toMatchObject({ way: "arm_key", version: expect.stringMatching(/^[0-9a-f]{32}$/) });
  }
  const incidents = await tenant.collection("incidents", z.looseObject({ title: z.string().optional() }));
  expect(incidents.filter(({ title }) => title?.startsWith("Honeytoken touched"))).toEqual([]);
  for (const id of planted) {
    const { vault, facts } = await readVault(admin, parseVaultId(id) ?? expect.fail(id));
    expect([id, vault.state, facts.filter(({ outcome }) => outcome === "fail")]).toEqual([id, "protected", []]);
  }
}, 300_000);

test("the same way again by somebody else raises the alarm", async () => {
  const [id = expect.fail("none planted")] = planted;
  const decoys = tenant.service.db.selectFrom("decoy").selectAll().where("vault_id", "=", id);
  const decoy = (await decoys.where("kind", "=", "key").execute()).find(({ version }) => version !== null);
  await asAdmin("PUT", `${id}/keys/${decoy?.name}?api-version=2024-11-01`, { kty: "RSA" });
  await vi.waitFor(
    async () => {
      const incidents = await tenant.collection("incidents", z.looseObject({ title: z.string().optional() }));
      expect(incidents.filter(({ title }) => title?.startsWith("Honeytoken touched"))).not.toEqual([]);
    },
    { timeout: 60_000, interval: 500 },
  );
});

test("what cannot be removed that way is blocked with the reason, vault by vault", async () => {
  const vaultIds = planted.map((id) => VaultIdText.parse(id));
  for (const operation of ["retire", "replace"] as const) {
    const view = await planClosed({ operation, selection: { by: "vaults", vaultIds } });
    expect(view.counts).toMatchObject({ planned: 0, blocked: planted.length });
    for (const { sentence } of view.totals?.blocked ?? [])
      expect(sentence).toMatch(/Resource Manager can make keys but not delete them.*stay watched\.$/);
  }
});

test("a lost database gets those keys back, with the proof that they are ours", async () => {
  const { db } = tenant.service;
  const mine = db
    .selectFrom("decoy")
    .select(["token_key", "version", "state"])
    .where("vault_id", "in", planted)
    .where("kind", "=", "key")
    .where("planter_oid", "=", planterOf())
    .where("first_sent_at", "is not", null)
    .orderBy("token_key");
  // The first was asked for by somebody else later, which made nothing.
  const before = await mine.execute();
  expect(before.length).toBeGreaterThan(1);
  await db.deleteFrom("register_drift").execute();
  await db.deleteFrom("decoy").execute();
  await rebuildRegister(tenant.service, { merge: false });
  const keys = new Set(before.map(({ token_key: key }) => key));
  expect((await mine.execute()).filter(({ token_key: key }) => keys.has(key))).toEqual(before);
});

/** Vaults in which the key that was planted is the one honeytoken, and nobody has touched it. */
async function holdingOneKey(): Promise<VaultId[]> {
  const [, ...untouched] = planted.map((id) => VaultIdText.parse(id));
  const decoys = tenant.service.db.selectFrom("decoy").select("vault_id").where("vault_id", "in", untouched);
  const counted = groupBy(await decoys.where("state", "=", "live").execute(), ({ vault_id: id }) => id);
  return untouched.filter((id) => counted.get(id)?.length === 1);
}

/** As the log would have said it: these keys are deleted. */
async function markDeleted(vaultIds: readonly string[], at: Date): Promise<void> {
  await tenant.service.db
    .updateTable("decoy")
    .set({ broken: "deleted", broken_at: at })
    .where("vault_id", "in", vaultIds)
    .where("state", "=", "live")
    .execute();
}

/** Sends one request to Azure Resource Manager as the administrator. */
async function asAdmin(method: "PATCH" | "PUT", path: string, properties: object): Promise<void> {
  const { token = "" } = (await admin.asUser.credential.getToken("https://management.azure.com/.default")) ?? {};
  const answer = await fetch(`${tenant.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "x-forwarded-host": "management.azure.com",
    },
    body: JSON.stringify({ properties }),
  });
  expect(answer.ok).toBe(true);
}

const KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483";

/** Somebody opens the vault for a moment and deletes its honeytokens. */
async function deleteBesideTheProduct(vaultId: VaultId): Promise<void> {
  const { subscriptionId, name: vault } = vaultIdParts(vaultId);
  const [before = expect.fail(vaultId)] = closed.filter(({ id }) => id.toLowerCase() === vaultId);
  const properties = `${vaultId}?api-version=2024-11-01`;
  await asAdmin("PATCH", properties, { publicNetworkAccess: "Enabled", networkAcls: { defaultAction: "Allow" } });
  const { oid: principalId, tid: tenantId } = admin.user;
  const role = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${KEY_VAULT_ADMINISTRATOR}`;
  const assignment = `${vaultId}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`;
  await asAdmin("PUT", assignment, { roleDefinitionId: role, principalId });
  await addAccessPolicy(admin.asUser, vaultId, { tenantId, objectId: principalId, secrets: [], keys: ["delete"] });
  const live = tenant.service.db.selectFrom("decoy").select("name").where("vault_id", "=", vaultId);
  for (const { name } of await live.where("state", "=", "live").execute()) {
    const gone = () => deleteObjectOnce(admin.asUser, vault, "key", name);
    await vi.waitFor(gone, { timeout: 60_000, interval: 500 });
  }
  const { publicNetworkAccess, networkAcls } = before;
  await asAdmin("PATCH", properties, { publicNetworkAccess, networkAcls });
  const isClosedAgain = async () => expect((await readRow(admin, vaultId)).network).not.toBe("public");
  await vi.waitFor(isClosedAgain, { timeout: 60_000, interval: 1_000 });
}

test("a key that the log calls deleted and the vault's list shows was brought back: it stays watched", async () => {
  const [id = expect.fail("none")] = await holdingOneKey();
  await markDeleted([id], new Date(Date.now() - 60_000));
  const before = await estateOf(tenant);
  const view = await planClosed({ operation: "retire", selection: { by: "vaults", vaultIds: [id] } });
  await startDeployment(admin, { id: view.id });
  expect((await until(admin, view.id, ...OVER)).counts).toMatchObject({ done: 0, failed: 1 });
  const { items } = await listItems(admin, { id: view.id });
  expect(items[0]?.problem).toMatch(/somebody brought it back.*stay watched\.$/);
  expect((await estateOf(tenant)).rows).toEqual(before.rows);
}, 300_000);

test("a key that somebody else has deleted is let go without a call to the vault, alone or for another one", async () => {
  const { db } = tenant.service;
  const vaultIds = (await holdingOneKey()).slice(0, 2);
  expect(vaultIds).toHaveLength(2);
  const at = new Date(Date.now() - 60_000);
  for (const id of vaultIds) await deleteBesideTheProduct(id);
  await markDeleted(vaultIds, at);
  const requests = tenant.sent.length;
  for (const [index, operation] of (["retire", "replace"] as const).entries()) {
    const view = await planClosed({
      operation,
      selection: { by: "vaults", vaultIds: vaultIds.slice(index, index + 1) },
    });
    expect([view.counts.planned, view.totals?.blocked]).toEqual([1, []]);
    const { items } = await listItems(admin, { id: view.id });
    expect(items[0]?.plan?.removes).toEqual({ secrets: 0, keys: 0 });
    await startDeployment(admin, { id: view.id });
    expect((await until(admin, view.id, ...OVER)).counts).toMatchObject({ done: 1 });
    const steps = db
      .selectFrom("deployment_step")
      .select(["step", "state"])
      .where("item_id", "=", items[0]?.id ?? "");
    const told = new Map((await steps.execute()).map(({ step, state }) => [step, state]));
    const nothingToDo = ["allow", "notice", "remove", "gone"];
    expect(nothingToDo.filter((step) => told.get(step) !== "skipped")).toEqual([]);
  }
  const gone = await db.selectFrom("decoy").selectAll().where("broken", "=", "deleted").execute();
  expect(gone.filter(({ vault_id: id }) => vaultIds.some((one) => one === id)).length).toBeGreaterThan(1);
  const published = (await estateOf(tenant)).rows;
  for (const decoy of gone) {
    expect(decoy).toMatchObject({ state: "retiring", deleted_at: at });
    expect(published.find(({ fields }) => fields.TokenKey === decoy.token_key)?.fields.State).toBe("retiring");
  }
  const hosts = closed.map(({ name }) => `https://${name.toLowerCase()}.vault.`);
  const sent = tenant.sent.slice(requests).map((line) => line.toLowerCase());
  expect(sent.filter((line) => hosts.some((host) => line.includes(host)))).toEqual([]);
  const open = await db.selectFrom("deployment_grant").select("id").where("state", "<>", "revoked").execute();
  expect(open).toEqual([]);
}, 300_000);
