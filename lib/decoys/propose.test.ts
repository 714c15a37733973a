import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SHORTEST_TERM_DAYS } from "./attributes";
import { PLANNED_DAYS, planHistory } from "./history";
import { planMoment } from "./moment";
import { addDays, daysBetween, type ListedObject, type VaultPicture } from "./picture";
import { type DecoyProposal, proposeDecoy } from "./propose";
import { checkName } from "./safety";
import { seeded } from "./testing/seeded";

const NOW = new Date("2026-03-02T10:00:00Z");

function listed(name: string, rest: Partial<ListedObject> = {}): ListedObject {
  const created = rest.created ?? new Date("2025-09-03T09:12:00Z");
  return { name, kind: "secret", enabled: true, managed: false, created, updated: created, ...rest };
}

const NAMES = ["orders-db-pin", "freight-db-pin", "mail-relay-pin", "atlas-mq-seed", "lynx-mq-seed", "heron-api-seed"];
const SIBLINGS = ["customs-db-pin", "wharf-db-pin", "ferry-mq-seed", "depot-api-seed"];

function vaultOf(objects: readonly ListedObject[], rest: Partial<VaultPicture> = {}): VaultPicture {
  return { objects, softDeleted: [], siblings: SIBLINGS, ...rest };
}

const many = (vault: VaultPicture, wish = {}, count = 60): DecoyProposal[] =>
  Array.from({ length: count }, (_, seed) => {
    const proposal = proposeDecoy(vault, { created: NOW, history: true, ...wish }, seeded(seed));
    if (proposal === undefined) throw new Error(`no proposal for seed ${seed}`);
    return proposal;
  });

const anyName = fc.stringMatching(/^[0-9a-zA-Z-]{1,40}$/);
const anyDate = fc.date({ min: new Date("2023-01-01"), max: NOW, noInvalidDate: true });
const anyObject: fc.Arbitrary<ListedObject> = fc
  .record({
    name: anyName,
    kind: fc.constantFrom("secret" as const, "key" as const),
    enabled: fc.boolean(),
    managed: fc.boolean(),
    versions: fc.array(anyDate, { minLength: 1, maxLength: 6 }),
    term: fc.option(fc.integer({ min: 1, max: 900 }), { nil: undefined }),
    contentType: fc.option(fc.constantFrom("text/plain", ""), { nil: undefined }),
    tags: fc.option(fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 12 })), {
      nil: undefined,
    }),
  })
  .map(({ versions, term, ...rest }) => {
    const times = versions.toSorted((a, b) => a.getTime() - b.getTime());
    const created = times.at(-1) ?? NOW;
    return {
      ...rest,
      created,
      updated: created,
      versions: times,
      expires: term === undefined ? undefined : addDays(created, term),
    };
  });

test("in any vault at all: a proposal passes the safety check, expires late and is renewed in time, or there is none", () => {
  fc.assert(
    fc.property(
      fc.array(anyObject, { maxLength: 20 }),
      fc.uniqueArray(anyName, { maxLength: 8 }),
      fc.uniqueArray(anyName, { maxLength: 8 }),
      fc.nat(),
      fc.boolean(),
      (objects, softDeleted, siblings, seed, history) => {
        const proposal = proposeDecoy({ objects, softDeleted, siblings }, { created: NOW, history }, seeded(seed));
        if (proposal === undefined) return;
        const live = objects.map(({ name }) => name);
        expect(checkName(proposal.name, { live, softDeleted })).toEqual({ ok: true });
        expect(siblings.map((name) => name.toLowerCase())).not.toContain(proposal.name.toLowerCase());
        const term = proposal.attributes.expiresInDays;
        if (term !== undefined) expect(term).toBeGreaterThanOrEqual(history ? SHORTEST_TERM_DAYS : 365);
        const days = [0, ...proposal.history.versions.map((offset) => offset / 86_400_000), PLANNED_DAYS];
        for (const [index, day] of days.slice(1).entries()) {
          expect(day).toBeGreaterThanOrEqual((days[index] ?? 0) - 4);
          if (term !== undefined && history) expect(day - (days[index] ?? 0)).toBeLessThan(term);
        }
        if (!history) expect(proposal.history.versions).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

test("the same vault and the same luck give the same decoy", () => {
  const vault = vaultOf(NAMES.map((name) => listed(name)));
  expect(many(vault)).toEqual(many(vault));
});

describe("a decoy carries what its neighbours carry", () => {
  test("nothing where they carry nothing", () => {
    for (const { attributes, history } of many(vaultOf(NAMES.map((name) => listed(name))))) {
      expect(attributes).toEqual({ notBefore: false });
      expect(history.versions).toEqual([]);
    }
  });

  test("their types and tags, each as a whole", () => {
    const objects = NAMES.map((name, index) =>
      index % 2 === 0 ? listed(name, { contentType: "text/plain", tags: { squad: "sea" } }) : listed(name),
    );
    const proposals = many(vaultOf(objects));
    for (const { attributes } of proposals) {
      expect([
        { notBefore: false },
        { notBefore: false, contentType: "text/plain", tags: { squad: "sea" } },
      ]).toContainEqual(attributes);
    }
    expect(proposals.filter(({ attributes }) => attributes.tags !== undefined).length).toBeGreaterThan(10);
  });

  test("a tag that repeats a word of the name repeats the decoy's", () => {
    const objects = NAMES.map((name) => listed(name, { tags: { component: name.split("-")[0] ?? "" } }));
    for (const { name, attributes } of many(vaultOf(objects))) {
      const value = attributes.tags?.component ?? "";
      expect(name.includes(value) || NAMES.some((other) => other.includes(value))).toBe(true);
    }
  });

  test("a day in a tag is the day of planting, a number goes on in its series", () => {
    const objects = NAMES.map((name, index) =>
      listed(name, {
        created: addDays(NOW, index * 10 - 100),
        tags: {
          changed: addDays(NOW, index * 10 - 100)
            .toISOString()
            .slice(0, 10),
          ticket: `CHG${1000 + index * 100}`,
        },
      }),
    );
    for (const { attributes } of many(vaultOf(objects))) {
      expect(attributes.tags?.changed).toBe("2026-03-02");
      expect(Number(attributes.tags?.ticket?.slice(3))).toBeGreaterThanOrEqual(1500);
      expect(Number(attributes.tags?.ticket?.slice(3))).toBeLessThan(2200);
    }
  });

  test("nothing of a certificate's companions, and never their disabled state", () => {
    const objects = [
      ...NAMES.map((name) => listed(name)),
      listed("wildcard-site", { managed: true, contentType: "application/x-pkcs12", tags: { by: "acme" } }),
    ];
    for (const { attributes } of many(vaultOf(objects))) expect(attributes).toEqual({ notBefore: false });
  });

  test("keys are made as the others are, and never with a content type", () => {
    const key = { type: "EC", curve: "P-384" };
    const objects = [
      ...NAMES.map((name) => listed(name, { contentType: "x" })),
      listed("tide-sealing", { kind: "key", key }),
      listed("reef-sealing", { kind: "key", key }),
    ];
    for (const { kind, attributes } of many(vaultOf(objects), { kind: "key" })) {
      expect(kind).toBe("key");
      expect(attributes).toEqual({ notBefore: false, key });
    }
  });
});

describe("expiry", () => {
  const expiring = (days: number) =>
    vaultOf(NAMES.map((name) => listed(name, { expires: addDays(listed(name).created, days) })));

  test("a usual term is copied and renewed before it ends", () => {
    for (const { attributes, history } of many(expiring(180))) {
      expect(attributes.expiresInDays).toBe(180);
      expect(history.versions.length).toBeGreaterThanOrEqual(2);
    }
  });

  test("a short one is lengthened, and without renewal none is set", () => {
    for (const { attributes } of many(expiring(30)))
      expect(attributes.expiresInDays).toBeGreaterThanOrEqual(SHORTEST_TERM_DAYS);
    for (const { attributes } of many(expiring(180), { history: false }))
      expect(attributes.expiresInDays).toBeUndefined();
  });
});

describe("history", () => {
  const rotating = (days: number, together: boolean) =>
    vaultOf(
      NAMES.map((name, index) => {
        const start = addDays(NOW, -days * 5 - (together ? 0 : index * 3.3));
        const versions = Array.from({ length: 5 }, (_, round) => addDays(start, round * days));
        return listed(name, { created: versions.at(-1) ?? NOW, versions });
      }),
    );

  test("goes on at the neighbours' rhythm", () => {
    const offsets = planHistory(rotating(60, false), NOW, seeded(4)).versions.map((offset) => offset / 86_400_000);
    expect(offsets.length).toBe(6);
    for (const [index, day] of offsets.entries()) expect(Math.abs(day - 60 * (index + 1))).toBeLessThan(1);
  });

  test("comes in the rounds in which the others are renewed", () => {
    const vault = rotating(60, true);
    const last = vault.objects[0]?.created ?? NOW;
    const { versions, withRounds } = planHistory(vault, NOW, seeded(4));
    const [first = 0] = versions;
    expect(withRounds).toBe(true);
    const sinceRound = daysBetween(last, new Date(NOW.getTime() + first)) % 60;
    expect(Math.min(sinceRound, 60 - sinceRound)).toBeLessThan(5);
  });

  test("there is none where nothing is ever renewed", () => {
    expect(planHistory(vaultOf(NAMES.map((name) => listed(name))), NOW, seeded(1))).toEqual({
      versions: [],
      withRounds: false,
    });
  });
});

test("the moment lies in the window, at hours and on days on which the vault was changed", () => {
  const monday = new Date("2025-06-02T09:00:00Z");
  const objects = NAMES.map((name, index) => listed(name, { created: addDays(monday, index * 7) }));
  for (let seed = 0; seed < 100; seed++) {
    const { notBefore, at, afterAdditionMinutes } = planMoment(
      vaultOf(objects),
      { from: NOW, until: addDays(NOW, 60) },
      seeded(seed),
    );
    expect(daysBetween(NOW, notBefore)).toBeGreaterThanOrEqual(0);
    expect(daysBetween(NOW, at)).toBeGreaterThanOrEqual(0);
    expect(daysBetween(NOW, at)).toBeLessThan(64);
    expect(at.getUTCDay() % 6).not.toBe(0);
    expect(at.getUTCHours()).toBe(9);
    expect(afterAdditionMinutes).toBeUndefined();
  }
});

test("hours lie between and about the vault's own, and every place among them is taken", () => {
  const hours = [8, 9, 10, 15];
  const objects = hours.map((hour, index) =>
    listed(NAMES[index] ?? "", { created: new Date(Date.UTC(2025, 5, 2 + index * 7, hour)) }),
  );
  const window = { from: NOW, until: addDays(NOW, 60) };
  const places = Array.from({ length: 200 }, (_, seed) => {
    const { at } = planMoment(vaultOf(objects), window, seeded(seed));
    const hour = at.getUTCHours() + at.getUTCMinutes() / 60;
    expect(hour).toBeGreaterThan(5);
    expect(hour).toBeLessThan(18);
    return hours.filter((other) => other < hour).length;
  });
  for (const place of [0, 1, 2, 3, 4])
    expect(places.filter((each) => each === place).length, `place ${place}`).toBeGreaterThan(15);
});

test("first words that several names share are avoided until the log shows that nobody selects by them", () => {
  const objects = ["tide-db-pin", "tide-mq-seed", "tide-api-pin", "reef-db-seed", "reef-mq-pin"].map((name) =>
    listed(name),
  );
  const heads = (wish: object) => new Set(many(vaultOf(objects), wish).map(({ name }) => name.split("-")[0]));
  const guessed = heads({});
  expect(guessed.has("tide") || guessed.has("reef")).toBe(false);
  expect([...heads({ readersKnown: true })]).toEqual(expect.arrayContaining(["tide", "reef"]));
  expect(heads({ readersKnown: true, selectedBy: ["tide-"] }).has("tide")).toBe(false);
});

test("an administrator's keyword stands in each name", () => {
  const vault = vaultOf(NAMES.map((name) => listed(name)));
  for (const { name } of many(vault, { keywords: ["treasury"] })) expect(name).toContain("treasury");
});
