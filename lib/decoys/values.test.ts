import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { secureRandom } from "./random";
import { decoyCount } from "./settings";
import { DecoySettings } from "./settings.pure";
import { makeValue, VENDOR_PREFIX } from "./values";

const value = (name: string) => makeValue(name, secureRandom);

describe("the shape fits the name", () => {
  test.each<[string, RegExp]>([
    ["orders-db-connection-string", /^Server=tcp:[^;]+,1433;Initial Catalog=\w+;.*Password=[^;]+;/],
    ["ReportingSqlConnectionString", /^Server=tcp:/],
    ["backup-storage-connection-string", /AccountName=[a-z0-9]{14};AccountKey=[A-Za-z0-9+/]{86}==;/],
    ["relay-redis-connection", /:6380,password=[A-Za-z0-9+/]{43}=,ssl=True/],
    ["events-bus-connection-string", /^Endpoint=sb:\/\/.+SharedAccessKey=[A-Za-z0-9+/]{43}=$/],
    ["archive-postgres-connection-string", /^Host=.+Ssl Mode=Require$/],
    ["archive-mysql-conn-string", /^Server=.+SslMode=Required;$/],
    ["replica-password", /^.{16,24}$/],
    ["export-api-key", /^([0-9a-f]{32}|[A-Za-z0-9]{40})$/],
    ["crm-client-secret", /^[A-Za-z0-9]{3}8Q~[A-Za-z0-9_.~-]{34}$/],
    ["partner-webhook-url", /^https:\/\/[^/]+\/.+/],
    ["partner-client-id", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ["blob-storage-key", /^[A-Za-z0-9+/]{86}==$/],
    ["report-token", /^[A-Za-z0-9_-]{43,64}$/],
    ["ledger-username", /^svc-[a-z]{6}\d{2}$/],
  ])("%s", (name, shape) => {
    for (let round = 0; round < 20; round++) expect(value(name)).toMatch(shape);
  });
});

test("keys in base 64 decode to whole bytes and back", () => {
  for (let round = 0; round < 50; round++) {
    const key = value("blob-storage-key");
    expect(Buffer.from(key, "base64").toString("base64")).toBe(key);
  }
});

const anyName = fc.stringMatching(
  /^[a-z]{2,8}(-(db|sql|redis|api|key|password|connection|string|url|client|secret|token|bus|storage)){0,4}$/,
);

test("every host in a value is one that no public resolver knows", () => {
  const internal =
    /^(10\.\d+\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|[a-z]+\d+|[a-z]+\d+\.(internal|corp|lan|intra|local))$/;
  fc.assert(
    fc.property(anyName, (name) => {
      const made = value(name);
      const hosts = [...made.matchAll(/(?:tcp:|:\/\/|^Host=|^Server=)([a-z0-9.-]+)/g)].map(([, host]) => host ?? "");
      for (const host of hosts.filter((found) => found !== "tcp")) expect(host).toMatch(internal);
      // Nothing short, and case counts: a random password may well spell a word.
      expect(made).not.toMatch(/\.windows\.net|\.azure\.com|amazonaws|googleapis/);
    }),
    { numRuns: 500 },
  );
});

test("a value is never made twice, fits Key Vault and carries no vendor's key prefix", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyName, (name) => {
      const made = value(name);
      expect(made.length).toBeGreaterThanOrEqual(12);
      expect(made.length).toBeLessThan(1000);
      expect(made).not.toMatch(VENDOR_PREFIX);
      if (!name.endsWith("username")) expect(seen.has(made)).toBe(false);
      seen.add(made);
    }),
    { numRuns: 500 },
  );
});

test("the random source covers its range evenly", () => {
  const draws = Array.from({ length: 20_000 }, secureRandom);
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth++) {
    expect(draws.filter((draw) => Math.floor(draw * 10) === tenth).length).toBeGreaterThan(1700);
  }
  // It draws many at a time, and none of them twice.
  expect(new Set(draws).size).toBe(draws.length);
});

describe("settings", () => {
  test("one decoy per vault unless somebody wants more", () => {
    const settings = DecoySettings.parse({});
    expect(decoyCount(settings, () => 0)).toBe(1);
  });

  test("the additional one comes with its probability", () => {
    const settings = DecoySettings.parse({ perVault: 2, additionalProbability: 0.25 });
    expect(decoyCount(settings, () => 0.2)).toBe(3);
    expect(decoyCount(settings, () => 0.3)).toBe(2);
  });

  test("what no vault could take is refused, naming the field", () => {
    for (const wrong of [
      { perVault: 0 },
      { additionalProbability: 1.5 },
      { secretKeywords: ["two words"] },
      { typo: 1 },
    ]) {
      expect(DecoySettings.safeParse(wrong).success).toBe(false);
    }
  });
});

test("a value that chance began like a vendor's key is drawn again", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  // The first draw is the length, 43; the next ones are the letters, of 64.
  const script = [0, ..."AKIA".padEnd(43, "A")].map((letter) =>
    typeof letter === "number" ? letter : (alphabet.indexOf(letter) + 0.5) / 64,
  );
  const made = makeValue("report-token", () => script.shift() ?? secureRandom());
  expect(script).toEqual([]);
  expect(made).not.toMatch(VENDOR_PREFIX);
});
