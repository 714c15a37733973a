import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SHORTEST_TERM_DAYS } from "./attributes";
import { addDays, daysBetween, type ListedObject, type VaultPicture } from "./picture";
import { type DecoyProposal, historyAmong, proposeDecoy } from "./propose";
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
        const due = proposal.history?.next.due;
        if (due !== undefined) expect(due.getTime()).toBeGreaterThanOrEqual(addDays(NOW, -4).getTime());
        if (term !== undefined && history) expect(due && due < addDays(NOW, term)).toBe(true);
        expect(proposal.history === undefined).toBe(!history);
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
      expect(history?.next.due).toBeUndefined();
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

  test("the type that their sort has, also where a word that all share ends each name", () => {
    const subjects = ["orders", "freight", "mail", "atlas", "lynx", "heron", "tide"];
    const objects = subjects.flatMap((subject, index) => [
      ...(index % 3 === 0 ? [] : [listed(`${subject}-pin-uat`, { contentType: "text/plain" })]),
      ...(index % 3 === 1 ? [] : [listed(`${subject}-seed-uat`)]),
    ]);
    const told = many(vaultOf(objects), { readersKnown: true }).filter(({ name }) => /-(pin|seed)-/.test(name));
    expect(told.length).toBeGreaterThan(30);
    for (const { name, attributes } of told)
      expect(attributes.contentType, name).toBe(name.includes("-pin-") ? "text/plain" : undefined);
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

  test("a number goes on after the greatest, also where what has a small one was renewed last", () => {
    const objects = NAMES.map((name, index) =>
      listed(name, {
        created: addDays(NOW, index === 0 ? -1 : index * 10 - 100),
        tags: { ticket: `CHG${1000 + index * 100}` },
      }),
    );
    const last = 1000 + (NAMES.length - 1) * 100;
    for (const { attributes } of many(vaultOf(objects)))
      expect(Number(attributes.tags?.ticket?.slice(3))).toBeGreaterThanOrEqual(last);
  });

  test("a number is not far beyond the greatest where all was renewed lately and the vault is old", () => {
    const objects = NAMES.map((name, index) =>
      listed(name, { created: addDays(NOW, index - 20), tags: { ticket: `CHG${1000 + index * 100}` } }),
    );
    const last = 1000 + (NAMES.length - 1) * 100;
    for (const { attributes } of many({ ...vaultOf(objects), since: addDays(NOW, -400) })) {
      const number = Number(attributes.tags?.ticket?.slice(3));
      expect(number).toBeGreaterThan(last);
      expect(number).toBeLessThan(last + 40);
    }
  });

  test("what most of the vault share is no number of a series", () => {
    const objects = NAMES.map((name) => listed(name, { tags: { center: "CC40210" } }));
    for (const { attributes } of many(vaultOf(objects))) expect(attributes.tags).toEqual({ center: "CC40210" });
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
      expect(history?.next.due && history.next.due < addDays(NOW, 180)).toBe(true);
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
  const at = (days: number) => addDays(NOW, -days);
  const aged = (ages: readonly number[]): VaultPicture =>
    vaultOf(
      NAMES.map((name, index) => listed(name, { created: at(ages[index] ?? 0), versions: [at(ages[index] ?? 0)] })),
    );
  const plans = (vault: VaultPicture, alike: readonly number[]) =>
    Array.from({ length: 40 }, (_, seed) => {
      const sort = alike.flatMap((index) => vault.objects[index] ?? []);
      return historyAmong(vault, sort, { created: NOW, validDays: undefined }, seeded(seed)).next;
    });

  test("goes on at the rhythm that the log shows of the neighbours, on the dot where they are", () => {
    const rotating = vaultOf(
      NAMES.map((name, index) => {
        const versions = [70, 40, 10].map((days) => at(days - index * 1.7));
        return listed(name, { created: versions.at(-1) ?? NOW, versions });
      }),
    );
    for (const { due, withRounds } of plans(rotating, [0, 1, 2])) {
      expect(Math.abs(daysBetween(NOW, due ?? NOW) - 30)).toBeLessThan(0.01);
      expect(withRounds).toBe(false);
    }
  });

  test("a round that the log no longer shows is seen in the list: who took part does again", () => {
    const vault = aged([140, 140.01, 140.02, 140.01, 300, 20]);
    expect(plans(vault, [0, 1]).every(({ withRounds }) => withRounds)).toBe(true);
    expect(plans(vault, [4]).some(({ withRounds }) => withRounds)).toBe(false);
    // What came after the round does as the others did: four of five.
    const taking = plans(vault, [5]).filter(({ withRounds }) => withRounds).length;
    expect(taking).toBeGreaterThan(20);
    expect(taking).toBeLessThan(40);
  });

  test("nothing is due where nothing was seen to be renewed", () => {
    for (const next of plans(aged([400, 320, 250, 170, 90, 15]), [0, 1]))
      expect(next).toEqual({ due: undefined, withRounds: false, expected: undefined });
  });
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
