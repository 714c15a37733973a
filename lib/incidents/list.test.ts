import { expect, test } from "vitest";
import { answeringLogs, type LogAnswer } from "@/lib/azure/testing/answering-logs";
import type { UserContext } from "@/lib/context";
import { listIncidents } from "./list";
import { IncidentList, IncidentListQuery } from "./list.pure";

const column = (name: string, type = "string") => ({ name, type });
const AT = "2026-11-22T10:00:00Z";

const INCIDENTS = {
  tables: [
    {
      name: "PrimaryResult",
      columns: [
        ...["IncidentName", "Title", "Severity", "Status", "Classification", "Owner"].map((name) => column(name)),
        column("AlertIds", "dynamic"),
        ...["CreatedTime", "ModifiedTime"].map((name) => column(name, "datetime")),
        column("IncidentNumber", "int"),
      ],
      rows: [["i1", "Touched", "High", "New", "", "", '["a1"]', AT, AT, 1]],
    },
  ],
};
const DETAILS = [
  "Caller",
  "ManagedIdentity",
  "CallerAppId",
  "Decoys",
  "Operations",
  "Touches",
  "FirstTouch",
  "LastTouch",
];
const ALERTS = {
  tables: [
    {
      name: "PrimaryResult",
      columns: [
        ...["SystemAlertId", "AlertSeverity", "Entities"].map((name) => column(name)),
        column("StartTime", "datetime"),
        ...DETAILS.map((name) => column(name, "dynamic")),
      ],
      rows: [["a1", "High", "[]", AT, '["oid-1"]', null, null, null, '["SecretGet"]', '["2"]', null, null]],
    },
  ],
};
const LATE = { status: 504, body: { error: { code: "GatewayTimeout", message: "The query took too long." } } };
const THROTTLED = { status: 429, body: { error: { code: "ThrottledError", message: "Rate limit is exceeded." } } };
const PARTIAL = { code: "PartialError", message: "There were some errors when processing your query." };

/** A person whose workspace answers the two queries so. */
function person(incidents: LogAnswer, alerts: LogAnswer, sent: unknown[] = []): UserContext {
  const now = () => new Date("2026-11-22T10:20:00Z");
  const asUser = answeringLogs([incidents, alerts], sent);
  // What the list does not use is left out.
  return { now, config: { workspace: { customerId: "w" } }, asUser } as unknown as UserContext;
}

const ok = (body: object): LogAnswer => ({ status: 200, body });
const list = async (ctx: UserContext) => IncidentList.parse(await listIncidents(ctx, IncidentListQuery.parse({})));

test("both answers make the list, from one batch that asks for a range beginning at a full hour", async () => {
  const sent: unknown[] = [];
  const { incidents, alerts, problems } = await list(person(ok(INCIDENTS), ok(ALERTS), sent));
  expect(problems).toEqual([]);
  expect(incidents).toMatchObject([{ id: "i1", title: "Touched" }]);
  expect(alerts).toMatchObject([{ incident: "i1", callers: ["oid-1"], touches: 2 }]);
  expect(sent).toHaveLength(1);
  expect(JSON.stringify(sent)).toContain("let since = datetime(2026-10-23T10:00:00.000Z)");
});

test("alerts that took too long are named beside the incidents", async () => {
  const { incidents, alerts, problems } = await list(person(ok(INCIDENTS), LATE));
  expect(incidents).toHaveLength(1);
  expect(alerts).toEqual([]);
  expect(problems).toEqual([
    { part: "alerts", partial: false, message: expect.stringContaining("too long"), fix: expect.any(String) },
  ]);
});

test("incidents that were throttled are named beside the alerts, which the charts can still show", async () => {
  const { alerts, problems } = await list(person(THROTTLED, ok(ALERTS)));
  expect(alerts).toMatchObject([{ incident: null, touches: 2 }]);
  expect(problems).toMatchObject([
    { part: "incidents", partial: false, message: expect.stringContaining("slow down") },
  ]);
});

test("rows of an answer that ended early are shown, and that it did is said", async () => {
  const { incidents, problems } = await list(person(ok({ ...INCIDENTS, error: PARTIAL }), ok(ALERTS)));
  expect(incidents).toHaveLength(1);
  expect(problems).toMatchObject([{ part: "incidents", partial: true }]);
});

test("nothing at all is a failure", async () => {
  await expect(list(person(THROTTLED, LATE))).rejects.toMatchObject({ failure: { code: "throttled" } });
});

test.each([{ days: "5" }, { days: "30; drop" }, { days: 30 }, { known: "x".repeat(101) }, { since: "2020" }])(
  "a request of another form is refused: %j",
  (input) => {
    expect(IncidentListQuery.safeParse(input).success).toBe(false);
  },
);
