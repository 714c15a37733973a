import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ServiceContext } from "@/lib/context";
import { ruleIds } from "@/lib/detection/rule-export";
import { addDecoys, testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { followDrills } from "./follow";
import { assign } from "./internal/evidence.pure";
import type { Sight } from "./internal/look";

const AT = new Date("2026-11-30T08:00:00.000Z");
const [RULE = ""] = ruleIds();
const OID = "99999999-0000-4000-8000-000000000001";

let store: Store;
let service: ServiceContext;
let sight: Sight;

vi.mock("./internal/look", () => ({ look: async () => sight }));
vi.mock("./internal/evidence.pure", async (original) => {
  const real = await original<typeof import("./internal/evidence.pure")>();
  return { ...real, assign: vi.fn(real.assign) };
});
vi.mock("@/lib/azure/incident-contents", () => ({
  listIncidentAlerts: async (_: unknown, __: unknown, name: string) => [
    { id: name.replace("incident", "alert"), ruleId: RULE, customDetails: { Caller: [OID] } },
  ],
}));
vi.mock("@/lib/incidents/write-back", () => ({
  readIncidentState: async () => ({
    through: "sentinel",
    state: { etag: "e", status: "New", severity: "Medium", labels: [], modifiedAt: AT.toISOString() },
  }),
  changeIncident: async () => {},
}));

beforeAll(async () => {
  store = await temporaryStore();
  service = testService(store, () => AT);
});
afterAll(() => store?.close());

test("whose the rows are is found out once in a round, however many drills and incidents there are", async () => {
  const decoys = await addDecoys(store, 12, { state: "live" });
  const drills = decoys.map(({ vault_id, token_key, kind }, index) => ({
    id: `drill-${index}`,
    vault_id,
    token_key,
    kind,
    origin: "schedule" as const,
    requested_by_tid: "t",
    requested_by_oid: "",
    requested_by_name: "schedule",
    identity_oid: OID,
    state: "touched" as const,
    requested_at: AT,
    not_before: AT,
    intended_at: AT,
    answered_at: AT,
    answer_status: 403,
    request_id: `request-${index}`,
  }));
  await store.db.insertInto("drill").values(drills).execute();
  const details = { caller: OID, touches: 1, firstTouch: AT, lastTouch: AT };
  sight = {
    touches: decoys.map(({ token_key: tokenKey }, index) => ({
      at: AT,
      ingested: AT,
      table: "AZKVAuditLogs",
      operation: "SecretGet",
      tokenKey,
      requestId: `request-${index}`,
      status: 403,
      addressAllowed: true,
      address: undefined,
    })),
    alerts: decoys.map(({ token_key }, index) => ({
      id: `alert-${index}`,
      at: AT,
      ruleId: RULE,
      details: { ...details, tokenKeys: [token_key], requestIds: [`request-${index}`] },
    })),
    incidents: decoys.map((_, index) => ({
      name: `incident-${index}`,
      number: index,
      created: AT,
      alertIds: [`alert-${index}`],
    })),
  };
  expect(await followDrills(service)).toBe(0);
  const states = await store.db.selectFrom("drill").select("state").distinct().execute();
  expect(states).toEqual([{ state: "passed" }]);
  expect(await store.db.selectFrom("drill_incident").select("name").execute()).toHaveLength(12);
  expect(assign).toHaveBeenCalledTimes(1);
});
