import type { Dice } from "./dice";
import { drawHabits, type Habits, type KeyType, workingTime } from "./habits";
import { drawManner, drawVocabulary, drawWording, type Manner, type Vocabulary, type Wording, written } from "./naming";

/** One object of a vault with all that will ever happen to it. Times are days; day 0 is the start of planting. */
export interface Item {
  name: string;
  kind: "secret" | "key";
  /** Made by a certificate, which lists a secret and a key of its own name. */
  managed: boolean;
  contentType: string | undefined;
  tags: Record<string, string> | undefined;
  keyType: KeyType | undefined;
  notBefore: boolean;
  versions: { at: number; expires: number | undefined }[];
  /** Changes of metadata that make no version. */
  touched: readonly number[];
  disabledFrom: number;
  gone: number;
  /** Undefined for what a scheme under test planted. */
  wording: Wording | undefined;
}

export interface Vault {
  team: number;
  manner: Manner;
  habits: Habits;
  items: Item[];
  /** Moments at which the vault's own people added something. */
  additions: number[];
  rounds: number[];
}

export interface Estate {
  vocabulary: Vocabulary;
  vaults: Vault[];
}

/** How long a vault lives on after day 0: planting takes up to half a year and the oldest look is as long after it. */
const HORIZON = 400;
/** About the middle of the days on which somebody looks half a year after planting. */
const LOOKED_AT = 210;
/** Age of the oldest vaults on day 0, days. */
export const OLDEST = 640;

/**
 * An estate of several teams with `vaultCount` vaults that stand on day 0 and about a third as many that come later:
 * an estate grows steadily, up to two and a half years old at the end.
 */
export function drawEstate(dice: Dice, vaultCount: number): Estate {
  const vocabulary = drawVocabulary(dice, 5);
  const houses = vocabulary.teams.map((_, index) => dice.fork(`house ${index}`));
  const later = Math.round((vaultCount * LOOKED_AT) / OLDEST);
  const vaults = Array.from({ length: vaultCount + later }, (_, index) => {
    const team = index % vocabulary.teams.length;
    const own = vocabulary.teams[team];
    const house = houses[team];
    if (own === undefined || house === undefined) throw new Error("An estate has teams.");
    for (;;) {
      const age = index < vaultCount ? dice.between(8, OLDEST) : -dice.between(0, LOOKED_AT);
      const vault = drawVault(dice, team, age, { manner: drawManner(dice, vocabulary, own, house), house });
      if (isUsual(vault, index < vaultCount)) return vault;
    }
  });
  return { vocabulary, vaults };
}

function isUsual(vault: Vault, stands: boolean): boolean {
  const alive = (day: number) => vault.items.filter((item) => isListed(item, day));
  const ends = alive(LOOKED_AT).length;
  return ends <= 60 && (!stands || (ends >= 3 && alive(0).filter(({ managed }) => !managed).length >= 2));
}

/** When its first version was made. */
export function birthOf({ versions }: Item): number {
  return versions[0]?.at ?? Number.POSITIVE_INFINITY;
}

export function isListed(item: Item, day: number): boolean {
  return birthOf(item) <= day && item.gone > day;
}

/**
 * A vault has a tempo of its own: how old it is, how fast it grows and how often it renews belong together, so that no
 * vault by itself tells what half a year is.
 */
function drawVault(dice: Dice, team: number, age: number, { manner, house }: { manner: Manner; house: Dice }): Vault {
  const size = dice.logBetween(5, 56);
  const habits = drawHabits(dice, Math.max(150, age + LOOKED_AT));
  const { phase, period } = habits.rotation;
  const rounds: number[] = [];
  for (let day = -age + phase; day < HORIZON; day += period * dice.between(0.95, 1.05))
    rounds.push(workingTime(dice, habits.clock, day));
  const vault: Vault = { team, manner, habits, items: [], additions: [], rounds };
  const certificates = dice.chance(0.15) ? 0.12 : 0;
  for (const { day, count } of drawAdditions(dice, habits, { size, age }, house)) {
    let at = workingTime(dice, habits.clock, day);
    if (at >= HORIZON) continue;
    vault.additions.push(at);
    let wording: Wording | undefined;
    for (let index = 0; index < count; index++) {
      const item = drawItem(dice, vault, at, wording);
      wording = dice.chance(0.6) ? item.wording : undefined;
      if (dice.chance(certificates)) vault.items.push(...certificateOf(dice, item));
      else vault.items.push(item);
      at += pauseAtOnce(dice, habits);
    }
    if (dice.chance(habits.follow)) {
      vault.items.push(drawItem(dice, vault, at + latePause(dice), wording));
    }
  }
  return vault;
}

/** Days of additions, in busy and quiet times of the vault and of its team. */
function drawAdditions(dice: Dice, habits: Habits, { size, age }: { size: number; age: number }, house: Dice) {
  const busy = house.fork("busy");
  const shared = Array.from({ length: 100 }, () => busy.logBetween(0.7, 1.4));
  const blocks: { from: number; days: number; weight: number }[] = [];
  const length = (age + HORIZON) / 8;
  for (let from = -age; from < HORIZON; from += length) {
    const days = Math.min(length, HORIZON - from);
    const month = (Math.floor(from / 30) + 1000) % shared.length;
    blocks.push({ from, days, weight: days * (shared[month] ?? 1) * dice.logBetween(0.7, 1.4) });
  }
  const mass = blocks.reduce((sum, { weight }) => sum + weight, 0);
  const perEvent = 1 + habits.company * 1.3 + habits.follow;
  // A third of all objects goes again, so somewhat more are made than stay.
  const count = Math.max(1, Math.round(((size - 1) * 1.2 * (age + HORIZON)) / habits.tempo / perEvent));
  const days = Array.from({ length: count }, () => {
    const block = weighted(blocks, dice.between(0, mass));
    return (block?.from ?? 0) + dice.between(0, block?.days ?? 1);
  });
  return [-age, ...days.sort((a, b) => a - b)].map((day) => ({
    day,
    count: objectsAtOnce(dice, habits),
  }));
}

/** How many objects one addition brings. */
export function objectsAtOnce(dice: Dice, { company }: Habits): number {
  return dice.chance(company) ? dice.one([2, 2, 3]) : 1;
}

/** Days between two objects of one addition: minutes where people make them, seconds where a pipeline does. */
export function pauseAtOnce(dice: Dice, { clock }: Habits): number {
  return clock.nightly === undefined ? dice.logBetween(0.5, 25) / 1440 : dice.between(1, 20) / 86_400;
}

/** Days after an addition at which something comes late. */
export function latePause(dice: Dice): number {
  return dice.logBetween(5, 300) / 1440;
}

/** The block in which `at` of the summed weights falls. */
function weighted<T extends { weight: number }>(blocks: readonly T[], at: number): T | undefined {
  let left = at;
  for (const block of blocks) {
    left -= block.weight;
    if (left <= 0) return block;
  }
  return blocks[0];
}

/** A new object of the vault as its people make them, born at `at`. */
export function drawItem(dice: Dice, vault: Vault, at: number, mate?: Wording): Item {
  const { manner, habits } = vault;
  const kind = dice.chance(habits.keyShare) ? "key" : "secret";
  const used = vault.items.flatMap(({ wording, versions }) =>
    wording !== undefined && (versions[0]?.at ?? 0) < at ? [wording.subject] : [],
  );
  const taken = new Set(vault.items.map(({ name }) => name.toLowerCase()));
  let wording = drawWording(dice, manner, kind, used);
  let name = "";
  for (let tries = 0; name === "" || taken.has(name.toLowerCase()); tries++) {
    wording = drawWording(dice, manner, kind, tries < 20 ? used : []);
    if (mate !== undefined && tries < 10) wording = { ...mate, sort: wording.sort };
    if (tries > 40) wording = { ...wording, number: dice.whole(1, 99) };
    name = written(dice, manner, kind, wording);
  }
  const term = habits.term(wording, dice);
  return {
    name,
    kind,
    managed: false,
    contentType: kind === "secret" ? habits.contentType(wording, dice) : undefined,
    tags: habits.tags(wording, at, dice),
    keyType: kind === "key" ? dice.one(habits.keyTypes) : undefined,
    notBefore: dice.chance(habits.notBefore),
    versions: drawVersions(dice, vault, at, wording, term).map((each) => ({
      at: each,
      expires: term === undefined ? undefined : each + term,
    })),
    touched: dice.chance(0.12) ? [at + dice.between(0, 300)] : [],
    disabledFrom: dice.chance(0.05) ? at + dice.between(20, 600) : Number.POSITIVE_INFINITY,
    gone: dice.chance(0.35) ? at + 2 + dice.exponential(1.5 * vault.habits.tempo) : Number.POSITIVE_INFINITY,
    wording,
  };
}

function drawVersions(dice: Dice, vault: Vault, born: number, wording: Wording, term: number | undefined): number[] {
  const { rotation, clock } = vault.habits;
  const times = [born];
  const manner = rotation.takesPart(wording) ? rotation.manner : "never";
  const add = (at: number) => {
    if (at < HORIZON + 1) times.push(at);
  };
  if (manner === "together") {
    for (const round of vault.rounds) if (round > born + 5 && dice.chance(0.92)) add(round + dice.between(0, 0.01));
  } else if (manner === "each its own") {
    for (let at = born + rotation.period; at < HORIZON; at += rotation.period) add(at + dice.between(0, 0.003));
  } else if (manner === "by hand" || (term !== undefined && dice.chance(0.7))) {
    const usual = manner === "by hand" ? rotation.period : Math.max(30, (term ?? 0) - 20);
    const spread = manner === "by hand" ? 1.6 : 1.05;
    for (let at = born; at < HORIZON; ) {
      at += usual * dice.logBetween(1 / spread, spread);
      add(workingTime(dice, clock, at));
    }
  }
  return times.sort((a, b) => a - b);
}

/** The secret and the key that a certificate lists under its own name. */
export function certificateOf(dice: Dice, like: Item): Item[] {
  const born = like.versions[0]?.at ?? 0;
  const versions: Item["versions"] = [];
  for (let at = born; at < HORIZON; at += 335) versions.push({ at, expires: at + 365 });
  const common = { ...like, managed: true, versions, notBefore: true, gone: Number.POSITIVE_INFINITY, touched: [] };
  return [
    {
      ...common,
      kind: "secret",
      contentType: dice.chance(0.8) ? "application/x-pkcs12" : "application/x-pem-file",
      keyType: undefined,
    },
    { ...common, kind: "key", contentType: undefined, keyType: { type: "RSA", size: 2048, curve: undefined } },
  ];
}
