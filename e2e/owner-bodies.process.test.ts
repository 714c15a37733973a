import { randomUUID } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import type { UserContext } from "@/lib/context";
import { Board, type BoardRow } from "@/lib/coverage/board.pure";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { deploymentJobs } from "@/lib/deployments/jobs";
import { type DeploymentState, DeploymentView } from "@/lib/deployments/views.pure";
import { drillJobs } from "@/lib/drills/jobs";
import { accessOf } from "@/lib/service";
import { DEFAULT_SETTINGS } from "@/lib/settings/settings.pure";
import { jobQueue, startJobs } from "@/lib/store/jobs";
import { ACTIONS, OPEN_ROUTES, ROUTES } from "../scripts/test/entrances";

/*
 * Every body that an owner gets, from every route and every action that there is, good and bad: none names a honeytoken.
 * A new route or action fails here until somebody has said how an owner calls it.
 */

const held: { tenant?: TestTenant } = vi.hoisted(() => ({}));
const tenantOf = (): TestTenant => {
  if (!held.tenant) throw new Error("The tenant is not there yet.");
  return held.tenant;
};
vi.mock("@/lib/runtime", () => ({
  productConfig: () => tenantOf().service.config,
  contextFor: async (user: UserContext["user"], credential: UserContext["asUser"]["credential"]) => {
    const { service } = tenantOf();
    return { ...service, user, requestId: "r", asUser: accessOf(service, credential) };
  },
}));

const VAULTS = 24;
const NOWHERE = "44444444-4444-4444-8444-444444444444";
const FAR_AWAY = `/subscriptions/${NOWHERE}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-none`;

type Input = Record<string, unknown>;
type Entrance = (token: string, input: Input) => Promise<unknown>;
type Get = (request: Request, route: { params: Promise<Input> }) => Promise<Response>;
type Action = (token: string, input: Input) => Promise<{ ok: true; data: unknown } | { ok: false; error: unknown }>;

const callable = (value: unknown) => typeof value === "function";
const RouteModule = z.looseObject({ GET: z.custom<Get>(callable) });
const ActionModule = z.record(z.string(), z.custom<Action>(callable));
const Failed = z.object({ error: z.object({ code: z.string() }) });
const Created = z.object({ id: z.string() });

/** By `api/vaults` for a route and `plantAction` for an action. */
const entrances = new Map<string, Entrance>();
const answers: { entrance: string; body: string; failed: string | undefined }[] = [];
let owner = "";
let administrator = "";
let stopJobs: (() => Promise<void>) | undefined;

beforeAll(async () => {
  for (const file of ROUTES.filter((one) => !OPEN_ROUTES.includes(one))) {
    const { GET } = RouteModule.parse(await import(/* @vite-ignore */ path.resolve(file)));
    entrances.set(path.dirname(path.relative("app", file)), (token, input) => overHttp(GET, file, token, input));
  }
  for (const file of ACTIONS) {
    const actions = ActionModule.parse({ ...(await import(/* @vite-ignore */ path.resolve(file))) });
    for (const [name, action] of Object.entries(actions)) {
      entrances.set(name, async (token, input) => {
        const answer = await action(token, input);
        return answer.ok ? answer.data : { error: answer.error };
      });
    }
  }
  const tenant = await startTenant("--vaults", String(VAULTS), "--seed", "11");
  held.tenant = tenant;
  Object.assign(tenant.service, { jobs: jobQueue(tenant.store) });
  await collectAll(tenant.service, VAULTS);
  owner = await tenant.tokenOf("Key Vault owner");
  administrator = await tenant.tokenOf("Administrator");
  const jobs = { ...(await deploymentJobs(tenant.service, tenant.store)), ...drillJobs(tenant.service) };
  stopJobs = (await startJobs(tenant.store, jobs)).stop;
}, 600_000);
afterAll(async () => {
  await stopJobs?.();
  await held.tenant?.stop();
});

/** A call as the browser makes it: what the address names stands in its path, the rest in its query. */
async function overHttp(get: Get, file: string, token: string, input: Input): Promise<unknown> {
  const named = (name: string) => file.includes(`[${name}]`);
  const texts = Object.entries(input).map(([name, value]): [string, string] => [name, String(value)]);
  const query = new URLSearchParams(texts.filter(([name]) => !named(name)));
  const headers = { authorization: `Bearer ${token}` };
  const params = Promise.resolve(Object.fromEntries(texts.filter(([name]) => named(name))));
  return (await get(new Request(`http://localhost/?${query}`, { headers }), { params })).json();
}

async function call(entrance: string, token: string, input: Input): Promise<unknown> {
  const enter = entrances.get(entrance);
  if (!enter) throw new Error(`There is no ${entrance}.`);
  const body = await enter(token, input);
  const failed = Failed.safeParse(body).data?.error.code;
  if (token === owner) answers.push({ entrance, body: JSON.stringify(body), failed });
  return body;
}
const asOwner = (entrance: string, input: Input = {}) => call(entrance, owner, input);

async function until(token: string, id: string, ...states: DeploymentState[]): Promise<DeploymentView> {
  return vi.waitFor(
    async () => {
      const view = DeploymentView.parse(await call("api/deployments/[id]", token, { id }));
      expect(states).toContain(view.state);
      if (!states.includes("planned")) expect(view.endedAt).not.toBeNull();
      return view;
    },
    { timeout: 300_000, interval: 500 },
  );
}
const OVER = ["done", "failed", "needs_person", "cancelled"] as const;

async function planned(token: string, request: Input): Promise<DeploymentView> {
  const { id } = Created.parse(await call("planAction", token, request));
  return until(token, id, "planned", "failed");
}

/** Starts a plan, and waits for its end. */
async function carriedOut(token: string, request: Input): Promise<DeploymentView> {
  const { id, confirmByTyping } = await planned(token, request);
  await call("startAction", token, { id, ...(confirmByTyping !== null && { typed: confirmByTyping }) });
  return until(token, id, ...OVER);
}

const ALL = { by: "all" };
const oneVault = ({ id }: Pick<BoardRow, "id">) => ({ by: "vaults", vaultIds: [id] });
const places = ({ subscriptionId: subscription, resourceGroup: group, name }: BoardRow) => ({
  subscription,
  group,
  name,
});

async function looksAtVaults(rows: readonly BoardRow[]): Promise<void> {
  await asOwner("api/plan/defaults");
  for (const row of rows) {
    await asOwner("api/vaults/[subscription]/[group]/[name]", places(row));
    for (const kind of ["secret", "key"]) await asOwner("api/plan", { vaultId: row.id, kind, count: 2 });
    await asOwner("refreshVaultAction", { vaultId: row.id });
    await asOwner("startDrillAction", { vaultId: row.id });
    await asOwner("api/drills/[subscription]/[group]/[name]", places(row));
    await asOwner("enableAuditLogAction", { vaultId: row.id });
  }
  await asOwner("api/vaults/[subscription]/[group]/[name]", { subscription: NOWHERE, group: "rg", name: "kv-none" });
  await asOwner("api/plan", { vaultId: FAR_AWAY, kind: "secret", count: 1 });
}

async function plantsInOne(row: BoardRow): Promise<void> {
  const { id: vaultId } = row;
  const planting = { kind: "key", count: 1, acceptUnknownReaders: true };
  const { id } = Created.parse(await asOwner("plantAction", { ...planting, vaultId }));
  await asOwner("plantAction", { ...planting, vaultId });
  await readsAndExports((await until(owner, id, ...OVER)).id, row);
  await asOwner("plantAction", { ...planting, vaultId: FAR_AWAY });
  await asOwner("plantAction", { ...planting, vaultId, name: "mine" });
}

async function readsAndExports(id: string, vault?: BoardRow): Promise<void> {
  if (vault) await asOwner("api/deployments/[id]/vault", { id, vaultId: vault.id });
  await asOwner("api/deployments");
  await asOwner("api/deployments/[id]", { id });
  await asOwner("api/deployments/[id]/items", { id });
  await asOwner("api/deployments/[id]/export", { id });
}

/** Further versions for what this deployment planted; by itself it plans some only where a vault's neighbours get any. */
async function schedule(deploymentId: string): Promise<void> {
  const now = Date.now();
  const history = {
    due: [now + 86_400_000],
    pauseMs: 86_400_000,
    withRounds: false,
    last: now,
    looked: now,
    neighbours: 1,
  };
  const { db } = tenantOf().service;
  const items = db.selectFrom("deployment_item").select("id").where("deployment_id", "=", deploymentId);
  const { numUpdatedRows } = await db
    .updateTable("decoy")
    .set({ history: JSON.stringify(history), renew_at: new Date(now + 86_400_000) })
    .where("item_id", "in", items)
    .where("state", "=", "live")
    .executeTakeFirstOrThrow();
  expect(Number(numUpdatedRows)).toBeGreaterThan(0);
}

async function steersDeployments(row: BoardRow): Promise<void> {
  const { id, confirmByTyping } = await planned(owner, {
    operation: "plant",
    selection: ALL,
    addToExisting: true,
    history: true,
  });
  await readsAndExports(id);
  await asOwner("startAction", { id, typed: 9_999 });
  await asOwner("startAction", { id, typed: confirmByTyping });
  await asOwner("pauseAction", { id });
  await asOwner("resumeAction", { id });
  await asOwner("cancelAction", { id });
  const { confirmByTyping: again } = await until(owner, id, ...OVER);
  await asOwner("retryAction", { id, ...(again !== null && { typed: again }) });
  await readsAndExports((await until(owner, id, ...OVER)).id);
  await schedule(id);
  await asOwner("stopScheduleAction", { id });
  for (const operation of ["replace", "retire"]) {
    const ended = await carriedOut(owner, { operation, selection: oneVault(row) });
    expect(ended.state).toBe("done");
    await readsAndExports(ended.id);
  }
  const thrownAway = await planned(owner, { operation: "retire", selection: ALL });
  await asOwner("startAction", { id: thrownAway.id, typed: thrownAway.confirmByTyping });
  await asOwner("discardAction", { id: thrownAway.id });
  await asOwner("planAction", { operation: "retire", selection: { by: "vaults", vaultIds: [FAR_AWAY] } });
}

/** What happened to a vault of theirs, which they have then seen. */
async function hearsOf({ id: vault_id }: BoardRow): Promise<void> {
  const id = randomUUID();
  const row = { id, vault_id, kind: "touched" as const, at: new Date(), cleared_at: null };
  await tenantOf().service.db.insertInto("notice").values(row).execute();
  expect(JSON.stringify(await asOwner("api/notices"))).toContain(id);
  await asOwner("dismissNoticeAction", { id });
  await asOwner("dismissNoticeAction", { id: NOWHERE });
}

/** A review can be ended where nothing is left to do: here, because an administrator has decided so. */
async function marksAsReviewed({ id: vaultId }: BoardRow): Promise<void> {
  await asOwner("markReviewedAction", { vaultId });
  const value = { ...DEFAULT_SETTINGS.recommendation, inUse: true };
  await call("changeSettingsAction", administrator, { group: "recommendation", value, basedOn: null });
  await asOwner("markReviewedAction", { vaultId: FAR_AWAY });
  const lastDay = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const exemption = { kind: "exemption", scope: vaultId, reason: "Nothing of worth is in it.", lastDay };
  Created.parse(await call("addExceptionAction", administrator, exemption));
  await asOwner("markReviewedAction", { vaultId });
  await asOwner("api/vaults");
}

/** What belongs to others, or to nobody. */
async function triesWhatIsNotTheirs(foreign: string, mine: BoardRow): Promise<void> {
  for (const id of [foreign, NOWHERE, "../x"]) {
    await readsAndExports(id, mine);
    for (const verb of [
      "start",
      "approve",
      "refuse",
      "pause",
      "resume",
      "cancel",
      "retry",
      "discard",
      "stopSchedule",
    ]) {
      await asOwner(`${verb}Action`, { id });
    }
  }
}

/** These are for analysts and administrators: refused whatever is sent. */
const NOT_FOR_OWNERS = [
  "api/alert-exceptions",
  "api/alert-exceptions/foreign",
  "api/alert-exceptions/proposals",
  "api/audit",
  "api/audit/export",
  "api/detection/missed-touches",
  "api/drills",
  "api/exceptions",
  "api/footprint",
  "api/grants",
  "api/incidents",
  "api/incidents/[id]",
  "api/outcomes",
  "api/recommendation",
  "api/recommendation/scope",
  "api/register",
  "api/register/import",
  "api/roles",
  "api/rules",
  "api/rules/export",
  "api/settings",
  "api/setup",
  "api/setup/plan",
  "api/setup/runs",
  "api/setup/runs/[id]",
  "api/webhook",
  "addAlertExceptionAction",
  "addExceptionAction",
  "approveAction",
  "cancelSetupAction",
  "changeIncidentAction",
  "changeSettingsAction",
  "compareAction",
  "deployRecommendationAction",
  "deployRulesAction",
  "dismissProposalAction",
  "endAlertExceptionAction",
  "endExceptionAction",
  "evaluateAction",
  "importAction",
  "leaveAction",
  "previewNamedAction",
  "recordStepAction",
  "refuseAction",
  "removeForeignExceptionAction",
  "renewAlertExceptionAction",
  "repairAction",
  "resumeSetupAction",
  "sendTestAction",
  "startDrillsAction",
  "startSetupAction",
  "takeBackAction",
  "takeOverExceptionAction",
  "writeRoleAction",
];

async function namesOfHoneytokens(): Promise<string[]> {
  const { service, collection } = tenantOf();
  const ours = await service.db.selectFrom("decoy").select("name").execute();
  const Row = z.looseObject({ fields: z.record(z.string(), z.string()) });
  const published = await collection("watchlistItems", Row);
  const names = published.flatMap(({ fields }) => fields.TokenKey?.split("/").at(-1) ?? []);
  return [...new Set([...ours.map(({ name }) => name.toLowerCase()), ...names])].filter((name) => name !== "");
}

test("no body that an owner gets, of any route or action, names a honeytoken", async () => {
  const { vaults } = Board.parse(await asOwner("api/vaults"));
  await asOwner("api/subscriptions");
  const everyone = Board.parse(await call("api/vaults", administrator, {})).vaults.map(({ id }) => id);
  const theirs = new Set(vaults.map(({ id }) => id));
  const ownerMayWrite = vaults.filter((row) => row.mine).map(({ id }) => id);
  const others = everyone.filter((id) => !theirs.has(id)).slice(0, 4);
  const selection = { by: "vaults", vaultIds: [...ownerMayWrite, ...others] };
  const planting = { operation: "plant", kind: "key", selection, addToExisting: true };
  const { id: foreign } = await carriedOut(administrator, planting);
  const live = await tenantOf().service.db.selectFrom("decoy").selectAll().where("state", "=", "live").execute();
  // What was taken over from a published list is not proven to be ours, so a person has to decide about it.
  const takenOver = new Set(live.filter(({ version }) => version === null).map((decoy) => decoy.vault_id));
  const planted = new Set(live.map((decoy) => decoy.vault_id).filter((id) => !takenOver.has(id)));
  const mine = vaults.find((row) => row.mine && planted.has(row.id));
  if (!mine) throw new Error("The administrator planted in none of the owner's vaults.");
  await looksAtVaults(vaults);
  await plantsInOne(mine);
  await steersDeployments(mine);
  await looksAtVaults([mine]);
  await hearsOf(mine);
  await marksAsReviewed(mine);
  await looksAtVaults([mine]);
  await triesWhatIsNotTheirs(foreign, mine);
  const { id: link } = Created.parse(await asOwner("shareAction", { path: "/vaults?q=shared", short: true }));
  await asOwner("api/share");
  await asOwner("openLinkAction", { id: link });
  await asOwner("revokeLinkAction", { id: link });
  for (const entrance of NOT_FOR_OWNERS) await asOwner(entrance);

  // Nothing was left out, and what owners may do was really done.
  expect([...new Set(answers.map(({ entrance }) => entrance))].sort()).toEqual([...entrances.keys()].sort());
  const worked = new Set(answers.filter(({ failed }) => failed === undefined).map(({ entrance }) => entrance));
  expect([...entrances.keys()].filter((entrance) => !worked.has(entrance)).sort()).toEqual(NOT_FOR_OWNERS.toSorted());
  for (const { entrance, failed } of answers)
    if (NOT_FOR_OWNERS.includes(entrance)) expect(`${entrance} ${failed}`).toBe(`${entrance} forbidden`);

  const names = await namesOfHoneytokens();
  expect(names.length).toBeGreaterThan(planted.size);
  const named = answers.flatMap(({ entrance, body }) => {
    const text = body.toLowerCase();
    const words = new Set(text.match(/[0-9a-z-]+/g));
    return names.filter((name) => words.has(name)).map((name) => `${entrance}: ${name}`);
  });
  expect(named).toEqual([]);
}, 1_200_000);
