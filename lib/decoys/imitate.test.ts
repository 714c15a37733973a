import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tooNear } from "./distance";
import { imitate, type Manner } from "./imitate";
import { readingOf } from "./parts";
import { checkName } from "./safety";
import { seeded } from "./testing/seeded";

const LIVE = [
  "sea-tide-hook-pin-uat",
  "sea-tide-seed-uat",
  "sea-reef-seed-uat",
  "sea-reef-hook-pin-uat",
  "sea-cove-seed-uat",
  "sea-lagoon-hook-pin-02-uat",
  "sea-nightly-reef-seed-03-uat",
];
const SIBLINGS = [
  "land-dune-seed",
  "land-ridge-seed",
  "land-moor-seed",
  "land-fell-hook-pin",
  "land-dune-hook-pin",
  "land-nightly-moor-hook-pin",
  "land-fell-ticket-west",
  "land-ridge-ticket-west",
  "land-moor-ticket",
];

function mannerOf(rest: Partial<Manner> = {}): Manner {
  const live = rest.live ?? LIVE;
  const base = { live, models: live, siblings: SIBLINGS, softDeleted: [], elsewhere: new Set<string>(), keywords: [] };
  return { ...base, readersKnown: true, ...rest };
}

function made(manner: Manner, count = 80): string[] {
  return Array.from({ length: count }, (_, seed) => {
    const name = imitate(manner, seeded(seed));
    if (name === undefined) throw new Error(`no name for seed ${seed}`);
    return name;
  });
}

describe("a name is read", () => {
  const reading = readingOf(LIVE, SIBLINGS);
  const rolesOf = (name: string) => reading.own(name).map(({ key, role }) => `${role} ${key}`);

  test("as conventions, subject, sort and number", () => {
    expect(rolesOf("sea-tide-seed-uat")).toEqual(["fixed sea", "subject tide", "sort seed", "fixed uat"]);
    expect(rolesOf("sea-lagoon-hook-pin-02-uat")).toEqual([
      "fixed sea",
      "subject lagoon",
      "sort hook pin",
      "number 02",
      "fixed uat",
    ]);
  });

  test("with what stands before the subject apart from it", () => {
    expect(rolesOf("sea-nightly-reef-seed-03-uat").slice(1, 4)).toEqual(["other nightly", "subject reef", "sort seed"]);
  });

  test("with a subject for what it is, also where it stood once alone and once behind another word", () => {
    const { own } = readingOf(["tide-seed", "core-tide-seed", "reef-seed", "cove-pin", "bay-pin", "fjord-pin"], []);
    expect(own("core-tide-seed").map(({ key, role }) => `${role} ${key}`)).toEqual([
      "other core",
      "subject tide",
      "sort seed",
    ]);
  });

  test("from its end, where the names of a vault begin with what they are and only other vaults' end with it", () => {
    const first = ["seed-tide", "seed-reef", "seed-cove-west", "hook-pin-bay", "hook-pin-fjord", "ticket-lagoon"];
    const { own } = readingOf(first, SIBLINGS);
    const roles = (name: string) => own(name).map(({ key, role }) => `${role} ${key}`);
    expect(roles("seed-cove-west")).toEqual(["sort seed", "subject cove", "other west"]);
    expect(roles("hook-pin-fjord")).toEqual(["sort hook pin", "subject fjord"]);
    expect(roles("ticket-lagoon")).toEqual(["sort ticket", "subject lagoon"]);
  });

  test("by what other vaults show where it has few names, their conventions told apart vault by vault", () => {
    const families = [
      ["dune-seed-uat", "ridge-ticket-uat", "moor-seed-uat", "fell-ticket-uat"],
      ["marsh-ticket", "dune-seed-west", "nightly-ridge-seed", "fen-ticket-west"],
    ];
    const { own, others } = readingOf(["bay-ticket", "cove-seed-west"], families.flat(), families);
    const read = (parts: ReturnType<typeof own>) => parts.map(({ key, role }) => `${role} ${key}`);
    expect(read(own("cove-seed-west"))).toEqual(["subject cove", "sort seed", "other west"]);
    expect(read(others("ridge-ticket-uat"))).toEqual(["subject ridge", "sort ticket", "fixed uat"]);
  });

  test("with what all of two or three names end with as a convention, unless other vaults show it for a sort", () => {
    const siblings = ["dune-seed", "ridge-seed", "moor-pin", "fell-pin", "dune-pin", "fell-hook-west"];
    const rolesIn = (names: string[]) => {
      const { own } = readingOf(names, siblings);
      return own(names[0] ?? "").map(({ key, role }) => `${role} ${key}`);
    };
    expect(rolesIn(["tide-seed-perf", "reef-pin-perf"])).toEqual(["subject tide", "sort seed", "fixed perf"]);
    expect(rolesIn(["tide-seed", "reef-seed"])).toEqual(["subject tide", "sort seed"]);
  });

  test("not at all where no word of another vault's name is known for a sort", () => {
    expect(reading.others("plain-words")).toEqual([]);
    expect(reading.others("land-moor-seed").map(({ role }) => role)).toContain("sort");
  });

  test("back into the same name", () => {
    for (const name of LIVE)
      expect(
        reading
          .own(name)
          .map(({ joint, texts }) => joint + texts.join("-"))
          .join(""),
      ).toBe(name);
  });
});

describe("a made name", () => {
  test("keeps the vault's conventions and says one subject and one sort", () => {
    for (const name of made(mannerOf())) expect(name).toMatch(/^sea-([a-z]+-){1,2}(seed|hook-pin|ticket)-(\d\d-)?uat$/);
  });

  test("now and then has a subject that only the siblings know, and mostly one of the vault's", () => {
    const known = /tide|reef|cove|lagoon/;
    const own = made(mannerOf()).filter((name) => known.test(name)).length;
    expect(own).toBeGreaterThan(25);
    expect(own).toBeLessThan(78);
  });

  test("has a number within those of the vault", () => {
    const numbers = made(mannerOf(), 200).flatMap((name) => name.match(/\d+/)?.[0] ?? []);
    expect(new Set(numbers)).toEqual(new Set(["02", "03"]));
  });

  test("leaves a number alone that is always the same", () => {
    const live = ["tide-oauth-2-pin", "reef-oauth-2-pin", "cove-oauth-2-seed", "bay-pin", "bay-seed"];
    for (const name of made(mannerOf({ live, models: live }))) if (/\d/.test(name)) expect(name).toContain("2");
  });

  test("is written as the vault writes, also where a sort of two words comes in", () => {
    const live = ["TideSeed", "ReefSeed", "CoveHookPin", "BaySeed", "BayHookPin"];
    for (const name of made(mannerOf({ live, models: live }))) expect(name).toMatch(/^([A-Z][a-z]+)+$/);
    const upper = live.map((name) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toUpperCase());
    for (const name of made(mannerOf({ live: upper, models: upper }))) expect(name).toMatch(/^[A-Z]+(-[A-Z]+)+$/);
  });

  test("says whole words where they are run together", () => {
    const live = ["heron", "reef", "lagoon", "orchard", "glacier"].flatMap((subject) => [
      `sea${subject}ticketuat`,
      `sea${subject}seedvalueuat`,
    ]);
    const siblings = ["wharf-ticket", "orchard-ticket", "ridge-seedvalue", "meadow-seedvalue", "wharf-seedvalue"];
    for (const name of made(mannerOf({ live: live.slice(1, -1), models: live.slice(1, -1), siblings })))
      expect(name).toMatch(/^sea(heron|reef|lagoon|orchard|glacier|wharf|ridge|meadow)(ticket|seedvalue)uat$/);
  });

  test("takes after what follows the section where all names are sections, without being one", () => {
    const live = ["Mail--TideSeed", "Mail--ReefSeed", "Log--CoveHookPin", "Log--BayHookPin"];
    for (const name of made(mannerOf({ live, models: live }))) {
      expect(name).not.toContain("--");
      expect(name).toMatch(/(Seed|HookPin|Ticket)$/);
    }
  });

  test("of a key is of a sort that keys have", () => {
    const live = [...LIVE, "sea-tide-wrapping-uat", "sea-reef-wrapping-uat"];
    for (const name of made(mannerOf({ live, models: live.slice(-2) }))) expect(name).toContain("wrapping");
  });
});

const word = fc.stringMatching(/^[a-z]{3,7}$/);
const names = (min: number) =>
  fc.uniqueArray(
    fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.constantFrom("-", "--", ""))
      .map(([parts, joint]) => parts.join(joint)),
    { minLength: min, maxLength: 14 },
  );

test("in any vault: the name passes the check, is near no live one and no deleted one, and comes from nowhere else", () => {
  fc.assert(
    fc.property(
      names(1),
      names(0),
      names(0),
      fc.boolean(),
      fc.nat(),
      (live, softDeleted, siblings, readersKnown, seed) => {
        const elsewhere = new Set(siblings);
        const manner = { live, models: live, siblings, softDeleted, elsewhere, keywords: [], readersKnown };
        const name = imitate(manner, seeded(seed));
        if (name === undefined) return;
        expect(checkName(name, manner)).toEqual({ ok: true });
        expect(live.filter((other) => tooNear(other, name))).toEqual([]);
        expect(softDeleted.map((other) => other.replaceAll("-", ""))).not.toContain(
          name.replaceAll("-", "").toLowerCase(),
        );
        expect(elsewhere.has(name.toLowerCase())).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});
