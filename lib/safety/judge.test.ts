import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import {
  type DecoyKind,
  type PolicyObjection,
  type Reader,
  type SafetyFacts,
  selectedPrefixes,
  type VaultProperties,
} from "./facts.pure";
import { judgePlanting, type PlantingWish } from "./judge.pure";
import { harmlessFacts, loader, readBy, unknownFacts } from "./testing/facts";

const ID =
  parseVaultId(
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-a",
  ) ?? expect.fail("no id");

const wish = (kind: PlantingWish["kind"], acceptUnknownReaders = false): PlantingWish => ({
  kind,
  count: 1,
  acceptUnknownReaders,
});

function facts(change: Partial<SafetyFacts> = {}, vault: Partial<VaultProperties> = {}): SafetyFacts {
  const base = harmlessFacts(ID);
  if (!base.vault.known) return expect.fail("the vault is known");
  return { ...base, vault: { known: true, value: { ...base.vault.value, ...vault } }, ...change };
}

const codes = (given: SafetyFacts, kind: PlantingWish["kind"], accept = false) =>
  judgePlanting(given, wish(kind, accept)).refusals.map(({ code }) => code);

const reader = (pattern: Reader["pattern"], kind: DecoyKind = "secret", more: Partial<Reader> = {}): Reader => ({
  ...loader(kind),
  pattern,
  ...more,
});

const days = (count: number): SafetyFacts["readers"] => ({ known: true, value: { ...readBy().value, days: count } });

describe("where nothing is in the way", () => {
  test.each([
    ["auto", "secret"],
    ["secret", "secret"],
    ["key", "key"],
  ] as const)("a wish for %s gives a %s", (kind, planted) => {
    expect(judgePlanting(facts(), wish(kind))).toEqual({
      kind: planted,
      way: "data_plane",
      refusals: [],
      warnings: [],
      mustStayEnabled: false,
    });
  });
});

describe("readers", () => {
  test("an application that loads every secret keeps secrets out for good, and names itself and its pattern", () => {
    const given = facts({ readers: readBy(reader("everything")) });
    const { refusals } = judgePlanting(given, wish("secret", true));
    expect(refusals).toMatchObject([
      { code: "reads_everything", acceptable: false, fix: expect.stringMatching(/key/) },
    ]);
    expect(refusals[0]?.sentence).toMatch(
      /object id 0e0e0e0e-0000-4000-8000-000000000009\) loads every secret of this vault when it starts, .*ASP\.NET Core/,
    );
    const auto = judgePlanting(given, wish("auto"));
    expect(auto).toMatchObject({ kind: "key", refusals: [] });
    expect(auto.warnings).toEqual([expect.stringMatching(/loads every secret.*A honeytoken key is planted instead\./)]);
  });

  test("a decoy stays enabled where something loads everything, or where that is not known", () => {
    expect(judgePlanting(facts({ readers: readBy(reader("everything")) }), wish("secret")).mustStayEnabled).toBe(true);
    expect(judgePlanting(facts({ readers: days(10) }), wish("key")).mustStayEnabled).toBe(true);
    expect(judgePlanting(facts({ readers: readBy(reader("prefix")) }), wish("secret")).mustStayEnabled).toBe(true);
  });

  test.each([
    ["spring", "Spring"],
    ["synchroniser", "copies secrets into a cluster"],
    ["script", "script or pipeline"],
  ] as const)("a %s is called what it is", (client, words) => {
    const given = facts({ readers: readBy(reader("everything", "secret", { client })) });
    expect(judgePlanting(given, wish("secret")).refusals[0]?.sentence).toContain(words);
  });

  test("a backup of secrets leaves keys, a backup of both leaves it to a person", () => {
    const secrets = facts({ readers: readBy(reader("backup")) });
    expect(judgePlanting(secrets, wish("auto"))).toMatchObject({ kind: "key", refusals: [] });
    const both = facts({ readers: readBy(reader("backup"), reader("backup", "key")) });
    expect(codes(both, "auto")).toEqual(["backed_up"]);
    const accepted = judgePlanting(both, wish("auto", true));
    expect(accepted.refusals).toEqual([]);
    expect(accepted.warnings.join(" ")).toContain("Accepted risk: A backup job (object id");
  });

  test("who selects by something unseen may be met, so a person decides", () => {
    const given = facts({ readers: readBy(reader("some")) });
    expect(judgePlanting(given, wish("secret")).refusals).toMatchObject([{ code: "reads_some", acceptable: true }]);
    expect(codes(given, "secret", true)).toEqual([]);
  });

  test("who selects by a beginning stops no secret; names keep away from the beginning", () => {
    const given = facts({ readers: readBy(reader("prefix", "secret", { prefixes: ["app1-", "shared-"] })) });
    expect(codes(given, "secret")).toEqual([]);
    expect(selectedPrefixes(given)).toEqual(["app1-", "shared-"]);
    expect(selectedPrefixes(unknownFacts(ID))).toEqual([]);
  });

  test("no sentence holds a beginning of names", () => {
    const given = facts({ readers: readBy(reader("prefix", "secret", { prefixes: ["zanzibar-"] })) });
    expect(JSON.stringify(judgePlanting(given, wish("auto")))).not.toContain("zanzibar");
  });

  test.each([0, 1, 29])("after %i days of rows the readers are unknown", (count) => {
    const given = facts({ readers: days(count) });
    expect(codes(given, "secret")).toEqual(["readers_unknown"]);
    expect(judgePlanting(given, wish("auto"))).toMatchObject({ kind: "key", refusals: [] });
    expect(judgePlanting(given, wish("secret", true)).warnings).toEqual([expect.stringMatching(/^Accepted risk: /)]);
  });

  test("a risk that is accepted is taken only where no kind goes without it", () => {
    expect(judgePlanting(facts({ readers: days(10) }), wish("auto", true))).toMatchObject({
      kind: "key",
      refusals: [],
    });
  });
});

describe("the vault", () => {
  test.each(["firewall", "private"] as const)("behind %s takes a key through ARM and no secret", (network) => {
    const given = facts({}, { network });
    const secret = judgePlanting(given, wish("secret", true));
    expect(secret.refusals).toMatchObject([{ code: "unreachable", acceptable: false }]);
    expect(secret.refusals[0]?.fix).toContain("never opens a firewall");
    expect(judgePlanting(given, wish("auto"))).toMatchObject({ kind: "key", way: "arm_key", refusals: [] });
  });

  test("near a limit of Azure's is left alone, whichever its permission model counts", () => {
    expect(codes(facts({}, { permissionModel: "policies", accessPolicies: 1_010 }), "key")).toEqual([
      "access_policies_full",
    ]);
    expect(codes(facts({}, { permissionModel: "policies", roleAssignments: 4_000 }), "key")).toEqual([]);
    expect(codes(facts({}, { roleAssignments: 3_950 }), "secret", true)).toEqual(["role_assignments_full"]);
    expect(codes(facts({}, { accessPolicies: 1_024 }), "secret")).toEqual([]);
  });

  test("that turned applications away on two days is left alone, on one day is not", () => {
    const throttled = (count: number) =>
      facts({ readers: { known: true, value: { ...readBy().value, throttledDays: count } } });
    expect(codes(throttled(2), "key", true)).toEqual(["throttled"]);
    expect(codes(throttled(1), "key")).toEqual([]);
  });

  test("that keeps what is deleted says for how long a name is blocked", () => {
    const { warnings } = judgePlanting(facts({}, { purgeProtection: true, retentionDays: 30 }), wish("secret"));
    expect(warnings).toEqual([expect.stringContaining("30 days")]);
  });
});

describe("policies", () => {
  const objection = (more: Partial<PolicyObjection>): PolicyObjection => ({
    policy: "Secrets expire",
    kind: "secret",
    api: "data",
    verdict: "denies",
    about: ["an expiry date"],
    ...more,
  });
  const against = (...value: PolicyObjection[]) => facts({ objections: { known: true, value } });

  test("that deny the object are a refusal with the policy's name; the other kind is free", () => {
    const { refusals } = judgePlanting(against(objection({})), wish("secret", true));
    expect(refusals).toMatchObject([
      { code: "policy_denies", sentence: expect.stringMatching(/"Secrets expire".*expiry/) },
    ]);
    expect(judgePlanting(against(objection({})), wish("auto"))).toMatchObject({ kind: "key", refusals: [] });
  });

  test("that may deny it are a warning", () => {
    const { refusals, warnings } = judgePlanting(against(objection({ verdict: "may" })), wish("secret"));
    expect([refusals, warnings]).toEqual([[], [expect.stringContaining("may refuse")]]);
  });

  test("of Azure Resource Manager count for what is written through it only", () => {
    const arm = objection({ kind: "key", api: "arm" });
    expect(codes(against(arm), "key")).toEqual([]);
    const closed = facts({ objections: { known: true, value: [arm] } }, { network: "private" });
    expect(codes(closed, "key")).toEqual(["policy_denies"]);
  });
});

describe("what is unknown is never safe", () => {
  const unknown = { known: false, why: "Azure did not answer." } as const;
  const anyReader: fc.Arbitrary<Reader> = fc.record({
    caller: fc.uuid(),
    kind: fc.constantFrom("secret", "key"),
    pattern: fc.constantFrom("everything", "prefix", "some", "backup"),
    client: fc.constantFrom("aspnet", "spring", "synchroniser", "script", "unknown"),
    prefixes: fc.constant([]),
  });
  const anyFacts: fc.Arbitrary<SafetyFacts> = fc
    .record({
      network: fc.constantFrom("public", "firewall", "private"),
      model: fc.constantFrom("rbac", "policies"),
      accessPolicies: fc.integer({ min: 0, max: 1_024 }),
      roleAssignments: fc.option(fc.integer({ min: 0, max: 4_000 }), { nil: undefined }),
      readers: fc.array(anyReader, { maxLength: 3 }),
      days: fc.integer({ min: 0, max: 30 }),
      known: fc.record({ vault: fc.boolean(), readers: fc.boolean(), objections: fc.boolean() }),
    })
    .map(({ network, model, accessPolicies, roleAssignments, readers, days: count, known }) => {
      const full = facts({}, { network, permissionModel: model, accessPolicies, roleAssignments });
      const log = { ...readBy(...readers).value, days: count };
      return {
        vaultId: ID,
        vault: known.vault ? full.vault : unknown,
        readers: known.readers ? { known: true, value: log } : unknown,
        objections: known.objections ? full.objections : unknown,
      };
    });
  const anyKind = fc.constantFrom("auto", "secret", "key");

  test("a fact that is missing is always said, as a refusal or as a warning", () => {
    fc.assert(
      fc.property(anyFacts, anyKind, fc.boolean(), (given, kind, accept) => {
        const { refusals, warnings } = judgePlanting(given, wish(kind, accept));
        const missing = !given.vault.known || !given.readers.known || !given.objections.known;
        if (missing) expect(refusals.length + warnings.length).toBeGreaterThan(0);
        if (!given.vault.known) expect(refusals.map(({ code }) => code)).toContain("vault_unknown");
      }),
    );
  });

  test("no secret goes where the readers are not known for thirty days, unless a person takes the risk", () => {
    fc.assert(
      fc.property(anyFacts, anyKind, (given, kind) => {
        const known = given.readers.known && given.readers.value.days >= 30;
        const { kind: planted, refusals } = judgePlanting(given, wish(kind));
        if (!known && planted === "secret") expect(refusals.length).toBeGreaterThan(0);
      }),
    );
  });

  test("nothing goes where something reads everything of its kind, whatever is accepted", () => {
    fc.assert(
      fc.property(anyFacts, anyKind, fc.boolean(), (given, kind, accept) => {
        const { kind: planted, refusals } = judgePlanting(given, wish(kind, accept));
        const met =
          given.readers.known &&
          given.readers.value.readers.some((one) => one.kind === planted && one.pattern === "everything");
        if (met) expect(refusals.map(({ code }) => code)).toContain("reads_everything");
      }),
    );
  });

  test("without anybody's word no refusal is dropped, and accepting drops only what may be accepted", () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom<DecoyKind>("secret", "key"), (given, kind) => {
        const plain = judgePlanting(given, wish(kind)).refusals;
        expect(judgePlanting(given, wish(kind, true)).refusals).toEqual(plain.filter((one) => !one.acceptable));
      }),
    );
  });
});
