import { describe, expect, test } from "vitest";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { RuleState } from "@/lib/detection/rule-state";
import type { RegisterRow } from "@/lib/register/rows";
import type { Decoy } from "@/lib/store/decoys";
import type { FactName } from "../facts.pure";
import { coverageOf } from "../state.pure";
import type { BulkFacts, Lifecycle, Source } from "./bulk-facts";
import type { CollectedSettings } from "./collected";
import { type VaultInputs, vaultFacts } from "./vault-facts";

const NOW = new Date("2026-11-22T12:00:00Z");
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
// The literal is a normalised vault id, which is all that the brand says.
const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-one" as VaultId;
const WORKSPACE = "/subscriptions/1/resourcegroups/sec/providers/microsoft.operationalinsights/workspaces/law";
const KEY = `${VAULT}/secrets/archive-reader`;

function read<T>(data: T): Source<T> {
  return { ok: true, data, readAt: ago(1) };
}

const row: RegisterRow = {
  itemId: "i",
  vaultId: VAULT,
  kind: "secret",
  name: "archive-reader",
  tokenKey: KEY,
  state: "live",
  planterOid: undefined,
  windowStart: ago(3000),
  windowEnd: ago(2990),
};

function bulk(change: Partial<BulkFacts> = {}): BulkFacts {
  return {
    register: read(new Map([[VAULT, [row]]])),
    exceptionRows: read([]),
    lifecycle: read(
      new Map([[KEY, { created: ago(2995), removed: undefined, disabled: undefined, changed: undefined }]]),
    ),
    arrivals: read(new Map([[VAULT, [{ table: "AZKVAuditLogs", generated: ago(30), ingested: ago(25) }]]])),
    settingChanges: read(new Map()),
    rules: read([]),
    tables: read([]),
    readAt: ago(1),
    warnings: [],
    ...change,
  };
}

function settings(change: Partial<CollectedSettings> = {}): CollectedSettings {
  return {
    settings: [{ name: "to-siem", workspaceId: WORKSPACE.toUpperCase(), table: "AZKVAuditLogs", audit: true }],
    firstSeenAt: ago(5000).toISOString(),
    changedAt: null,
    checks: [],
    harmless: [],
    ...change,
  };
}

function inputs(change: Partial<VaultInputs> = {}): VaultInputs {
  return {
    vaultId: VAULT,
    now: NOW,
    workspaceId: WORKSPACE,
    timing: { rowsAwaitedFor: 90 * 60_000, heartbeatEvery: 6 * 60 * 60_000, drillLateAfter: 25 * 60_000 },
    bulk: bulk(),
    settings: { data: settings(), at: ago(10) },
    listing: undefined,
    heartbeat: undefined,
    decoys: [],
    proof: undefined,
    logReach: 85 * 24 * 60 * 60_000,
    ruleStateFor: () => read<RuleState>({ state: "on", rule: "Touched" }),
    ...change,
  };
}

function factOf(name: FactName, change: Partial<VaultInputs> = {}) {
  return vaultFacts(inputs(change)).find((fact) => fact.name === name);
}

const state = (change: Partial<VaultInputs> = {}) => coverageOf(vaultFacts(inputs(change)), NOW.getTime());

test("a vault with everything in place is protected", () => {
  expect(state()).toMatchObject({ state: "protected", reason: "rows_arriving" });
});

test("no evidence, and no fact at all, names a decoy", () => {
  const seen = [vaultFacts(inputs()), vaultFacts(inputs({ bulk: bulk({ lifecycle: read(new Map()) }) }))];
  expect(JSON.stringify(seen)).not.toContain("archive-reader");
});

describe("audit log", () => {
  test("never collected is unknown, and so is the vault", () => {
    expect(factOf("auditLog", { settings: undefined })).toMatchObject({
      outcome: "unknown",
      reason: "not_collected",
      checkedAt: null,
    });
    expect(state({ settings: undefined }).state).toBe("unknown");
  });

  test("to another workspace only is not watched", () => {
    const elsewhere = settings({
      settings: [{ name: "x", workspaceId: `${WORKSPACE}2`, table: "AZKVAuditLogs", audit: true }],
    });
    expect(state({ settings: { data: elsewhere, at: ago(1) } })).toMatchObject({
      state: "unprotected",
      reason: "audit_elsewhere",
    });
  });

  test("a setting without audit events is off", () => {
    const metrics = settings({
      settings: [{ name: "x", workspaceId: WORKSPACE, table: "AZKVAuditLogs", audit: false }],
    });
    expect(state({ settings: { data: metrics, at: ago(1) } })).toMatchObject({
      state: "unprotected",
      reason: "audit_off",
    });
  });

  test("a setting changed after the last check makes the check worthless", () => {
    expect(state({ bulk: bulk({ settingChanges: read(new Map([[VAULT, [ago(5)]]])) }) }).state).toBe("unknown");
  });

  test("a refused read is unknown, whatever was read before", () => {
    expect(factOf("auditLog", { settings: { data: settings({ refused: "no right" }), at: ago(1) } })).toMatchObject({
      outcome: "unknown",
      reason: "no_access",
    });
  });
});

describe("register", () => {
  test("without a row the vault is red for want of a honeytoken", () => {
    expect(state({ bulk: bulk({ register: read(new Map()) }) })).toMatchObject({
      state: "unprotected",
      reason: "not_registered",
    });
  });

  test("a planting under way waits; one given up long ago does not", () => {
    const planting = (windowEnd: Date) =>
      bulk({ register: read(new Map([[VAULT, [{ ...row, state: "planting" as const, windowEnd }]]])) });
    expect(state({ bulk: planting(ago(-10)) })).toMatchObject({ state: "waiting", reason: "planting" });
    expect(state({ bulk: planting(ago(200)) })).toMatchObject({ state: "unprotected", reason: "not_registered" });
  });

  test("a planting whose decoy our ledger knows to be in place counts, though its window is still open", () => {
    const open = { ...row, state: "planting" as const, windowStart: ago(3), windowEnd: ago(-20) };
    const own = (state: Decoy["state"]) =>
      ({ id: "d", token_key: KEY, state, confirmed_at: ago(2), expires_at: null }) as Decoy;
    const register = bulk({ register: read(new Map([[VAULT, [open]]])) });
    expect(state({ bulk: register, decoys: [own("live")] }).state).toBe("protected");
    expect(state({ bulk: register, decoys: [own("planting")] })).toMatchObject({
      state: "waiting",
      reason: "planting",
    });
    const another = { ...own("live"), token_key: `${KEY}-other` };
    expect(state({ bulk: register, decoys: [another] })).toMatchObject({ state: "waiting", reason: "planting" });
  });

  test("a row on its way out protects nothing", () => {
    const retiring = bulk({ register: read(new Map([[VAULT, [{ ...row, state: "retiring" as const }]]])) });
    expect(state({ bulk: retiring }).state).toBe("unprotected");
  });
});

describe("decoy", () => {
  test("an imported row is not believed without a sign of its decoy", () => {
    expect(state({ bulk: bulk({ lifecycle: read(new Map()) }) })).toMatchObject({
      state: "unknown",
      reason: "decoy_unconfirmed",
    });
  });

  test("one working decoy of two is enough, and the evidence says so", () => {
    const second = { ...row, name: "second", tokenKey: `${VAULT}/secrets/second` };
    const gone: Lifecycle = { created: ago(2000), removed: ago(100), disabled: undefined, changed: undefined };
    const both = bulk({
      register: read(new Map([[VAULT, [second, row]]])),
      lifecycle: read(
        new Map([
          [KEY, { ...gone, removed: undefined }],
          [second.tokenKey, gone],
        ]),
      ),
    });
    expect(factOf("decoyPresent", { bulk: both })).toMatchObject({
      outcome: "pass",
      evidence: expect.stringContaining("1 of 2"),
    });
  });

  test("a change of the logging after it was last seen makes it doubtful", () => {
    const later = { data: settings({ changedAt: ago(100).toISOString() }), at: ago(1) };
    expect(state({ settings: later })).toMatchObject({ state: "unknown", reason: "decoy_unconfirmed" });
  });

  test("a logged change that left the audit log as it was makes nothing doubtful, two of them may have interrupted it", () => {
    const checks = [ago(800).toISOString()];
    const judged = (data: CollectedSettings, ...changes: Date[]) =>
      state({
        settings: { data, at: ago(10) },
        bulk: bulk({ settingChanges: read(new Map([[VAULT, changes]])) }),
      });
    expect(judged(settings({ checks }), ago(400))).toMatchObject({ state: "protected" });
    expect(judged(settings({ checks }), ago(400), ago(390))).toMatchObject({ state: "unknown" });
    expect(judged(settings(), ago(400))).toMatchObject({ state: "unknown" });
    const kept = settings({ harmless: [ago(400).toISOString()] });
    expect(judged(kept, ago(400))).toMatchObject({ state: "protected" });
    expect(judged(kept, ago(500), ago(400))).toMatchObject({ state: "unknown" });
  });

  test("a vault that was deleted took its decoy along, though one of the same name stands there now", () => {
    const none = { created: undefined, removed: undefined, disabled: undefined, changed: undefined };
    const own = { ...none, created: ago(2995) };
    const since = (befell: Partial<Lifecycle>) =>
      bulk({
        lifecycle: read(
          new Map([
            [KEY, own],
            [VAULT as string, { ...none, ...befell }],
          ]),
        ),
      });
    expect(state({ bulk: since({ removed: ago(60) }) })).toMatchObject({
      state: "unprotected",
      reason: "decoy_removed",
    });
    // Recovered with all that was in it, but whether the decoy was among it the log does not say.
    expect(state({ bulk: since({ removed: ago(60), changed: ago(50) }) })).toMatchObject({
      state: "unknown",
      reason: "decoy_unconfirmed",
    });
    // One that was planted afterwards stands.
    expect(state({ bulk: since({ removed: ago(3000) }) }).state).toBe("protected");
  });

  test("planting's own confirmation counts", () => {
    // Only the fields that the facts read; the rest of the row does not matter here.
    const own = { id: "d", token_key: KEY, confirmed_at: ago(60), expires_at: null } as Decoy;
    expect(state({ bulk: bulk({ lifecycle: read(new Map()) }), decoys: [own] }).state).toBe("protected");
  });
});

describe("rule", () => {
  test("is asked about the tables that the vault really logs to", () => {
    const asked: unknown[] = [];
    vaultFacts(
      inputs({
        ruleStateFor: (kind, tables) => {
          asked.push([kind, tables]);
          return read<RuleState>({ state: "on", rule: "" });
        },
      }),
    );
    expect(asked).toEqual([["secret", ["AZKVAuditLogs"]]]);
  });

  test.each<[RuleState, string]>([
    [{ state: "missing" }, "rule_missing"],
    [{ state: "disabled", rule: "x" }, "rule_disabled"],
    [{ state: "modified", rule: "x", how: "changed" }, "rule_modified"],
    [{ state: "table_plan", table: "AZKVAuditLogs", plan: "Basic" }, "table_plan"],
  ])("%o makes the vault red", (found, reason) => {
    expect(state({ ruleStateFor: () => read(found) })).toMatchObject({ state: "unprotected", reason });
  });
});

describe("a planting of just now", () => {
  const register = read(new Map([[VAULT, [{ ...row, windowStart: ago(3), windowEnd: ago(2) }]]]));
  const planted = { token_key: KEY, confirmed_at: ago(2), expires_at: null } as Decoy;
  const lifecycle = (created: Date | undefined) =>
    read(new Map([[KEY, { created, removed: undefined, disabled: undefined, changed: undefined }]]));

  test("is waited for in the log, although older rows of the vault arrived", () => {
    const silent = { bulk: bulk({ register, lifecycle: lifecycle(undefined) }), decoys: [planted] };
    expect(state(silent)).toMatchObject({ state: "waiting", reason: "rows_awaited" });
  });

  test("makes the vault green when its own row has arrived", () => {
    const arrived = { bulk: bulk({ register, lifecycle: lifecycle(ago(2)) }), decoys: [planted] };
    expect(state(arrived)).toMatchObject({ state: "protected" });
  });
});

describe("rows", () => {
  const none = bulk({ arrivals: read(new Map()) });

  test("of another table than the vault logs to now do not count", () => {
    const other = bulk({
      arrivals: read(new Map([[VAULT, [{ table: "AzureDiagnostics", generated: ago(30), ingested: ago(25) }]]])),
    });
    expect(state({ bulk: other })).toMatchObject({ state: "unprotected", reason: "rows_missing" });
  });

  test("are awaited for a while after a change of the setting, then missed", () => {
    const changed = (minutes: number) => ({ data: settings({ changedAt: ago(minutes).toISOString() }), at: ago(1) });
    const rows = (minutes: number) => factOf("rowsArriving", { bulk: none, settings: changed(minutes) });
    expect(rows(60)).toMatchObject({ outcome: "waiting", reason: "rows_awaited" });
    expect(rows(100)).toMatchObject({ outcome: "fail", reason: "rows_missing" });
  });

  test("from before the last change prove nothing about the setting as it is now", () => {
    const changed = { data: settings({ changedAt: ago(20).toISOString() }), at: ago(1) };
    expect(factOf("rowsArriving", { settings: changed })?.outcome).toBe("waiting");
  });

  test("are awaited from when the setting was first seen, if nobody knows how old it is", () => {
    expect(
      state({ bulk: none, settings: { data: settings({ firstSeenAt: ago(5).toISOString() }), at: ago(5) } }).state,
    ).toBe("waiting");
  });
});

describe("a log that stops", () => {
  const hours = (count: number) => ago(count * 60);
  const heartbeat = (unanswered: Date | null, at: Date) => ({
    heartbeat: { data: { unansweredSince: unanswered?.toISOString() ?? null }, at },
  });
  const newest = (generated: Date) =>
    bulk({ arrivals: read(new Map([[VAULT, [{ table: "AZKVAuditLogs", generated, ingested: generated }]]])) });

  test("shows by a read of ours that does not arrive", () => {
    const silent = { ...heartbeat(null, hours(2)), bulk: newest(hours(5)) };
    expect(state(silent)).toMatchObject({ state: "unprotected", reason: "rows_stopped" });
  });

  test("is not called stopped while the row may still be on its way, or when it is there", () => {
    expect(state({ ...heartbeat(null, hours(1)), bulk: newest(hours(5)) }).state).toBe("protected");
    expect(state({ ...heartbeat(null, hours(2)), bulk: newest(hours(2)) }).state).toBe("protected");
    // Azure's clock and ours are never quite the same.
    expect(state({ ...heartbeat(null, hours(2)), bulk: newest(ago(123)) }).state).toBe("protected");
  });

  test("stays stopped however often it is read again, until a row comes", () => {
    const since = heartbeat(hours(9), ago(1));
    expect(state({ ...since, bulk: newest(hours(10)) })).toMatchObject({ reason: "rows_stopped" });
    expect(state({ ...since, bulk: newest(hours(8)) }).state).toBe("protected");
  });
});

describe("a source that failed", () => {
  const failed = { ok: false, noAccess: false, sentence: "The workspace did not answer." } as const;

  test.each(["register", "lifecycle", "arrivals"] as const)(
    "%s makes the vault unknown, with the sentence as evidence",
    (source) => {
      const facts = vaultFacts(inputs({ bulk: bulk({ [source]: failed }) }));
      expect(coverageOf(facts, NOW.getTime())).toMatchObject({ state: "unknown", reason: "source_failed" });
      expect(facts.map(({ evidence }) => evidence)).toContain(failed.sentence);
    },
  );

  test("a refusal is told apart", () => {
    expect(factOf("ruleOn", { ruleStateFor: () => ({ ...failed, noAccess: true }) })).toMatchObject({
      reason: "no_access",
    });
  });
});
