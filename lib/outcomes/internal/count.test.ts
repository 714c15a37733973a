import { expect, test } from "vitest";
import { csvFields, type OutcomeFigures } from "../outcomes.pure";
import {
  benignTouches,
  burntDecoys,
  type CountedAlert,
  decoyDays,
  per100,
  provenFigures,
  type Stand,
} from "./count.pure";

const NOW = new Date("2026-11-30T00:00:00Z");
const DAY = 24 * 60 * 60 * 1000;
const ago = (days: number) => new Date(NOW.getTime() - days * DAY);
const stand = (change: Partial<Stand> = {}): Stand => ({
  tokenKey: "v/secrets/a",
  vaultId: "v",
  from: ago(100),
  until: undefined,
  ...change,
});
const alert = (change: Partial<CountedAlert> = {}): CountedAlert => ({
  caller: "somebody",
  touches: 1,
  tokenKeys: ["v/secrets/a"],
  excepted: false,
  classifications: [],
  ...change,
});

test("decoy-days are counted from when a decoy came, until it went, within the window", () => {
  const stands = [
    stand(),
    stand({ from: ago(10) }),
    stand({ from: ago(50), until: ago(25) }),
    stand({ from: ago(50), until: ago(40) }),
    stand({ from: ago(-1) }),
  ];
  expect(decoyDays(stands, ago(30), NOW)).toBe(30 + 10 + 5);
});

test("benign are touches that were excepted or closed as benign or false; drills, true and open ones are not", () => {
  const alerts = [
    alert({ classifications: ["BenignPositive"], touches: 3 }),
    alert({ classifications: ["FalsePositive"], touches: 2 }),
    alert({ excepted: true, touches: 5 }),
    alert({ excepted: true, classifications: ["BenignPositive"], touches: 7 }),
    alert({ classifications: ["TruePositive"], touches: 100 }),
    alert({ excepted: true, classifications: ["TruePositive"], touches: 100 }),
    alert({ classifications: ["BenignPositive", "TruePositive"], touches: 100 }),
    alert({ classifications: ["Undetermined"], touches: 100 }),
    alert({ touches: 100 }),
    alert({ caller: "drill", classifications: ["BenignPositive"], touches: 100 }),
    alert({ caller: undefined, classifications: ["BenignPositive"], touches: 11 }),
  ];
  expect(benignTouches(alerts, "drill")).toBe(3 + 2 + 5 + 7 + 11);
});

test("a rate over nothing, or of what is not known, is unknown and not zero", () => {
  expect(per100(3, 1_000)).toBe(0.3);
  expect(per100(0, 10)).toBe(0);
  expect(per100(3, 0)).toBeNull();
  expect(per100(null, 10)).toBeNull();
});

test("a decoy is burnt once however often it was truly touched, and may still stand", () => {
  const truly = { classifications: ["TruePositive"] };
  const alerts = [alert(truly), alert(truly), alert({ ...truly, tokenKeys: ["v/secrets/b", "v/secrets/c"] }), alert()];
  const stands = [stand(), stand({ tokenKey: "v/secrets/b", until: ago(1) })];
  expect(burntDecoys(alerts, stands)).toEqual({ decoys: 3, standing: 1 });
});

test("only protected vaults are counted; the oldest unproven one is so since its proof ended or its decoy came", () => {
  const vaults = [
    { vaultId: "a", state: "protected", provenAt: ago(3) },
    { vaultId: "b", state: "protected", provenAt: ago(31) },
    { vaultId: "c", state: "protected", provenAt: undefined },
    { vaultId: "d", state: "unprotected", provenAt: undefined },
    { vaultId: "e", state: "unknown", provenAt: ago(1) },
  ];
  const stands = [
    stand({ vaultId: "c", from: ago(40) }),
    stand({ vaultId: "c", from: ago(20) }),
    stand({ vaultId: "d" }),
  ];
  expect(provenFigures(vaults, stands, NOW, 30)).toEqual({
    proven: { protectedVaults: 3, provenVaults: 1, unknownVaults: 1, percent: 33.33 },
    oldestUnproven: { vaultId: "c", since: ago(40).toISOString() },
  });
  expect(provenFigures([], [], NOW, 30)).toMatchObject({ proven: { percent: null }, oldestUnproven: null });
});

test("an exported day says what is unknown", () => {
  const figures: OutcomeFigures = {
    proven: { protectedVaults: 0, provenVaults: 0, unknownVaults: 2, percent: null },
    timeToAlert: { drills: 1, p50: 4_500, p95: null },
    benign: { touches: null, decoyDays: 12.5, per100DecoyDays: null },
    oldestUnproven: null,
    burnt: { decoys: null, standing: null },
    problems: ["The log workspace did not answer."],
  };
  expect(csvFields({ day: "2026-11-30", countedAt: NOW.toISOString(), figures }).join("|")).toBe(
    "2026-11-30|2026-11-30T00:00:00.000Z|0|0|2|unknown|1|4.5|unknown|unknown|12.5|unknown|none||unknown|unknown|The log workspace did not answer.",
  );
});
