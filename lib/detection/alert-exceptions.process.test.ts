import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { putWatchlistItem } from "@/lib/azure/watchlists";
import { SERVICE_IDENTITIES } from "@/lib/config";
import type { ServiceContext, UserContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { findDrift } from "@/lib/register/drift";
import { importRegister } from "@/lib/register/import";
import { publishExceptions } from "@/lib/register/publish-exceptions";
import { repairRequested, requestRepair } from "@/lib/register/repair";
import { watchlistItems } from "@/lib/register/testing/watchlist-truth";
import { addAlertException } from "./alert-exceptions";
import { dismissProposal, listProposals } from "./proposals";

/* Exceptions in a simulated tenant: proposed from its thirty days of log, confirmed, published, compared. */

/** Longer than the simulated tenant takes to show a changed row. */
const SHOWS_WITHIN = 3_000;
const DAY = 86_400_000;

let tenant: TestTenant;
let service: ServiceContext;
let admin: UserContext;

beforeAll(async () => {
  tenant = await startTenant("--vaults", "60", "--seed", "3", "--clock", "virtual");
  const { config } = tenant.service;
  const timing = { ...config.timing, poll: 200, bulkFactsMaxAge: 0, registerVisibleWithin: SHOWS_WITHIN };
  service = { ...tenant.service, config: { ...config, timing }, now };
  admin = { ...(await tenant.as("Administrator")), config: service.config, now };
  await importRegister(service);
});
afterAll(() => tenant?.stop());

/** The tenant's clock stands still; ours goes along with what it is moved by. */
let ahead = 0;
const now = () => new Date(Date.now() + ahead);

async function advance(milliseconds: number): Promise<void> {
  await post("/sim/clock/advance", { milliseconds });
  ahead += milliseconds;
  // By then the tokens that the clients keep are over.
  for (const name of SERVICE_IDENTITIES) service.azure[name] = { ...service.azure[name] };
  admin = { ...(await tenant.as("Administrator")), config: service.config, now };
}

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(`${tenant.url}${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

const today = (days = 0) => new Date(now().getTime() + days * DAY).toISOString().slice(0, 10);
const ofExceptions = async () => (await findDrift(service)).filter(({ kind }) => kind.startsWith("exception_"));

const Principal = z.object({ oid: z.string(), name: z.string() });
const Touched = z.object({
  values: z.object({ requestUri_s: z.string().optional(), RequestUri: z.string().optional() }),
});

test("the machines that read whole vaults are proposed, each with what it did, and nobody else", async () => {
  const names = new Map((await tenant.collection("principals", Principal)).map(({ oid, name }) => [oid, name]));
  const { proposals } = await listProposals(admin);
  const found = proposals.map(({ callerOid, operations }) => [names.get(callerOid), operations]);
  expect(found).toHaveLength(3);
  expect(found).toContainEqual(["id-platform-continuity", expect.arrayContaining(["SecretBackup"])]);
  expect(found).toContainEqual(["sp-cluster-configuration", ["SecretGet"]]);
  // The team whose application loads all secrets when it starts.
  expect(found).toContainEqual([expect.stringMatching(/^id-.*-apps$/), ["SecretGet"]]);
  for (const one of proposals) {
    expect(one.days).toBeGreaterThanOrEqual(3);
    expect(one.vaults.length).toBeGreaterThan(0);
    expect(one.leastOthers).toBeGreaterThanOrEqual(2);
  }
});

test("thieves are not proposed: one who takes all at once, and one who takes a little each day", async () => {
  const before = (await listProposals(admin)).proposals;
  const machines = new Set(before.flatMap(({ vaults }) => vaults.map(({ id }): string => id)));
  const decoys = await service.db
    .selectFrom("decoy")
    .select(["vault_id", "name"])
    .where("kind", "=", "secret")
    .execute();
  const live = decoys.filter(({ vault_id }) => !machines.has(vault_id));
  const stolen: string[] = [];
  for (const { vault_id, name } of live) {
    if (stolen.length === 2) break;
    const vault = vault_id.split("/").at(-1);
    const play = stolen.length === 0 ? "list-then-get" : "slow-and-low";
    const parameters = play === "slow-and-low" ? { reads: 30, everyHours: 4 } : {};
    const rows = (await tenant.collection("logRows", Touched)).length;
    await post(`/sim/plays/${play}`, { vault, ...parameters });
    await advance(6 * DAY);
    const fresh = (await tenant.collection("logRows", Touched)).slice(rows);
    const touches = fresh.filter(({ values }) => (values.requestUri_s ?? values.RequestUri ?? "").includes(`/${name}`));
    if (touches.length > 0) stolen.push(play);
  }
  expect(stolen).toEqual(["list-then-get", "slow-and-low"]);
  const after = (await listProposals(admin)).proposals;
  const places = (list: typeof before) => list.map(({ callerOid, vaults }) => [callerOid, vaults.map(({ id }) => id)]);
  expect(places(after).sort()).toEqual(places(before).sort());
});

test("a confirmed one is published, and the comparison finds nothing; the proposal is gone", async () => {
  const [proposal] = (await listProposals(admin)).proposals;
  if (!proposal) throw new Error("nothing is proposed");
  const { id } = await addAlertException(admin, {
    callerOid: proposal.callerOid,
    callerName: proposal.callerName,
    operations: proposal.operations,
    scope: { level: "everywhere" },
    reason: "Copies every secret each morning",
    firstDay: today(),
    lastDay: today(90),
  });
  await publishExceptions(service);
  const rows = (await watchlistItems(tenant)).filter(({ fields }) => fields.State === "exception");
  expect(rows.map(({ fields }) => fields)).toEqual(
    expect.arrayContaining(
      proposal.operations.map((Operation) =>
        expect.objectContaining({
          TokenKey: "*",
          PlanterOid: proposal.callerOid,
          Properties: JSON.stringify({ Type: "exception", Operation, Id: id }),
        }),
      ),
    ),
  );
  await advance(2 * SHOWS_WITHIN);
  expect(await ofExceptions()).toEqual([]);
  expect((await listProposals(admin)).proposals.map(({ callerOid }) => callerOid)).not.toContain(proposal.callerOid);
});

test("a dismissed proposal stays away", async () => {
  const [proposal] = (await listProposals(admin)).proposals;
  await dismissProposal(admin, proposal?.callerOid ?? "");
  expect((await listProposals(admin)).proposals.map(({ callerOid }) => callerOid)).not.toContain(proposal?.callerOid);
});

test("a row that somebody else added is found as one that lowers alerts, and removed on request", async () => {
  const { workspace, watchlistAlias } = service.config;
  const row = (await watchlistItems(tenant)).find(({ fields }) => fields.State === "exception");
  const foreign = randomUUID();
  await putWatchlistItem(service.azure.registrar, workspace.resourceId, watchlistAlias, foreign, {
    ...row?.fields,
    PlanterOid: randomUUID(),
  });
  await advance(2 * SHOWS_WITHIN);
  const [finding, ...more] = await ofExceptions();
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ kind: "exception_foreign", row_id: foreign });
  await requestRepair(admin, { kind: "exception_foreign" });
  await repairRequested(service, new AbortController().signal);
  const left = (await watchlistItems(tenant)).filter(({ fields }) => fields.State === "exception");
  expect(left.map(({ itemId }) => itemId)).not.toContain(foreign);
  expect(left.length).toBeGreaterThan(0);
});
