import { describe, expect, test } from "vitest";
import { disagreements } from "./agreement";
import type { Exchange } from "./exchange";
import { type Finding, judge } from "./finding";
import { emptyLists } from "./lists";
import { widgetExchange } from "./testing/specs";

const list = (value: unknown[], change: Partial<Exchange> = {}) =>
  widgetExchange({ responseBody: { value }, ...change });
const byStep = ({ step }: Exchange) => step;

describe("lists must hold something", () => {
  test("an operation that only ever answered an empty list is found", () => {
    const { lists, findings } = emptyLists([list([]), list([])], byStep, "here");
    expect(lists).toBe(1);
    expect(findings).toMatchObject([{ code: "EMPTY_LIST", operation: "widgets: get", path: "response/value" }]);
  });

  test("once populated is enough; refusals and bodies without a list do not count", () => {
    expect(emptyLists([list([1]), list([])], byStep, "here")).toEqual({ lists: 1, findings: [] });
    expect(emptyLists([list([], { status: 404 }), widgetExchange()], byStep, "here")).toEqual({
      lists: 0,
      findings: [],
    });
  });

  test.each([
    [{ data: [] }, "response/data"],
    [{ data: { columns: [], rows: [] } }, "response/data"],
    [{ tables: [{ rows: [] }] }, "response/tables"],
  ])("%j is an empty list too", (responseBody, path) => {
    expect(emptyLists([widgetExchange({ responseBody })], byStep, "here").findings).toMatchObject([{ path }]);
  });
});

describe("two versions must agree", () => {
  const compare = (a: Partial<Exchange>[], b: Partial<Exchange>[]) =>
    disagreements(
      { name: "one", exchanges: a.map(widgetExchange) },
      { name: "two", exchanges: b.map(widgetExchange) },
      byStep,
    );

  test("what differs in every tenant does not count", () => {
    const body = (guid: string, hex: string) => ({
      id: `/x/${guid}`,
      etag: `"${guid}"`,
      kid: `https://kv/keys/k/${hex.repeat(32)}`,
      nextLink: `https://x/?api-version=${guid.slice(0, 4)}&$skipToken=${hex}`,
      statistics: { time: hex === "a" ? 1.5 : 2 },
    });
    const one = body("11111111-1111-4111-8111-111111111111", "a");
    const two = body("22222222-2222-4222-8222-222222222222", "b");
    expect(compare([{ responseBody: one }], [{ responseBody: two }])).toEqual({ compared: 1, findings: [] });
  });

  test("a missing property, another value, another length and another status are told with their place", () => {
    const a = { value: [{ name: "x", more: 1 }, { name: "y" }], time: "2026-01-01" };
    const b = { value: [{ name: "z" }], time: "2026-01-02" };
    const { findings } = compare([{ responseBody: a }, { status: 200 }], [{ responseBody: b }, { status: 201 }]);
    expect(findings.map(({ path }) => path)).toEqual([
      "response/value",
      "response/value/{}/name",
      "response/value/{}/more",
      "response/time",
      "status",
    ]);
  });

  test("an exchange that only one of them has is told", () => {
    expect(compare([{}, {}], [{}]).findings).toMatchObject([{ path: "", code: "DIFFERS" }]);
    expect(compare([{}], [{ step: "another" }]).findings).toHaveLength(1);
  });
});

describe("the list of what is allowed", () => {
  const finding: Finding = { code: "A", operation: "B", path: "/c", message: "", where: "" };
  const reason = "because of a good reason";

  test("an entry takes all findings of its place, and no others", () => {
    const other = { ...finding, path: "/d" };
    expect(judge([finding, finding, other], [{ code: "A", operation: "B", path: "/c", reason }])).toEqual({
      open: [other],
      allowed: 2,
      unused: [],
    });
  });

  test("an entry that nothing needs is told, so that the list only shrinks", () => {
    const entry = { code: "A", operation: "B", path: "/other", reason };
    expect(judge([finding], [entry])).toEqual({ open: [finding], allowed: 0, unused: [entry] });
  });
});
