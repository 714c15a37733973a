import { describe, expect, test } from "vitest";
import { AlertColumns, IncidentColumns, shapeList } from "./shape";

const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-shop/providers/Microsoft.KeyVault/vaults/kv-orders";
const AT = "2026-11-22T10:00:00Z";

function incident(change: Record<string, unknown> = {}) {
  return IncidentColumns.parse({
    IncidentName: "i1",
    IncidentNumber: 7,
    Title: "Honeytoken touched",
    Severity: "High",
    Status: "New",
    Owner: "",
    CreatedTime: AT,
    ModifiedTime: AT,
    AlertIds: ["A1"],
    ...change,
  });
}

function alert(change: Record<string, unknown> = {}) {
  return AlertColumns.parse({
    SystemAlertId: "a1",
    AlertSeverity: "High",
    StartTime: AT,
    Entities: JSON.stringify([
      { $id: "2", ResourceId: VAULT, Type: "azure-resource" },
      { $id: "3", Name: "mallory", UPNSuffix: "contoso.test", Type: "account" },
      { $id: "4", Address: "203.0.113.9", Type: "ip" },
    ]),
    Caller: ["oid-1"],
    ManagedIdentity: null,
    CallerAppId: null,
    Decoys: ['["orders-db-password"]'],
    Operations: ['["SecretGet","SecretList"]'],
    Touches: ["3"],
    FirstTouch: [AT],
    LastTouch: [AT],
    ...change,
  });
}

test("an alert is joined with its incident by its id, whatever the casing, and tells vault, caller, decoys and touches", () => {
  const { incidents, alerts, vaults } = shapeList([incident()], [alert()]);
  expect(incidents).toMatchObject([{ id: "i1", number: 7, owner: null, classification: null }]);
  expect(vaults).toEqual([VAULT.toLowerCase()]);
  expect(alerts).toEqual([
    {
      id: "a1",
      incident: "i1",
      at: "2026-11-22T10:00:00.000Z",
      severity: "High",
      vaults: [0],
      callers: ["mallory@contoso.test"],
      decoys: ["orders-db-password"],
      operations: ["SecretGet", "SecretList"],
      touches: 3,
    },
  ]);
});

test("an alert that no incident of the list holds is kept apart, and vaults are named once", () => {
  const { alerts, vaults } = shapeList([incident()], [alert(), alert({ SystemAlertId: "a2", Touches: ["1"] })]);
  expect(alerts.map(({ incident: holder }) => holder)).toEqual(["i1", null]);
  expect(vaults).toHaveLength(1);
});

test("what a scheduled rule raised twice for the same rows counts once", () => {
  const held = incident({ AlertIds: ["a1", "a2", "a3"] });
  const later = alert({ SystemAlertId: "a3", FirstTouch: ["2026-11-22T10:05:00Z"] });
  const { alerts } = shapeList([held], [alert(), alert({ SystemAlertId: "a2" }), later]);
  expect(alerts.map(({ id }) => id)).toEqual(["a1", "a3"]);
});

test("what looks the same is kept where another rule raised it, or another incident holds it", () => {
  const held = [incident({ AlertIds: ["a1", "a2"] }), incident({ IncidentName: "i2", AlertIds: ["a3"] })];
  const others = [alert({ SystemAlertId: "a2", RuleId: "rule-2" }), alert({ SystemAlertId: "a3" })];
  const { alerts } = shapeList(held, [alert(), ...others]);
  expect(alerts.map(({ id }) => id)).toEqual(["a1", "a2", "a3"]);
});

describe("a caller is named by what is known", () => {
  test.each([
    ["a managed identity", { ManagedIdentity: ["/subscriptions/x/providers/y/orders-identity"] }, ["orders-identity"]],
    ["an application", { CallerAppId: ["app-1"] }, ["app-1"]],
    ["an address", { Entities: '[{"Address":"203.0.113.9","Type":"ip"}]' }, ["203.0.113.9"]],
    ["an object id", {}, ["oid-1"]],
    ["nothing at all", { Caller: null }, []],
  ])("%s", (_what, change, callers) => {
    expect(shapeList([], [alert({ Entities: "", ...change })]).alerts[0]?.callers).toEqual(callers);
  });
});

test("an alert without details, or with entities that are no JSON, is shown for what it is", () => {
  const bare = { Entities: "{", Caller: null, Decoys: null, Operations: null, Touches: null, FirstTouch: null };
  expect(shapeList([], [alert(bare)]).alerts).toMatchObject([{ vaults: [], callers: [], touches: 0 }]);
});

test("a touch whose number was dropped counts as one, and an alert about something else as none", () => {
  const counts = (change: Record<string, unknown>) => shapeList([], [alert(change)]).alerts[0]?.touches;
  expect(counts({ Touches: null })).toBe(1);
  expect(counts({ Touches: ["many"] })).toBe(1);
  expect(counts({ Touches: null, Decoys: null })).toBe(0);
});

test("a word of Azure that is not known makes an incident no less grave and hides none", () => {
  expect(shapeList([incident({ Severity: "Severe", Status: "Redirected" })], []).incidents).toMatchObject([
    { severity: "High", status: "New", owner: null },
  ]);
});

test("an entity that is no key vault is no vault", () => {
  const machine = { ResourceId: VAULT.replace("KeyVault/vaults", "Compute/virtualMachines"), Type: "azure-resource" };
  expect(shapeList([], [alert({ Entities: JSON.stringify([machine]) })]).vaults).toEqual([]);
});
