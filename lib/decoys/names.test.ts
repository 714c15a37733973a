import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tooNear } from "./distance";
import { suggestName } from "./names";
import type { Random } from "./random";
import { checkName } from "./safety";
import { styleOf } from "./tokens";

/** A small deterministic generator (mulberry32), so that a failing seed can be repeated. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const VAULTS = {
  kebab: [
    "orders-db-password",
    "billing-api-key",
    "mail-smtp-password",
    "web-redis-connection-string",
    "sap-client-secret",
  ],
  withEnvironmentLast: ["orders-db-password-prod", "billing-api-key-prod", "smtp-password-prod", "sap-token-prod"],
  withEnvironmentFirst: ["prd-orders-sql-pwd", "prd-mail-pwd", "prd-ledger-key", "prd-crm-token"],
  pascal: ["OrdersDbPassword", "BillingApiKey", "MailSmtpPassword", "CrmClientSecret"],
  sections: ["ConnectionStrings--Orders", "Mail--Password", "Billing--ApiKey", "Crm--ClientSecret"],
  upper: ["ORDERS-DB-PASSWORD", "BILLING-API-KEY", "SMTP-PASSWORD"],
  train: ["Orders-Db-Password", "Billing-Api-Key", "Smtp-Password"],
  flat: ["ordersdbpassword", "billingapikey", "smtppassword"],
  convention: ["shop-orders-pwd", "shop-mail-pwd", "shop-crm-token", "shop-cart-key", "shop-sap-secret"],
  empty: [],
};

const anyVault = fc.constantFrom(...Object.values(VAULTS));

function suggestions(live: readonly string[], count: number, kind: "secret" | "key" = "secret"): string[] {
  return Array.from({ length: count }, (_, seed) => {
    const name = suggestName({ live, softDeleted: [] }, { kind }, seeded(seed));
    if (name === undefined) throw new Error(`no proposal for seed ${seed}`);
    return name;
  });
}

test("every proposal passes the safety check, in any vault and for any luck", () => {
  fc.assert(
    fc.property(anyVault, fc.nat(), fc.constantFrom("secret", "key"), (live, seed, kind) => {
      const vault = { live, softDeleted: ["archive-password", "ReplicaDbPassword"] };
      const name = suggestName(vault, { kind }, seeded(seed));
      expect(name).toBeDefined();
      expect(checkName(name ?? "", vault)).toEqual({ ok: true });
    }),
    { numRuns: 500 },
  );
});

test("any vault at all gets a safe proposal or none, never an error", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[0-9a-zA-Z-]{1,40}$/), { maxLength: 25 });
  fc.assert(
    fc.property(names, names, fc.nat(), (live, softDeleted, seed) => {
      const name = suggestName({ live, softDeleted }, { kind: "secret" }, seeded(seed));
      if (name !== undefined) expect(checkName(name, { live, softDeleted }).ok).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("the same vault and the same luck give the same name", () => {
  expect(suggestions(VAULTS.kebab, 20)).toEqual(suggestions(VAULTS.kebab, 20));
});

describe("a proposal speaks the vault's own grammar", () => {
  test.each([
    ["kebab", "kebab"],
    ["pascal", "pascal"],
    ["upper", "upperKebab"],
    ["train", "train"],
    ["flat", "flat"],
    ["sections", "pascal"],
  ] as const)("separator and case of %s", (vault, style) => {
    const several = suggestions(VAULTS[vault], 50).filter((name) => style !== "pascal" || /[a-z][A-Z]/.test(name));
    for (const name of several) expect(styleOf(name)).toBe(style);
    expect(several.length).toBeGreaterThan(25);
  });

  test("the environment stands where the vault has it", () => {
    for (const name of suggestions(VAULTS.withEnvironmentLast, 50)) expect(name).toMatch(/-prod$/);
    for (const name of suggestions(VAULTS.withEnvironmentFirst, 50)) expect(name).toMatch(/^prd-/);
  });

  test("a first word that all names share is kept, since without it a name would stand out", () => {
    for (const name of suggestions(VAULTS.convention, 50)) expect(name).toMatch(/^shop-/);
  });

  test("no configuration section is ever proposed, even where the vault has nothing else", () => {
    for (const name of suggestions(VAULTS.sections, 100)) expect(name).not.toContain("--");
  });

  test("words of the vault come back in what is proposed", () => {
    const known = /orders|billing|mail|web|sap|smtp|redis|db/;
    expect(suggestions(VAULTS.kebab, 100).filter((name) => known.test(name)).length).toBeGreaterThan(30);
  });

  test("nouns are borrowed from sibling vaults, names are not", () => {
    const siblings = ["warehouse-db-password", "freight-db-password", "customs-db-password"];
    const wish = { kind: "secret", siblings } as const;
    const names = Array.from({ length: 200 }, (_, seed) =>
      suggestName({ live: ["a-b-password"], softDeleted: [] }, wish, seeded(seed)),
    );
    expect(names.filter((name) => /freight|customs/.test(name ?? "")).length).toBeGreaterThan(20);
    for (const name of names) expect(siblings).not.toContain(name);
  });
});

test("nothing is shared: across a hundred vaults hardly a name comes twice, and no word is in most of them", () => {
  const names = Object.values(VAULTS).flatMap((live, index) =>
    Array.from({ length: 10 }, (_, seed) =>
      suggestName({ live, softDeleted: [] }, { kind: "secret" }, seeded(index * 1000 + seed)),
    ),
  );
  const lower = names.map((name) => name?.toLowerCase());
  expect(new Set(lower).size).toBeGreaterThan(names.length * 0.95);
  const plain = Array.from({ length: 300 }, (_, seed) =>
    suggestName({ live: [], softDeleted: [] }, { kind: "secret" }, seeded(seed)),
  );
  const first = new Map<string, number>();
  for (const name of plain) {
    const head = name?.split("-")[0] ?? "";
    first.set(head, (first.get(head) ?? 0) + 1);
  }
  expect(Math.max(...first.values())).toBeLessThan(30);
});

test("a name that is a decoy elsewhere is not proposed again", () => {
  const [once = ""] = suggestions(VAULTS.kebab, 1);
  const again = suggestName(
    { live: VAULTS.kebab, softDeleted: [] },
    { kind: "secret", elsewhere: new Set([once.toLowerCase()]) },
    seeded(0),
  );
  expect(again?.toLowerCase()).not.toBe(once.toLowerCase());
});

test("keys get names of keys", () => {
  for (const name of suggestions(VAULTS.empty, 50, "key")) expect(name).toMatch(/(key|cmk|kek|dek)$/);
  for (const name of suggestions(VAULTS.kebab, 50, "key")) expect(name).not.toMatch(/password|secret$|string$|token/);
});

test("an administrator's keywords are used when there are some", () => {
  const name = suggestName({ live: [], softDeleted: [] }, { kind: "secret", keywords: ["Treasury"] }, seeded(3));
  expect(name).toContain("treasury");
});

test("no proposal could be taken for a live name", () => {
  for (const name of suggestions(VAULTS.kebab, 100))
    expect(VAULTS.kebab.some((live) => tooNear(live, name))).toBe(false);
});
