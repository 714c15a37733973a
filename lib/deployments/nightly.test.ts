import { describe, expect, test } from "vitest";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import { scopesOf } from "@/lib/azure/scope.pure";
import type { ExceptionKind, VaultException } from "@/lib/exceptions/exceptions.pure";
import { type KnownVaults, newVaultsToPlan, nightlyPlanDue } from "./nightly.pure";
import { ITEM_STATES, type ItemState } from "./views.pure";

function vault(name: string): VaultId {
  const id = parseVaultId(
    `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-${name.slice(-1)}/providers/Microsoft.KeyVault/vaults/${name}`,
  );
  if (!id) throw new Error(`${name} is no vault's name`);
  return id;
}

const A = vault("kv-a");
const B = vault("kv-b");

function known(change: Partial<KnownVaults> = {}): KnownVaults {
  return { collected: new Set([A, B]), withDecoy: new Set(), deployed: new Map(), ...change };
}

function exception(kind: ExceptionKind, scope: string): VaultException {
  const common = { id: "e", reason: "A sandbox of one team", by: "Kim" };
  return { ...common, kind, scope, createdAt: "2026-11-01T00:00:00.000Z", until: "2026-12-01T00:00:00.000Z" };
}

const NOW = new Date("2026-11-22T01:00:00Z");
const WAIT = { nightlyPlan: "wait" } as const;

describe("the nightly plan is about", () => {
  test("vaults that nobody has planted in, in their order", () => {
    expect(newVaultsToPlan([B, A], known(), [], WAIT, NOW)).toEqual([B, A]);
    expect(newVaultsToPlan([B, A], known(), [], { nightlyPlan: "carry_out" }, NOW)).toEqual([B, A]);
  });

  test("nothing while it is off", () => {
    expect(newVaultsToPlan([A, B], known(), [], { nightlyPlan: "off" }, NOW)).toEqual([]);
  });

  test("no vault that the collector has not reached, and none with a honeytoken", () => {
    expect(newVaultsToPlan([A, B], known({ collected: new Set([B]) }), [], WAIT, NOW)).toEqual([B]);
    expect(newVaultsToPlan([A, B], known({ withDecoy: new Set([A]) }), [], WAIT, NOW)).toEqual([B]);
  });

  test.each(ITEM_STATES)("a vault that was in a deployment only when it failed there: %s", (state) => {
    const part = (one: ItemState) => ({ state: one, at: NOW });
    const deployed = new Map([[String(A), [part(state)]]]);
    expect(newVaultsToPlan([A, B], known({ deployed }), [], WAIT, NOW)).toEqual(state === "failed" ? [A, B] : [B]);
    const twice = new Map([[String(A), [part("failed"), part(state)]]]);
    expect(newVaultsToPlan([A], known({ deployed: twice }), [], WAIT, NOW)).toEqual(state === "failed" ? [A] : []);
  });

  test.each(["blocked", "skipped"] as const)("a vault that was %s again after a week", (state) => {
    const since = (days: number) => {
      const at = new Date(NOW.getTime() - days * 24 * 60 * 60 * 1000);
      return known({ deployed: new Map([[String(A), [{ state, at }]]]) });
    };
    expect(newVaultsToPlan([A], since(6), [], WAIT, NOW)).toEqual([]);
    expect(newVaultsToPlan([A], since(7), [], WAIT, NOW)).toEqual([A]);
  });

  test.each(["exclusion", "exemption"] as const)("no vault under an %s, wherever it is given", (kind) => {
    const [self, group, subscription] = scopesOf(A);
    for (const scope of [self, group]) {
      expect(newVaultsToPlan([A, B], known(), [exception(kind, scope)], WAIT, NOW), scope).toEqual([B]);
    }
    expect(newVaultsToPlan([A, B], known(), [exception(kind, subscription)], WAIT, NOW)).toEqual([]);
    // Not by the beginning of a name.
    expect(newVaultsToPlan([A], known(), [exception(kind, group.slice(0, -1))], WAIT, NOW)).toEqual([A]);
  });
});

describe("a nightly plan is due", () => {
  const settings = { nightlyPlan: "wait", hour: 2 } as const;
  const at = (text: string) => new Date(`2026-11-${text}Z`);

  test.each([
    ["at its hour", at("21T02:00:05"), at("22T02:00:00"), true],
    ["not before it", at("21T02:00:05"), at("22T01:59:59"), false],
    ["not twice in a night", at("22T02:00:05"), at("22T23:00:00"), false],
    ["once after nights that were missed", at("18T02:00:05"), at("22T09:00:00"), true],
  ])("%s", (_, last, now, due) => {
    expect(nightlyPlanDue(settings, last, at("01T00:00:00"), now)).toBe(due);
  });

  test("for the first time at the first hour after the start", () => {
    expect(nightlyPlanDue(settings, null, at("22T09:00:00"), at("22T23:00:00"))).toBe(false);
    expect(nightlyPlanDue(settings, null, at("22T09:00:00"), at("23T02:00:00"))).toBe(true);
  });

  test("never while it is off", () => {
    expect(nightlyPlanDue({ ...settings, nightlyPlan: "off" }, null, at("01T00:00:00"), at("22T02:00:00"))).toBe(false);
  });
});
