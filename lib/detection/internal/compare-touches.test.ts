import { describe, expect, test } from "vitest";
import { AlertRow } from "./alert-row";
import { missedOf, type Touch } from "./compare-touches";

const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-a";
const CALLER = "bbbbbbbb-0000-4000-8000-00000000000b";

function touch(change: Partial<Touch> = {}): Touch {
  return {
    vaultId: VAULT,
    tokenKey: `${VAULT}/secrets/sql-reader`,
    decoy: "SQL-Reader",
    caller: CALLER,
    firstTouch: new Date("2026-11-22T12:00:10Z"),
    lastTouch: new Date("2026-11-22T12:00:40Z"),
    ...change,
  };
}

/** A row as the workspace gives it. */
function alert(details: Record<string, string[]>, change: Record<string, unknown> = {}) {
  const known = { Caller: [CALLER], Decoys: ['["SQL-Reader"]'], FirstTouch: ["2026-11-22T12:00:00.0000000Z"] };
  return AlertRow.parse({
    StartTime: "2026-11-22T12:00:30Z",
    EndTime: "2026-11-22T12:00:40Z",
    Entities: JSON.stringify([{ $id: "2", ResourceId: VAULT.toUpperCase(), Type: "azure-resource" }]),
    ExtendedProperties: JSON.stringify({
      "Search Query Results Overall Count": "1",
      "Custom Details": JSON.stringify({ ...known, ...details }),
    }),
    ...change,
  });
}

test("a touch with its alert is not missed, one without any is", () => {
  expect(missedOf([touch()], [alert({})])).toEqual([]);
  expect(missedOf([touch()], [])).toEqual([touch()]);
});

describe("an alert does not tell of", () => {
  test.each<[string, Partial<Touch>]>([
    ["another vault", { vaultId: VAULT.replace("kv-a", "kv-b") }],
    ["another caller", { caller: "203.0.113.9" }],
    ["another decoy", { decoy: "other", tokenKey: `${VAULT}/secrets/other` }],
    ["a later time", { firstTouch: new Date("2026-11-22T12:10:00Z"), lastTouch: new Date("2026-11-22T12:10:30Z") }],
    ["an earlier time", { firstTouch: new Date("2026-11-22T11:10:00Z"), lastTouch: new Date("2026-11-22T11:10:30Z") }],
  ])("%s", (_what, change) => {
    expect(missedOf([touch(change)], [alert({})])).toHaveLength(1);
  });
});

test("an alert without room for its decoys tells of every decoy of that caller there and then", () => {
  const other = touch({ decoy: "other", tokenKey: `${VAULT}/secrets/other` });
  const many = JSON.stringify(Array.from({ length: 50 }, (_, place) => `decoy-${place}`));
  expect(missedOf([other], [alert({ Decoys: [] })])).toEqual([]);
  expect(missedOf([other], [alert({ Decoys: [many] })])).toEqual([]);
  expect(missedOf([{ ...other, caller: "somebody" }], [alert({ Decoys: [] })])).toHaveLength(1);
});

test.each([
  ["no JSON", { ExtendedProperties: "oops" }],
  ["no custom details", { ExtendedProperties: "{}" }],
  ["no entities", { Entities: "" }],
])("an alert with %s tells of nothing", (_what, change) => {
  expect(missedOf([touch()], [alert({}, change)])).toHaveLength(1);
});
