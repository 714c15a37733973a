import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import { createRoleAssignment } from "@/lib/azure/role-assignments";
import type { AzureAccess, UserContext } from "@/lib/context";
import { readBoard, readVault } from "@/lib/coverage/board";
import type { TestTenant } from "@/lib/coverage/testing/tenant";
import { waitFor } from "@/lib/coverage/testing/truth";
import { AppError } from "@/lib/errors";
import type { IncidentChange } from "@/lib/incidents/change.pure";
import { changeIncident } from "@/lib/incidents/write-back";
import { countOutcomes, readOutcomes } from "@/lib/outcomes/outcomes";
import { touchWhatIsDue } from "./internal/touch";
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

/* Drills in the simulated tenant, from the touch to the incident and its end, beside touches that are none. */

const SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6";
let tenant: TestTenant;
let admin: UserContext;
let decoys: LivingDecoy[];
/** Of a vault where a role gives a right to read. */
let withRoles: LivingDecoy;

beforeAll(async () => {
  ({ tenant, admin, decoys } = await startDrilling());
  withRoles = takeDecoy("rbac");
}, 240_000);
afterAll(() => tenant?.stop());

function takeDecoy(model?: "rbac"): LivingDecoy {
  const decoy = decoys.findLast(({ permissionModel }) => model === undefined || permissionModel === model);
  decoys = decoys.filter((one) => one !== decoy);
  if (!decoy) throw new Error("no vault with a decoy is left");
  return decoy;
}

const incidentsOf = (oid: string, vaultId: string) => incidentsIn(tenant, oid, vaultId);
const drillOid = () => tenant.service.config.identities.drill.objectId;

const touchDirectly = async (access: AzureAccess, decoy: LivingDecoy) =>
  (await readDirectly(tenant, access, decoy)).status;
const carry = (until: () => Promise<boolean>, what: string) => carryDrills(tenant.service, until, what);

const drillRow = (id: string) =>
  tenant.service.db.selectFrom("drill").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const ended = (id: string) => async () => (await drillRow(id)).ended_at !== null;
const decisionOf = (name: string) =>
  tenant.service.db.selectFrom("drill_incident").selectAll().where("name", "=", name).executeTakeFirst();

const namedRequests = () => namedReads(tenant);

test("a drill is followed from the touch to its incident, which is closed, and proves the vault", async () => {
  const decoy = takeDecoy();
  const before = namedRequests().length;
  const { id } = await startDrill(admin, decoy);
  await expect(startDrill(admin, decoy)).rejects.toMatchObject({ failure: { code: "conflict" } });
  await carry(ended(id), "the drill to end");
  const row = await drillRow(id);
  expect(row).toMatchObject({ state: "passed", problem: null, answer_status: 403, refused_by: "right" });
  const stages = [row.intended_at, row.row_ingested_at, row.alert_at, row.incident_at].map((at) => at?.getTime() ?? 0);
  expect(stages).toEqual(stages.toSorted((a, b) => a - b));
  expect(namedRequests().length - before).toBe(1);

  await carry(async () => (await decisionOf(row.incident_name ?? "")) !== undefined, "the incident to be decided");
  const [incident, ...more] = await incidentsOf(drillOid(), decoy.vaultId);
  expect(more).toEqual([]);
  expect(incident).toMatchObject({
    name: row.incident_name,
    status: "Closed",
    classification: "BenignPositive",
    classificationReason: "SuspiciousButExpected",
  });
  expect(incident?.labels.map(({ labelName }) => labelName)).toContain("drill");

  const { facts, vault } = await readVault(admin, decoy.vaultId);
  expect(facts.find(({ name }) => name === "proven")).toMatchObject({ outcome: "pass", reason: "drill_passed" });
  expect(vault).toMatchObject({ state: "protected", reason: "drill_passed" });

  // The second look finds nothing new, and that it was made is on record.
  const { drillLookAgainAfter } = tenant.service.config.timing;
  const later = { ...tenant.service, now: () => new Date(Date.now() + drillLookAgainAfter + 1_000) };
  await followOnce(later);
  const decided = await decisionOf(row.incident_name ?? "");
  expect(decided).toMatchObject({ decision: "closed", look_again_at: null });
  expect(decided?.looked_again_at).not.toBeNull();
  const [still] = await incidentsOf(drillOid(), decoy.vaultId);
  expect(still?.status).toBe("Closed");
}, 120_000);

test("somebody else who touches the same decoy at the same moment has an incident of their own, which stays open", async () => {
  const decoy = takeDecoy();
  const { id } = await startDrill(admin, decoy);
  const attacker = tenant.service.config.identities.granter.objectId;
  await Promise.all([touchWhatIsDue(tenant.service, pause), touchDirectly(tenant.service.azure.granter, decoy)]);
  await carry(ended(id), "the drill to end");
  const { incident_name } = await drillRow(id);
  await carry(async () => (await decisionOf(incident_name ?? "")) !== undefined, "the incident to be decided");
  await waitFor("the attacker's incident", async () => (await incidentsOf(attacker, decoy.vaultId)).length > 0, 30_000);
  await carry(async () => true, "one more round");
  const theirs = await incidentsOf(attacker, decoy.vaultId);
  const own = await incidentsOf(drillOid(), decoy.vaultId);
  expect(theirs.map(({ name }) => name)).not.toContain(incident_name);
  expect(theirs.map(({ status }) => status)).toEqual(["New"]);
  expect(own.map(({ name, status }) => [name, status])).toEqual([[incident_name, "Closed"]]);
}, 120_000);

test("what the drill identity does without a record is raised to High and stays open, also beside a drill", async () => {
  const [drilled, other] = [takeDecoy(), takeDecoy()];
  expect(await touchDirectly(tenant.service.azure.drill, other)).toBe(403);
  await carry(async () => (await incidentsOf(drillOid(), other.vaultId))[0]?.severity === "High", "it to be raised");
  expect(await incidentsOf(drillOid(), other.vaultId)).toMatchObject([{ status: "New", severity: "High" }]);

  const { id } = await startDrill(admin, drilled);
  await Promise.all([touchWhatIsDue(tenant.service, pause), touchDirectly(tenant.service.azure.drill, drilled)]);
  await carry(ended(id), "the drill to end");
  // Where both touches fell into one alert, or into one incident, none of it is closed.
  const open = async () => (await incidentsOf(drillOid(), drilled.vaultId)).filter(({ status }) => status !== "Closed");
  const isRaised = (all: Incident[]) => all.length > 0 && all.every(({ severity }) => severity === "High");
  await carry(async () => isRaised(await open()), "the incident with the second touch to be raised");
  expect(isRaised(await open())).toBe(true);
}, 180_000);

test("a process that died after the request: the drill is found in the log and goes on, without a second touch", async () => {
  const decoy = takeDecoy();
  const { id } = await startDrill(admin, decoy);
  const before = namedRequests().length;
  void touchWhatIsDue(dyingAtTouch(tenant.service, true), pause);
  await waitFor("the request to be sent", async () => namedRequests().length > before);
  expect(await drillRow(id)).toMatchObject({ state: "recorded", request_id: null, answered_at: null });
  await carry(ended(id), "the drill to end");
  expect(await drillRow(id)).toMatchObject({ state: "passed", answer_status: null, refused_by: "right" });
  expect(namedRequests().length - before).toBe(1);
  const { incident_name } = await drillRow(id);
  await carry(async () => (await decisionOf(incident_name ?? ""))?.decision === "closed", "its incident to be closed");
}, 120_000);

test("a process that died before the request: the drill has failed, and is made once more under a record of its own", async () => {
  const decoy = takeDecoy();
  const { id } = await startDrill(admin, decoy);
  const before = namedRequests().length;
  void touchWhatIsDue(dyingAtTouch(tenant.service, false), pause);
  await waitFor("the intent to be recorded", async () => (await drillRow(id)).state === "recorded");
  await followOnce(tenant.service);
  expect(await drillRow(id)).toMatchObject({ state: "recorded" });
  expect(namedRequests().length).toBe(before);
  const { drillLateAfter } = tenant.service.config.timing;
  await followOnce({ ...tenant.service, now: () => new Date(Date.now() + drillLateAfter + 1_000) });
  expect(await drillRow(id)).toMatchObject({ state: "failed", problem: "no_answer" });
  const again = await tenant.service.db
    .selectFrom("drill")
    .selectAll()
    .where("repeats_id", "=", id)
    .executeTakeFirstOrThrow();
  // It was queued by a clock that runs ahead.
  await tenant.service.db.updateTable("drill").set({ not_before: new Date() }).where("id", "=", again.id).execute();
  await carry(ended(again.id), "the second drill to end");
  expect(await drillRow(again.id)).toMatchObject({ state: "passed" });
  expect(namedRequests().length - before).toBe(1);
}, 120_000);

test("an identity that may read is a fault: nothing is kept of what it read, and its incident is High", async () => {
  const decoy = withRoles;
  await createRoleAssignment(admin.asUser, {
    scope: decoy.vaultId,
    name: randomUUID(),
    roleDefinitionId: SECRETS_USER,
    principalId: drillOid(),
  });
  await pause(1_500);
  const { id } = await startDrill(admin, decoy);
  await carry(ended(id), "the drill to end");
  expect(await drillRow(id)).toMatchObject({ state: "failed", problem: "has_right", answer_status: 200 });
  await carry(async () => (await incidentsOf(drillOid(), decoy.vaultId)).length > 0, "its incident");
  await carry(
    async () =>
      (await decisionOf((await incidentsOf(drillOid(), decoy.vaultId))[0]?.name ?? ""))?.decision === "raised",
    "it to be decided about",
  );
  expect(await incidentsOf(drillOid(), decoy.vaultId)).toMatchObject([{ status: "New", severity: "High" }]);
}, 60_000);

test("the outcomes count what was proven and how fast, and a touch only by what its incident was closed as", async () => {
  const before = await countOutcomes(tenant.service);
  expect(before.problems).toEqual([]);
  expect(before.proven.provenVaults).toBeGreaterThanOrEqual(3);
  expect(before.proven.provenVaults).toBeLessThan(before.proven.protectedVaults);
  expect(before.timeToAlert.drills).toBeGreaterThanOrEqual(4);
  expect(before.timeToAlert.p50).toBeGreaterThan(0);
  expect(before.benign).toMatchObject({ touches: 0, per100DecoyDays: 0 });
  expect(before.burnt).toEqual({ decoys: 0, standing: 0 });
  const incidents = await tenant.collection("incidents", Incident);
  const open = incidents.filter(({ status }) => status === "New");
  const callers = await Promise.all(open.map(callersOf));
  const attacker = tenant.service.config.identities.granter.objectId;
  const benign = open.find((_, index) => callers[index]?.includes(attacker));
  const theft = open.find((_, index) => callers[index]?.includes(drillOid()));
  const by = admin.user;
  const closeAs = async (incident: Incident | undefined, change: IncidentChange) =>
    changeIncident(tenant.service, admin.asUser, { by, incidentName: incident?.name ?? "", change });
  await closeAs(benign, {
    status: "Closed",
    classification: "BenignPositive",
    classificationReason: "SuspiciousButExpected",
  });
  await closeAs(theft, {
    status: "Closed",
    classification: "TruePositive",
    classificationReason: "SuspiciousActivity",
  });
  await waitFor(
    "the closings to be counted",
    async () => {
      const { burnt, benign: found } = await countOutcomes(tenant.service);
      return burnt.decoys === 1 && found.touches !== 0;
    },
    30_000,
  );
  const after = await countOutcomes(tenant.service);
  expect(after.burnt).toEqual({ decoys: 1, standing: 1 });
  // Drills are closed as benign too, and are none of them.
  expect(after.benign.touches).toBe(1);
  const { days } = await readOutcomes(await tenant.as("Administrator"));
  expect(days).toHaveLength(1);
  expect(days[0]?.figures).toEqual(after);
}, 60_000);

async function callersOf(incident: Incident | undefined): Promise<string[]> {
  const alerts = await tenant.collection("alerts", Alert);
  return alerts
    .filter(({ systemAlertId }) => incident?.alertIds.includes(systemAlertId))
    .flatMap(({ customDetails }) => customDetails.Caller ?? []);
}

test("an owner may drill where they may write, and nowhere else", async () => {
  const owner = await tenant.as("Key Vault owner");
  const { vaults } = await readBoard(owner);
  const seen = new Set(vaults.map(({ id }) => id));
  const foreign = (await readBoard(admin)).vaults.find(({ id }) => !seen.has(id));
  const foreignId = parseVaultId(foreign?.id ?? "");
  if (!foreignId) throw new Error("the owner sees every vault");
  const refused = await startDrill(owner, { vaultId: foreignId }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AppError);
  expect(refused).toMatchObject({ failure: { code: "not_found" } });
  const readOnly = vaults.find(({ mine }) => !mine);
  const readOnlyId = parseVaultId(readOnly?.id ?? "");
  if (readOnlyId) {
    await expect(startDrill(owner, { vaultId: readOnlyId })).rejects.toMatchObject({ failure: { code: "forbidden" } });
  }
});
