import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { addAccessPolicy, getVault } from "@/lib/azure/vaults";
import type { UserContext } from "@/lib/context";
import { readBoard, readVault } from "@/lib/coverage/board";
import type { TestTenant } from "@/lib/coverage/testing/tenant";
import { waitFor } from "@/lib/coverage/testing/truth";
import { listOpenGrants } from "@/lib/deployments/open-grants";
import { sweepGrants } from "@/lib/deployments/sweep";
import { touchWhatIsDue } from "./internal/touch";
import { readFleetDrills, readVaultDrills } from "./read";
import { startDrill } from "./start";
import {
  Alert,
  carryDrills,
  dyingAtTouch,
  followOnce,
  Incident,
  incidentsIn,
  type LivingDecoy,
  namedReads,
  readDirectly,
  startDrilling,
} from "./testing/drilling";

/* Drills by a permitted read in the simulated tenant: what is given, what is left, and what it can and cannot hide. */

const HOUR = 60 * 60_000;
const Assignment = z.object({ scope: z.string(), principalId: z.string() });
let tenant: TestTenant;
let admin: UserContext;
let decoys: LivingDecoy[];

beforeAll(async () => {
  ({ tenant, admin, decoys } = await startDrilling());
}, 240_000);
afterAll(() => tenant?.stop());

function takeDecoy(model: "rbac" | "policies"): LivingDecoy {
  const decoy = decoys.find(({ permissionModel }) => permissionModel === model);
  decoys = decoys.filter((one) => one !== decoy);
  if (!decoy) throw new Error(`no vault with ${model} and a decoy is left`);
  return decoy;
}

const drillOid = () => tenant.service.config.identities.drill.objectId;
const carry = (until: () => Promise<boolean>, what: string) => carryDrills(tenant.service, until, what);
const drillRow = (id: string) =>
  tenant.service.db.selectFrom("drill").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const ended = (id: string) => async () => (await drillRow(id)).ended_at !== null;
const viewOf = async (id: string, { vaultId }: LivingDecoy) =>
  (await readVaultDrills(admin, vaultId)).drills.find((one) => one.id === id);

/** Every right of the drill identity that stands at a vault, as the tenant itself has it. */
async function rightsAt({ vaultId }: LivingDecoy): Promise<unknown[]> {
  const { accessPolicies } = await getVault(tenant.service.azure.collector, vaultId);
  const assigned = await tenant.collection("roleAssignments", Assignment);
  const ours = (oid: string) => oid.toLowerCase() === drillOid().toLowerCase();
  return [
    ...accessPolicies.filter(({ objectId }) => ours(objectId)),
    ...assigned.filter(({ scope, principalId }) => ours(principalId) && scope.toLowerCase().startsWith(vaultId)),
  ];
}

const start = ({ vaultId }: LivingDecoy) => startDrill(admin, { vaultId, read: "permitted" });
const given = (decoy: LivingDecoy) => async () => (await rightsAt(decoy)).length > 0;

test.each(["policies", "rbac"] as const)(
  "on a vault with %s the right is given, one secret is read, and the right is gone before its incident comes",
  async (model) => {
    const decoy = takeDecoy(model);
    const before = await getVault(tenant.service.azure.collector, decoy.vaultId);
    const named = namedReads(tenant).length;
    const { id } = await start(decoy);
    await carry(given(decoy), "the right to be given");
    const open = await listOpenGrants(admin);
    expect(open.grants).toMatchObject([
      { scope: decoy.vaultId, model, purpose: "read", state: "given", drill: true, requestedBy: admin.user.name },
    ]);
    expect((await viewOf(id, decoy))?.right).toBe("given");

    await carry(async () => (await drillRow(id)).answer_status !== null, "the read");
    expect(await drillRow(id)).toMatchObject({ answer_status: 200, refused_by: null, problem: null });
    expect(await rightsAt(decoy)).toEqual([]);
    expect((await getVault(tenant.service.azure.collector, decoy.vaultId)).accessPolicies).toEqual(
      before.accessPolicies,
    );
    expect((await listOpenGrants(admin)).grants).toEqual([]);

    await carry(ended(id), "the drill to end");
    expect(await viewOf(id, decoy)).toMatchObject({
      state: "passed",
      read: "permitted",
      was: "permitted",
      right: "revoked",
    });
    expect(namedReads(tenant).length - named).toBe(1);
    await carry(
      async () => (await incidentsIn(tenant, drillOid(), decoy.vaultId))[0]?.status === "Closed",
      "its incident to be closed",
    );
    const { facts } = await readVault(admin, decoy.vaultId);
    expect(facts.find(({ name }) => name === "proven")).toMatchObject({
      outcome: "pass",
      evidence: expect.stringContaining("Touched by a permitted read"),
    });
    await keepsNoValueOf(decoy);
  },
  120_000,
);

/** Somebody who may read it knows the value; no row of ours does. */
async function keepsNoValueOf(decoy: LivingDecoy): Promise<void> {
  await addAccessPolicyOrRole(decoy);
  const value = z.object({ value: z.string().min(4) });
  let read: z.infer<typeof value> | undefined;
  await waitFor("somebody to be let in", async () => {
    const answer = await readDirectly(tenant, tenant.service.azure.collector, decoy);
    if (answer.ok) read = value.parse(await answer.json());
    return answer.ok;
  });
  const { db } = tenant.service;
  const kept = JSON.stringify(
    await Promise.all([
      db.selectFrom("drill").selectAll().execute(),
      db.selectFrom("audit").selectAll().execute(),
      db.selectFrom("deployment_grant").selectAll().execute(),
    ]),
  );
  expect(kept).toContain(decoy.vaultId);
  expect(kept).not.toContain(read?.value);
}

async function addAccessPolicyOrRole({ vaultId, permissionModel }: LivingDecoy): Promise<void> {
  const { collector } = tenant.service.config.identities;
  if (permissionModel === "policies") {
    const entry = { tenantId: tenant.service.config.tenantId, objectId: collector.objectId };
    await addAccessPolicy(admin.asUser, vaultId, { ...entry, secrets: ["get"], keys: [] });
    return;
  }
  const { createRoleAssignment } = await import("@/lib/azure/role-assignments");
  const { READ_ROLES } = await import("@/lib/deployments/read-grants.pure");
  await createRoleAssignment(admin.asUser, {
    scope: vaultId,
    name: crypto.randomUUID(),
    roleDefinitionId: READ_ROLES.secret.id,
    principalId: collector.objectId,
  });
}

test("the right trips no rule of ours against tampering, while the same by a person does", async () => {
  const decoy = takeDecoy("policies");
  const { id } = await start(decoy);
  await carry(ended(id), "the drill to end");
  expect(await drillRow(id)).toMatchObject({ state: "passed", answer_status: 200 });
  // A person's change, made after: once its incident is there, ours would be as well.
  await addAccessPolicyOrRole(decoy);
  const changes = async () =>
    (await tenant.collection("alerts", Alert)).filter(
      ({ customDetails: { Operations, Targets } }) =>
        [Operations, Targets].every((list) => list !== undefined) && Targets?.[0]?.includes(decoy.vaultId),
    );
  await waitFor("the incident of the person's change", async () => (await changes()).length > 0, 60_000);
  const callers = (await changes()).flatMap(({ customDetails: { Caller } }) => Caller ?? []);
  expect(new Set(callers)).toEqual(new Set([admin.user.oid]));
}, 120_000);

test("a second read by the drill identity, while it may, is nobody's drill: High and open", async () => {
  const decoy = takeDecoy("rbac");
  const { id } = await start(decoy);
  await carry(given(decoy), "the right to be given");
  await waitFor("the thief to be let in", async () => {
    const answer = await readDirectly(tenant, tenant.service.azure.drill, decoy);
    return answer.ok;
  });
  await carry(ended(id), "the drill to end");
  await carry(
    async () => (await incidentsIn(tenant, drillOid(), decoy.vaultId)).some(({ severity }) => severity === "High"),
    "the incident with the theft",
  );
  await carry(
    async () => (await incidentsIn(tenant, drillOid(), decoy.vaultId)).some(({ status }) => status !== "Closed"),
    "it to stay open",
  );
  const raised = await tenant.service.db
    .selectFrom("drill_incident")
    .select("decision")
    .where("decision", "=", "raised")
    .execute();
  expect(raised.length).toBeGreaterThan(0);
}, 120_000);

test("somebody else who reads the same decoy in that moment has an incident of their own, which stays open", async () => {
  const decoy = takeDecoy("policies");
  const attacker = tenant.service.config.identities.granter;
  const { id } = await start(decoy);
  await carry(given(decoy), "the right to be given");
  await readDirectly(tenant, tenant.service.azure.granter, decoy);
  await carry(ended(id), "the drill to end");
  const theirs = () => incidentsIn(tenant, attacker.objectId, decoy.vaultId);
  await carry(async () => (await theirs()).length > 0, "the attacker's incident");
  await carry(
    async () => (await incidentsIn(tenant, drillOid(), decoy.vaultId))[0]?.status === "Closed",
    "the drill's own incident to be closed",
  );
  expect((await theirs()).map(({ status }) => status)).toEqual(["New"]);
}, 120_000);

test("a process that died after its read: the next one takes the right back and finds the read in the log", async () => {
  const decoy = takeDecoy("rbac");
  const { id } = await start(decoy);
  const named = namedReads(tenant).length;
  const dying = dyingAtTouch(tenant.service, true);
  // One round at a time: another one beside it would take the right back, which the next process is to do.
  let isRunning = false;
  await waitFor("the request to be sent", async () => {
    if (!isRunning) {
      isRunning = true;
      void touchWhatIsDue(dying, pause).finally(() => {
        isRunning = false;
      });
    }
    await pause(700);
    return namedReads(tenant).length > named;
  });
  expect(await drillRow(id)).toMatchObject({ state: "recorded", answered_at: null });
  expect(await rightsAt(decoy)).not.toEqual([]);
  await touchWhatIsDue(tenant.service, pause);
  expect(await rightsAt(decoy)).toEqual([]);
  await carry(ended(id), "the drill to end");
  expect(await drillRow(id)).toMatchObject({ state: "passed", answer_status: null, refused_by: null });
  expect((await viewOf(id, decoy))?.was).toBe("permitted");
  expect(namedReads(tenant).length - named).toBe(1);
}, 120_000);

test("a right whose process never came back is swept, and its drill ends without a touch", async () => {
  const decoy = takeDecoy("policies");
  const { id } = await start(decoy);
  const named = namedReads(tenant).length;
  await touchWhatIsDue(tenant.service, pause);
  expect(await rightsAt(decoy)).not.toEqual([]);
  expect(await sweepGrants({ ...tenant.service, now: () => new Date(Date.now() + HOUR) })).toBe(1);
  expect(await rightsAt(decoy)).toEqual([]);
  await touchWhatIsDue(tenant.service, pause);
  expect(await drillRow(id)).toMatchObject({ state: "failed", problem: "taken_back", intended_at: null });
  expect(namedReads(tenant).length).toBe(named);
}, 60_000);

test("who may not give rights in the vault gets none given: refused at the start, and again when it runs", async () => {
  const decoy = takeDecoy("rbac");
  const analyst = await tenant.as("SOC analyst");
  await expect(startDrill(analyst, { vaultId: decoy.vaultId, read: "permitted" })).rejects.toMatchObject({
    failure: { code: "forbidden", message: expect.stringContaining("may not give rights") },
  });
  // Whose right went between the start and the run.
  const { id } = await start(decoy);
  await tenant.service.db
    .updateTable("drill")
    .set({ requested_by_oid: analyst.user.oid, id: `${id}-of-another` })
    .where("id", "=", id)
    .execute();
  await touchWhatIsDue(tenant.service, pause);
  expect(await drillRow(`${id}-of-another`)).toMatchObject({ state: "failed", problem: "may_not_give" });
  expect(await rightsAt(decoy)).toEqual([]);
  await followOnce(tenant.service);
  const incidents = await tenant.collection("incidents", Incident);
  expect(incidents.length).toBeGreaterThan(0);
}, 60_000);

test("of the fleet's drills a person sees those in vaults that they may read, and that there are others", async () => {
  const owner = await tenant.as("Key Vault owner");
  const analyst: UserContext = { ...owner, user: { ...owner.user, roles: ["Soc.Analyst"] } };
  const mine = new Set<string>((await readBoard(analyst)).vaults.map(({ id }) => id));
  const all = await readFleetDrills(admin);
  expect(all.vaultsLeftOut).toBe(0);
  const drilled = new Set([...all.ended, ...all.running].map(({ vaultId }) => vaultId));
  const seen = await readFleetDrills(analyst);
  const theirs = [...drilled].filter((id) => mine.has(id));
  expect(new Set([...seen.ended, ...seen.running].map(({ vaultId }) => vaultId))).toEqual(new Set(theirs));
  expect(seen.vaultsLeftOut).toBe(drilled.size - theirs.length);
  expect(seen.vaultsLeftOut).toBeGreaterThan(0);
});
