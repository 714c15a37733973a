import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DecoyKnowledge, decoyState } from "./decoy-state";

const NOW = new Date("2026-11-22T12:00:00Z");
const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);

function known(change: Partial<DecoyKnowledge>): DecoyKnowledge {
  return {
    now: NOW,
    patience: 90 * 60_000,
    confirmedAt: undefined,
    plantedAt: undefined,
    expiresAt: undefined,
    broken: undefined,
    changes: undefined,
    loggingChangedAt: undefined,
    logReach: 85 * 24 * 3_600_000,
    listed: undefined,
    ...change,
  };
}

test("what was seen to work before the log's memory is in doubt, however long that is", () => {
  const confirmedAt = ago(24 * 40);
  expect(decoyState(known({ confirmedAt })).outcome).toBe("pass");
  expect(decoyState(known({ confirmedAt, logReach: 28 * 24 * 3_600_000 }))).toMatchObject({
    outcome: "unknown",
    reason: "decoy_unconfirmed",
  });
});

test("what is kept as broken stays so when the log has forgotten it, until it is seen to work again", () => {
  const broken = { by: "deleted", at: ago(24 * 200) } as const;
  expect(decoyState(known({ broken })).reason).toBe("decoy_removed");
  expect(decoyState(known({ broken: { ...broken, by: "disabled" } })).reason).toBe("decoy_disabled");
  expect(decoyState(known({ broken: { ...broken, by: "expired" } })).reason).toBe("decoy_expired");
  expect(decoyState(known({ broken, confirmedAt: ago(24 * 201) })).outcome).toBe("fail");
  expect(decoyState(known({ broken, changes: changes({ created: ago(5) }) })).outcome).toBe("pass");
});

const changes = (change: Partial<NonNullable<DecoyKnowledge["changes"]>>) => ({
  created: undefined,
  removed: undefined,
  disabled: undefined,
  changed: undefined,
  ...change,
});
const listed = (hours: number, change = {}) => ({
  at: ago(hours),
  present: true,
  enabled: true,
  expires: null,
  ...change,
});

describe("a registered decoy", () => {
  test("is not believed without any sign of it", () => {
    expect(decoyState(known({})).outcome).toBe("unknown");
  });

  test("is given its time right after planting", () => {
    expect(decoyState(known({ plantedAt: ago(1) })).outcome).toBe("waiting");
    expect(decoyState(known({ plantedAt: ago(2) })).outcome).toBe("unknown");
  });

  test.each<[string, Partial<DecoyKnowledge>]>([
    ["planting confirmed it", { confirmedAt: ago(5) }],
    ["the log shows its creation", { changes: changes({ created: ago(5) }) }],
    ["a list shows it enabled", { listed: listed(5) }],
    ["it came back after a deletion", { changes: changes({ removed: ago(9), created: ago(5) }) }],
    ["a list shows it after a change", { changes: changes({ created: ago(50), changed: ago(9) }), listed: listed(5) }],
    ["its expiry lies ahead", { confirmedAt: ago(5), expiresAt: ago(-5) }],
  ])("is present when %s", (_why, change) => {
    expect(decoyState(known(change))).toMatchObject({ outcome: "pass", reason: "decoy_present" });
  });

  test.each<[string, Partial<DecoyKnowledge>, string]>([
    ["it was deleted since", { confirmedAt: ago(9), changes: changes({ removed: ago(5) }) }, "decoy_removed"],
    ["a later list misses it", { confirmedAt: ago(9), listed: listed(5, { present: false }) }, "decoy_removed"],
    ["it was disabled since", { confirmedAt: ago(9), changes: changes({ disabled: ago(5) }) }, "decoy_disabled"],
    [
      "a later list shows it disabled",
      { confirmedAt: ago(9), listed: listed(5, { enabled: false }) },
      "decoy_disabled",
    ],
    ["its own expiry has passed", { confirmedAt: ago(9), expiresAt: ago(1) }, "decoy_expired"],
    ["the list says that it has expired", { listed: listed(5, { expires: ago(1).toISOString() }) }, "decoy_expired"],
    [
      "it was created and deleted at one moment",
      { changes: changes({ created: ago(5), removed: ago(5) }) },
      "decoy_removed",
    ],
  ])("fails when %s", (_why, change, reason) => {
    expect(decoyState(known(change))).toMatchObject({ outcome: "fail", reason });
  });

  test("is unknown after a change that the log does not describe", () => {
    const state = decoyState(known({ confirmedAt: ago(9), changes: changes({ changed: ago(5) }) }));
    expect(state).toMatchObject({ outcome: "unknown", reason: "decoy_unconfirmed" });
  });

  test("is unknown when the logging was changed after it was last seen: a deletion in between would not show", () => {
    expect(decoyState(known({ confirmedAt: ago(9), loggingChangedAt: ago(5) })).outcome).toBe("unknown");
    expect(decoyState(known({ confirmedAt: ago(5), loggingChangedAt: ago(9) })).outcome).toBe("pass");
    expect(decoyState(known({ confirmedAt: ago(9), loggingChangedAt: ago(5), listed: listed(2) })).outcome).toBe(
      "pass",
    );
  });

  test("is unknown when it was last seen before the log's memory", () => {
    expect(decoyState(known({ confirmedAt: ago(24 * 84) })).outcome).toBe("pass");
    expect(decoyState(known({ confirmedAt: ago(24 * 86) })).outcome).toBe("unknown");
  });

  test("an old list does not outweigh a newer deletion", () => {
    expect(decoyState(known({ listed: listed(9), changes: changes({ removed: ago(5) }) })).outcome).toBe("fail");
  });
});

test("never present when the newest thing known about it is bad, or when nothing is known", () => {
  const time = fc.option(fc.integer({ min: 0, max: 100 }).map(ago), { nil: undefined });
  const change = fc.record({ created: time, removed: time, disabled: time, changed: time });
  fc.assert(
    fc.property(time, time, change, (confirmedAt, plantedAt, recorded) => {
      const { outcome } = decoyState(known({ confirmedAt, plantedAt, changes: recorded }));
      const good = Math.max(confirmedAt?.getTime() ?? 0, recorded.created?.getTime() ?? 0);
      const worst = Math.max(
        ...[recorded.removed, recorded.disabled, recorded.changed].map((at) => at?.getTime() ?? 0),
      );
      expect(outcome === "pass").toBe(good > worst);
    }),
  );
});
