import { describe, expect, test } from "vitest";
import { benignTouches } from "./count.pure";
import { AlertColumns, countedAlerts } from "./counted-alerts.pure";

const VAULT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv";
const SCHEDULED = "c2a0d3d6-6b3e-49f5-8a4d-2f9b8c7e1045";

/** An alert of three touches, closed as benign; the details that are given take the place of its own. */
function alert(details: Record<string, unknown> = {}, change: Record<string, unknown> = {}) {
  return AlertColumns.parse({
    RuleId: SCHEDULED,
    Details: {
      Caller: ["somebody"],
      TokenKeys: [JSON.stringify([`${VAULT}/secrets/a`])],
      Touches: ["3"],
      FirstTouch: ["2026-11-22T10:00:00Z"],
      LastTouch: ["2026-11-22T10:04:00Z"],
      Exceptions: ["[]"],
      ...details,
    },
    Classifications: ["BenignPositive"],
    ...change,
  });
}

const benign = (...alerts: AlertColumns[]) => benignTouches(countedAlerts(alerts), "drill");

describe("the runs of a scheduled rule overlap", () => {
  test("what two of them raised for the same rows counts once", () => {
    expect(benign(alert(), alert())).toBe(3);
  });

  test("and counts as whatever became of any of them: true wherever it was closed as that", () => {
    expect(benign(alert(), alert({}, { Classifications: ["TruePositive"] }))).toBe(0);
    expect(benign(alert({}, { Classifications: [] }), alert())).toBe(3);
    const open = { Classifications: null };
    expect(benign(alert({}, open), alert({ Exceptions: ['["e1"]'] }, open))).toBe(3);
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["rule", {}, { RuleId: "5c1f7a52-0f4e-4a0e-9d0b-7a3b1de5a6c1" }],
    ["vault", { TokenKeys: [`${VAULT}-2/secrets/a`] }, {}],
    ["caller", { Caller: ["another"] }, {}],
    ["first touch", { FirstTouch: ["2026-11-22T10:01:00Z"] }, {}],
    ["last touch", { LastTouch: ["2026-11-22T10:05:00Z"] }, {}],
    ["number of touches", { Touches: ["4"] }, {}],
  ])("another %s makes it another alert", (_what, details, change) => {
    expect(countedAlerts([alert(), alert(details, change)])).toHaveLength(2);
  });

  test("without the time of the first touch nothing says that it is the same", () => {
    const timeless = alert({ FirstTouch: [] });
    expect(benign(timeless, timeless)).toBe(6);
  });
});

test("an alert that names no honeytoken tells of no touch, one whose number was cut off of one", () => {
  expect(countedAlerts([alert({ TokenKeys: [] })])).toEqual([]);
  expect(benign(alert({ Touches: ["many"] }))).toBe(1);
});
