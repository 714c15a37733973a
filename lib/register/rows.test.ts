import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRegister, parseRegisterRow, RegisterColumns } from "./rows";

const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-Shop/providers/Microsoft.KeyVault/vaults/kv-Shop";

function row(change: Partial<RegisterColumns> = {}): RegisterColumns {
  return RegisterColumns.parse({
    ItemId: "item",
    ResourceId: VAULT,
    HoneyToken: "Archive-Reader",
    Properties: '{"Type": "secret"}',
    ...change,
  });
}

describe("a row of the register", () => {
  test("in the older four-column form is a live decoy", () => {
    expect(parseRegisterRow(row())).toMatchObject({
      vaultId: VAULT.toLowerCase(),
      kind: "secret",
      name: "Archive-Reader",
      tokenKey: `${VAULT.toLowerCase()}/secrets/archive-reader`,
      state: "live",
      planterOid: undefined,
      windowStart: undefined,
    });
  });

  test("of this product carries its state, planter and window", () => {
    const parsed = parseRegisterRow(
      row({
        Properties: '{"Type":"key"}',
        TokenKey: `${VAULT.toLowerCase()}/keys/archive-reader`,
        State: "retiring",
        PlanterOid: "AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        WindowStart: "2026-11-22T10:00:00Z",
        WindowEnd: "2026-11-22T10:30:00Z",
      }),
    );
    expect(parsed).toMatchObject({
      kind: "key",
      state: "retiring",
      planterOid: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
      windowEnd: new Date("2026-11-22T10:30:00Z"),
    });
  });

  test("is read past casing, blanks and slashes", () => {
    const parsed = parseRegisterRow(
      row({ ResourceId: ` ${VAULT.toUpperCase()}/ `, HoneyToken: " Archive-Reader ", State: " LIVE " }),
    );
    expect(parsed).toMatchObject({ vaultId: VAULT.toLowerCase(), name: "Archive-Reader", state: "live" });
  });

  test("with times that cannot be read has no window, so that nothing is excused by it", () => {
    expect(parseRegisterRow(row({ WindowStart: "yesterday", WindowEnd: "" }))).toMatchObject({
      windowStart: undefined,
      windowEnd: undefined,
    });
  });

  test.each([
    ["not a vault", { ResourceId: "dummy" }],
    ["not a name", { HoneyToken: "" }],
    ["not a name", { HoneyToken: "two words" }],
    ["not a key or secret", { Properties: "{}" }],
    ["not a key or secret", { Properties: "not json" }],
    ["unknown state", { State: "sleeping" }],
    ["key does not match", { TokenKey: `${VAULT.toLowerCase()}/secrets/another` }],
  ])("is refused: %s", (problem, change) => {
    expect(parseRegisterRow(row(change))).toEqual({ problem });
  });
});

test("bad rows are counted and cost the good ones nothing", () => {
  const { rows, problems } = parseRegister([row(), row({ ResourceId: "dummy" }), row({ ResourceId: "" })]);
  expect(rows).toHaveLength(1);
  expect(problems.get("not a vault")).toBe(2);
});

test("no text in any column makes it throw", () => {
  const columns = fc.record(Object.fromEntries(Object.keys(row()).map((key) => [key, fc.string()])));
  fc.assert(fc.property(columns, (given) => void parseRegisterRow(row(given))));
});
