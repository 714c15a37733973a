import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, squeeze, tooNear } from "./distance";
import { checkName, type Refusal } from "./safety";

const vault = {
  live: [
    "orders-db-password",
    "orders-api-key",
    "Mail--Password",
    "smtp-relay-user",
    "prod-ledger-token",
    "prod-crm-token",
  ],
  softDeleted: ["archive-db-password"],
};

describe("a name is refused", () => {
  const refused: [string, Refusal][] = [
    ["under_score", "illegal"],
    ["dot.ted", "illegal"],
    ["", "illegal"],
    ["a".repeat(128), "illegal"],
    ["ärger", "illegal"],
    ["Billing--Password", "section"],
    ["-leading", "section"],
    ["restore", "reserved"],
    ["Contacts", "reserved"],
    ["ISSUERS", "reserved"],
    ["honey-db-password", "says_decoy"],
    ["my-honeytoken", "says_decoy"],
    ["DecoyPassword", "says_decoy"],
    ["db-trap-key", "says_decoy"],
    ["ORDERS-DB-PASSWORD", "taken"],
    ["OrdersDbPassword", "taken"],
    ["archive-DB-password", "soft_deleted"],
    ["orders-warehouse-token", "prefix"],
    ["mail-archive-password", "prefix"],
    ["smtp-relay-usr", "too_near"],
    ["smtp-realy-user", "too_near"],
  ];
  test.each(refused)("%s: %s", (name, refusal) => {
    const verdict = checkName(name, vault);
    expect(verdict).toMatchObject({ ok: false, refusal });
    expect(verdict.ok ? "" : verdict.sentence).toMatch(/^[A-Z].*\.$/);
  });
});

test.each(["archive-reader-password", "prod-backup-password", "bootstrap-token", "failure-report-key"])(
  "%s is accepted",
  (name) => {
    expect(checkName(name, vault)).toEqual({ ok: true });
  },
);

test("a name that a caller's selection by beginning would take in is refused, however it is written", () => {
  const seen = { live: ["app1-db", "ledger-token"], softDeleted: [], selectedBy: ["app1-", "payments--"] };
  for (const name of ["app1-mail-relay", "App1MailRelay", "PAYMENTS-archive-key"])
    expect(checkName(name, seen), name).toMatchObject({ ok: false, refusal: "selected" });
  expect(checkName("archive-app1-relay", seen)).toEqual({ ok: true });
  expect(checkName("app1-mail-relay", { ...seen, selectedBy: [] })).toEqual({ ok: true });
});

test("a shared first word is nobody's selection once the log shows who reads what; a section's head stays one", () => {
  const known = { ...vault, readersKnown: true };
  expect(checkName("orders-warehouse-token", known)).toEqual({ ok: true });
  expect(checkName("mail-archive-password", known)).toMatchObject({ ok: false, refusal: "prefix" });
  const selected = { ...known, selectedBy: ["orders-"] };
  expect(checkName("orders-warehouse-token", selected)).toMatchObject({ ok: false, refusal: "selected" });
});

test("the sentence names no object of the vault", () => {
  for (const name of ["orders-db-passwort", "orders-x", "archive-db-password"]) {
    const verdict = checkName(name, vault);
    for (const other of [...vault.live, ...vault.softDeleted]) expect(JSON.stringify(verdict)).not.toContain(other);
  }
});

test("whatever differs from a live name only by case and hyphens is refused", () => {
  const name = fc.stringMatching(/^[a-z]{2,8}(-[a-z]{2,8}){0,3}$/);
  fc.assert(
    fc.property(name, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (live, caps) => {
      const disguised = [...live].map((letter, index) => (caps[index] ? letter.toUpperCase() : letter)).join("");
      expect(checkName(disguised, { live: [live], softDeleted: [] }).ok).toBe(false);
      expect(checkName(live.replaceAll("-", ""), { live: [live], softDeleted: [] }).ok).toBe(false);
    }),
  );
});

test("a name with a double hyphen is never accepted", () => {
  const part = fc.stringMatching(/^[A-Za-z0-9]{1,10}$/);
  fc.assert(
    fc.property(part, part, (head, tail) => {
      expect(checkName(`${head}--${tail}`, vault).ok).toBe(false);
    }),
  );
});

test("the distance counts what it says", () => {
  expect(editDistance("kitten", "sitting", 5)).toBe(3);
  expect(editDistance("ab", "ba", 5)).toBe(1);
  expect(editDistance("", "abc", 5)).toBe(3);
  expect(editDistance("abcdef", "uvwxyz", 2)).toBe(3);
});

test("the distance is symmetric, zero only for equals, and never grows beyond the longer word", () => {
  const word = fc.stringMatching(/^[a-d]{0,12}$/);
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b, 20);
      expect(distance).toBe(editDistance(b, a, 20));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(editDistance(a, b, 2)).toBe(Math.min(distance, 3));
    }),
  );
});

test("nearness looks through case and hyphens", () => {
  expect(squeeze("Orders-DB")).toBe("ordersdb");
  expect(tooNear("Orders-DB", "ordersd")).toBe(true);
  expect(tooNear("orders-db-password", "ledger-api-key")).toBe(false);
});

test("a secret and a key of one name share no beginning that an application could select by", () => {
  const live = ["crm-signing", "crm-signing", "smtp-relay"];
  expect(checkName("crm-warehouse", { live, softDeleted: [] })).toEqual({ ok: true });
});
