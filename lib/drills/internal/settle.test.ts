import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { IncidentChange, IncidentState } from "@/lib/incidents/change.pure";
import { testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { claimDecision, decidedAbout } from "./decisions";
import { assign, type RecordedDrill, type SeenAlert, type SeenIncident, type Touch } from "./evidence.pure";
import { settleIncidents } from "./settle";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const START = new Date("2026-11-30T08:00:00.000Z");
const MINUTE = 60_000;
const KEY = "/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/kv/secrets/one";
const RULE = "5c1f7a52-0f4e-4a0e-9d0b-7a3b1de5a6c1";

let store: Store;
let service: ServiceContext;
let oid: string;
let clock: Date;
/** Of each test's own incident. */
let name: string;

/** The incident in Azure, and what the next change of it meets. */
let state: IncidentState;
let listed: { id: string; caller: string }[];
let changes: IncidentChange[];
let gone: boolean;
let meets: { before?: Error; after?: Error; meanwhile?: () => Promise<void> };

vi.mock("@/lib/azure/incident-contents", () => ({
  listIncidentAlerts: async () =>
    listed.map(({ id, caller }) => ({
      id,
      ruleId: RULE,
      customDetails: {
        Caller: [caller],
        TokenKeys: [KEY],
        Touches: ["1"],
        FirstTouch: [START.toISOString()],
        LastTouch: [START.toISOString()],
      },
    })),
}));
vi.mock("@/lib/incidents/write-back", () => ({
  readIncidentState: async () => {
    if (gone) throw new AppError("not_found", "There is no such incident.");
    return { through: "sentinel", state: { ...state } };
  },
  changeIncident: async (_: unknown, __: unknown, { etag, change }: { etag?: string; change: IncidentChange }) => {
    await meets.meanwhile?.();
    if (gone) throw new AppError("not_found", "There is no such incident.");
    if (meets.before) throw meets.before;
    if (etag !== undefined && etag !== state.etag) throw new AppError("conflict", "Somebody changed it.");
    changes.push(change);
    const { labels = [], status, severity, classification } = change;
    state = {
      ...state,
      etag: `e${changes.length}`,
      labels: [...new Set([...state.labels, ...labels])],
      ...(status && { status }),
      ...(severity && { severity }),
      ...(classification && { classification }),
    };
    if (meets.after) throw meets.after;
  },
}));

beforeAll(async () => {
  store = await temporaryStore();
  service = testService(store, () => clock);
  oid = service.config.identities.drill.objectId.toLowerCase();
});
afterAll(() => store?.close());
beforeEach(async () => {
  await store.db.deleteFrom("drill_incident").execute();
  clock = new Date(START.getTime() + 10 * MINUTE);
  state = { etag: "e0", status: "New", severity: "Medium", labels: [], modifiedAt: START.toISOString() };
  listed = [{ id: "a", caller: oid }];
  name = randomUUID();
  [changes, gone, meets] = [[], false, {}];
});

const drill: RecordedDrill = {
  id: "d",
  identityOid: "",
  tokenKey: KEY,
  kind: "secret",
  read: "denied",
  intendedAt: START,
  answeredAt: START,
  status: 403,
  requestId: "r",
};
const touch: Touch = {
  at: START,
  ingested: START,
  table: "AZKVAuditLogs",
  operation: "SecretGet",
  tokenKey: KEY,
  requestId: "r",
  status: 403,
  addressAllowed: true,
  address: undefined,
};
const incident = (...alertIds: string[]): SeenIncident => ({ name, number: 7, created: START, alertIds });

/** A round of the job, in which the log shows these. */
const round = (incidents: SeenIncident[] = [incident("a")], alerts: SeenAlert[] = [], of = service) =>
  settleIncidents(of, {
    sight: { alerts, incidents },
    assigned: assign([touch], [drill]),
    rules: new Set([RULE]),
  });
const later = (minutes: number) => {
  clock = new Date(clock.getTime() + minutes * MINUTE);
};
const decided = async () => (await decidedAbout(store.db, [name])).get(name);
/** Somebody else's alert joins the incident. */
const realAlert = () => {
  listed.push({ id: "b", caller: "somebody" });
  return incident("a", "b");
};
const lookAgainAfter = () => service.config.timing.drillLookAgainAfter / MINUTE;

test("a drill's incident is closed, and what comes in late opens it", async () => {
  await round();
  expect(state).toMatchObject({ status: "Closed", labels: ["drill"], classification: "BenignPositive" });
  expect(await decided()).toMatchObject({ decision: "closed", alertIds: ["a"] });
  await round([realAlert()]);
  expect(state.status).toBe("Active");
  expect(await decided()).toMatchObject({ decision: "reopened" });
});

test.each([
  ["a lost answer", new AppError("unavailable", "No answer came.")],
  ["an audit row that could not be written", new Error("the disk is full")],
])("closed, but then %s: it stays on record as ours, and what comes in late opens it", async (_, after) => {
  meets = { after };
  await round().catch(() => {});
  meets = {};
  expect(state.status).toBe("Closed");
  expect(await decided()).toMatchObject({ decision: "closed" });
  expect((await decided())?.lookAgainAt).toBeDefined();
  later(1);
  await round([realAlert()]);
  expect(state.status).toBe("Active");
});

test("closed by us, but the second attempt of the request met a conflict with the first: the label tells", async () => {
  meets = { after: new AppError("conflict", "Somebody changed it.") };
  await round();
  meets = {};
  expect([state.status, await decided()]).toEqual(["Closed", undefined]);
  later(1);
  await round();
  expect(await decided()).toMatchObject({ decision: "closed" });
  expect((await decided())?.lookAgainAt).toBeDefined();
  await round([realAlert()]);
  expect(state.status).toBe("Active");
});

test("a closing that was refused leaves no record, and is judged anew", async () => {
  meets = { before: new AppError("forbidden", "Not allowed.") };
  await round();
  expect([state.status, await decided()]).toEqual(["New", undefined]);
  meets = {};
  later(1);
  await round();
  expect(state.status).toBe("Closed");
});

test("a closing that never arrived is made with the second look, and a person's opening is not undone", async () => {
  meets = { before: new AppError("unavailable", "No answer came.") };
  await round();
  meets = {};
  expect([state.status, (await decided())?.decision]).toEqual(["New", "closed"]);
  later(lookAgainAfter() + 1);
  await round();
  expect(state.status).toBe("Closed");
  state = { ...state, etag: "person", status: "Active" };
  later(lookAgainAfter() + 1);
  await round();
  expect(state.status).toBe("Active");
});

test("of two processes one decides, and the late one's refusal does not take the other's record", async () => {
  let second = false;
  meets = {
    meanwhile: async () => {
      if (second) return;
      second = true;
      // It was paused for so long that another process took its job over, with the record of before in its hands.
      later(1);
      await store.db.deleteFrom("drill_incident").execute();
      await round([incident("a")], [], { ...service });
    },
  };
  await round();
  expect(changes).toHaveLength(1);
  expect(await decided()).toMatchObject({ decision: "closed", decidedAt: clock });
  const other = await decided();
  if (!other) throw new Error("there is no record");
  expect(await claimDecision(store.db, other, undefined, clock)).toBe(false);
  expect(await claimDecision(store.db, other, { ...other, decidedAt: START }, clock)).toBe(false);
  expect(await claimDecision(store.db, other, other, clock)).toBe(true);
});

test("one that somebody else had closed is looked at again too, and told about when it is no drill's alone", async () => {
  state = { ...state, status: "Closed", classification: "TruePositive" };
  await round();
  expect(await decided()).toMatchObject({ decision: "closed_already" });
  expect((await decided())?.lookAgainAt).toBeDefined();
  realAlert();
  later(lookAgainAfter() + 60);
  await round();
  expect(state.status).toBe("Closed");
  expect(changes).toEqual([{ comment: expect.stringContaining("somebody else is in it") }]);
});

test("an alert that only the log knows of counts, told by the log or not", async () => {
  later(24 * 60);
  const alert: SeenAlert = {
    id: "b",
    at: START,
    ruleId: RULE,
    details: {
      caller: oid,
      tokenKeys: [KEY],
      requestIds: ["r"],
      touches: 1,
      firstTouch: START,
      lastTouch: START,
    },
  };
  await round([incident("a", "b")]);
  expect([state.status, (await decided())?.decision]).toEqual(["New", "commented"]);
  await store.db.deleteFrom("drill_incident").execute();
  await round([incident("a", "b")], [alert]);
  expect(state.status).toBe("Closed");
});

test("an incident that the log does not show any more is looked at again by its name", async () => {
  await round();
  later(lookAgainAfter() + 1);
  realAlert();
  await round([]);
  expect(state.status).toBe("Active");
  expect(await decided()).toMatchObject({ decision: "reopened", lookAgainAt: undefined, lookedAgainAt: clock });
});

test("a second look that cannot be made is put off more and more, and given up after hours, on record", async () => {
  await round();
  gone = true;
  later(lookAgainAfter() + 1);
  let rounds = 0;
  for (; (await decided())?.lookAgainAt && rounds < 100; rounds++) {
    await round([]);
    const next = (await decided())?.lookAgainAt;
    if (next) {
      expect(next.getTime()).toBeGreaterThanOrEqual(clock.getTime() + MINUTE);
      clock = next;
    }
  }
  expect(rounds).toBeGreaterThan(3);
  expect(rounds).toBeLessThan(30);
  expect(clock.getTime()).toBeGreaterThan(START.getTime() + 6 * 60 * MINUTE);
  expect((await decided())?.reason).toContain("given up");
  const rows = await store.db.selectFrom("audit").selectAll().where("action", "=", "drill.look_again").execute();
  expect(rows).toMatchObject([{ who: "drill", result: expect.stringContaining("given up") }]);
});
