import { describe, expect, test } from "vitest";
import { chartFigures } from "./charts.pure";
import { incidentsCsv, incidentsJson } from "./export.pure";
import { choicesOf, type IncidentQuery, NOBODY, prepare, select, selectTouches } from "./select.pure";
import { alertRow, incidentList, incidentRow } from "./testing/samples.pure";

const EVERYTHING: IncidentQuery = {
  q: "",
  severities: [],
  statuses: [],
  owners: [],
  subscriptions: [],
  vaults: [],
  sort: "created",
  descending: true,
};
const vault = (subscription: string, name: string) =>
  `/subscriptions/${subscription}/resourcegroups/rg-shop/providers/microsoft.keyvault/vaults/${name}`;
const FIRST = "11111111-2222-4333-8444-555555555555";
const SECOND = "99999999-2222-4333-8444-555555555555";

const LIST = incidentList({
  vaults: [vault(FIRST, "kv-orders"), vault(SECOND, "kv-lab")],
  incidents: [
    incidentRow({
      id: "old",
      number: 1,
      title: "Certificate read",
      createdAt: "2026-11-20T08:00:00Z",
      severity: "Low",
      status: "Closed",
    }),
    incidentRow({ id: "new", number: 2, createdAt: "2026-11-22T08:00:00Z", severity: "High", owner: "Sam" }),
    incidentRow({ id: "bare", number: 3, createdAt: "2026-11-21T08:00:00Z", severity: "Medium" }),
  ],
  alerts: [
    alertRow({
      id: "a1",
      at: "2026-11-22T07:00:00Z",
      incident: "new",
      vaults: [0],
      callers: ["mallory"],
      operations: ["SecretGet"],
      touches: 3,
    }),
    alertRow({
      id: "a2",
      at: "2026-11-22T07:30:00Z",
      incident: "new",
      vaults: [1],
      callers: ["mallory"],
      operations: ["KeySign"],
      touches: 2,
    }),
    alertRow({ id: "a3", incident: "old", vaults: [1], callers: ["trent"], decoys: ["lab-key"], touches: 1 }),
    alertRow({ id: "a4", incident: null, vaults: [1], callers: ["eve"], severity: "High", touches: 7 }),
  ],
});
const PREPARED = prepare(LIST);
const ids = (query: Partial<IncidentQuery>) =>
  select(PREPARED.incidents, { ...EVERYTHING, ...query }).map(({ id }) => id);

test("an incident carries what all of its alerts say", () => {
  const [first] = select(PREPARED.incidents, EVERYTHING);
  expect(first).toMatchObject({ id: "new", callers: ["mallory"], operations: ["SecretGet", "KeySign"], touches: 5 });
  expect(first).toMatchObject({ firstAlertAt: "2026-11-22T07:00:00Z", lastAlertAt: "2026-11-22T07:30:00Z" });
  expect(first?.vaults.map(({ name }) => name)).toEqual(["kv-orders", "kv-lab"]);
});

test("without the alerts nobody knows how many touches there were; with a part of them what is known is counted", () => {
  const problem = { part: "alerts", partial: false, message: "Late.", fix: null } as const;
  const touches = (partial: boolean) =>
    prepare({ ...LIST, alerts: [], problems: [{ ...problem, partial }] }).incidents[0]?.incident.touches;
  expect(touches(false)).toBeNull();
  expect(touches(true)).toBe(0);
});

describe("the list", () => {
  test("keeps the incidents of a vault, by its id, and the alerts behind the charts with them", () => {
    const orders = vault(FIRST, "kv-orders");
    expect(ids({ vaults: [orders] })).toEqual(["new"]);
    expect(ids({ vaults: [orders], subscriptions: [SECOND] })).toEqual([]);
    expect(ids({ vaults: [vault(SECOND, "kv-lab")] })).toEqual(["new", "old"]);
    const touches = selectTouches(PREPARED, { ...EVERYTHING, vaults: [orders] });
    expect(touches.map(({ id }) => id)).toEqual(["a1", "a2"]);
  });

  test.each<[Partial<IncidentQuery>, string[]]>([
    [{}, ["new", "bare", "old"]],
    [{ descending: false }, ["old", "bare", "new"]],
    [{ sort: "severity" }, ["new", "bare", "old"]],
    [{ sort: "touches", descending: false }, ["bare", "old", "new"]],
    [{ severities: ["High", "Low"] }, ["new", "old"]],
    [{ statuses: ["Closed"] }, ["old"]],
    [{ owners: ["Sam"] }, ["new"]],
    [{ owners: [NOBODY] }, ["bare", "old"]],
    [{ subscriptions: [FIRST] }, ["new"]],
    [{ q: "KV-LAB mallory" }, ["new"]],
    [{ q: "lab-key" }, ["old"]],
    [{ q: "#3" }, ["bare"]],
    [{ q: "nothing-like-this" }, []],
  ])("chosen and ordered by %j", (query, expected) => {
    expect(ids(query)).toEqual(expected);
  });

  test("its choices say how many each would show", () => {
    expect(choicesOf(PREPARED.incidents)).toEqual({
      severities: [
        { value: "High", count: 1 },
        { value: "Medium", count: 1 },
        { value: "Low", count: 1 },
        { value: "Informational", count: 0 },
      ],
      statuses: [
        { value: "New", count: 2 },
        { value: "Active", count: 0 },
        { value: "Closed", count: 1 },
      ],
      owners: [
        { value: NOBODY, count: 2 },
        { value: "Sam", count: 1 },
      ],
      subscriptions: [
        { value: FIRST, count: 1 },
        { value: SECOND, count: 2 },
      ],
      vaults: [
        { value: vault(SECOND, "kv-lab"), name: "kv-lab", count: 2 },
        { value: vault(FIRST, "kv-orders"), name: "kv-orders", count: 1 },
      ],
    });
  });
});

describe("the alerts behind the charts", () => {
  const chosen = (query: Partial<IncidentQuery>) =>
    selectTouches(PREPARED, { ...EVERYTHING, ...query }).map(({ id }) => id);

  test("are all of them without a filter, and the search does not change them", () => {
    expect(chosen({ q: "trent" })).toEqual(["a1", "a2", "a3", "a4"]);
  });

  test("follow the filters; those without an incident only what an alert can answer", () => {
    expect(chosen({ severities: ["High"] })).toEqual(["a1", "a2", "a4"]);
    expect(chosen({ subscriptions: [FIRST] })).toEqual(["a1", "a2"]);
    expect(chosen({ statuses: ["New"] })).toEqual(["a1", "a2"]);
  });
});

describe("the figures of the charts", () => {
  const now = new Date(2026, 10, 22, 10, 30).getTime();
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour, 15).toISOString();
  const touches = prepare(
    incidentList({
      vaults: [vault(FIRST, "kv-orders")],
      alerts: [
        alertRow({ id: "1", at: at(15, 0), severity: "Low", touches: 4, callers: ["a"] }),
        alertRow({ id: "2", at: at(21, 9), severity: "High", touches: 2, callers: ["b"], operations: ["X", "Y"] }),
        alertRow({
          id: "3",
          at: at(22, 9),
          severity: "High",
          touches: 1,
          callers: ["b"],
          operations: ["X"],
          vaults: [0],
        }),
        alertRow({ id: "4", at: at(22, 10), severity: "Medium", touches: 0, callers: ["c"], operations: [] }),
      ],
    }),
  ).touches;

  test("touches fall into the days of whoever looks, and none is lost inside the range", () => {
    const { bars, unit } = chartFigures(touches, "7", now).overTime;
    expect(unit).toBe("day");
    expect(bars).toHaveLength(8);
    expect(bars.at(0)).toMatchObject({ start: new Date(2026, 10, 15).getTime(), Low: 4 });
    expect(bars.at(-2)).toMatchObject({ High: 2 });
    expect(bars.at(-1)).toMatchObject({ High: 1, Medium: 0 });
  });

  test("one day is counted in hours, and what is older is left out", () => {
    const { bars, unit } = chartFigures(touches, "1", now).overTime;
    expect(unit).toBe("hour");
    expect(bars).toHaveLength(25);
    expect(bars.map(({ High }) => High).reduce((a, b) => a + b)).toBe(1);
    expect(bars.at(-2)).toMatchObject({ High: 1 });
  });

  test("operations count alerts, callers and vaults count touches, most first, and nothing stands with 0", () => {
    const { operations, callers, vaults } = chartFigures(touches, "7", now);
    expect(operations.bars).toEqual([
      { label: "X", count: 2 },
      { label: "Y", count: 1 },
    ]);
    expect(callers.bars).toEqual([
      { label: "a", count: 4 },
      { label: "b", count: 3 },
    ]);
    expect(vaults).toEqual({ bars: [{ label: "kv-orders", count: 1 }], others: 0, rest: 0 });
  });

  test("beyond ten the others are counted together, and no touch is lost", () => {
    const alerts = Array.from({ length: 30 }, (_, index) =>
      alertRow({ id: `${index}`, callers: [`caller ${index}`], touches: index + 1 }),
    );
    const { callers } = chartFigures(prepare(incidentList({ alerts })).touches, "7", now);
    expect(callers.bars).toHaveLength(10);
    expect(callers).toMatchObject({ others: 20, rest: 210 });
    expect(callers.bars.reduce((sum, { count }) => sum + count, 0)).toBe(465 - 210);
  });
});

test("exports hold hostile text as text: no formula runs, nothing turns the direction, and JSON is to the letter", () => {
  const title = '=HYPERLINK("http://evil.test")';
  const owner = "@SUM(1)\u202Egnp";
  const list = incidentList({
    incidents: [incidentRow({ id: "x", title, owner })],
    alerts: [alertRow({ incident: "x", callers: ["-2+3", "line\nbreak"] })],
  });
  const rows = select(prepare(list).incidents, EVERYTHING);
  const csv = incidentsCsv(rows);
  expect(csv).toContain(`"'=HYPERLINK(""http://evil.test"")"`);
  expect(csv).toContain(",'@SUM(1)‹U+202E›gnp,");
  expect(csv).toContain("'-2+3; line‹U+000A›break");
  expect(csv.trimEnd().split("\r\n")).toHaveLength(2);
  expect(csv).not.toContain("\u202E");
  const json = incidentsJson(rows);
  expect(JSON.parse(json)).toMatchObject([{ title, owner, callers: ["-2+3", "line\nbreak"] }]);
  expect(json).not.toContain("\u202E");
});
